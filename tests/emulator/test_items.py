"""Single items: addresses, PATCH, DELETE, and hostile answers."""

import pytest

from acr_emulator import Emulator, Quirks, Registry
from acr_emulator.attributes import attributes
from tests.emulator.http import serving
from tests.emulator.seeds import image, index, new_registry

WEB = "shop/web"
LOCKED = b'{"deleteEnabled":false}'


@pytest.mark.parametrize(
    "path",
    [
        "/acr/v1/shop%2Fweb",
        "/acr/v1/shop/web",
        "/acr/v1/shop%2fweb/_tags/v1",
        "/acr/v1/shop/web/_tags/v1",
        "/acr/v1/shop%2Fweb/_manifests/{digest}",
        "/acr/v1/shop/web/_manifests/v1",
        "/v2/shop%2Fweb/manifests/{encoded}",
        "/v2/shop/web/manifests/v1",
        "/v2/shop/web/tags/list",
        "/v2/shop/web/referrers/{encoded}",
    ],
)
async def test_addresses_are_read_plain_and_encoded(path: str) -> None:
    """A slash may come as %2F, a colon as %3A."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1"])
    encoded = digest.replace(":", "%3A")
    async with serving(Emulator(registry)) as client:
        answer = await client.get(path.format(digest=digest, encoded=encoded))
        assert answer.status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/acr/v1/", 404),
        ("GET", "/v2/shop/web", 404),
        ("PUT", "/acr/v1/shop/web", 405),
        ("DELETE", "/acr/v1/shop/web/_tags", 405),
        ("DELETE", "/v2/shop/web/manifests/v1", 405),
        ("GET", "/acr/v1/shop/web/_manifests/sha256:00", 404),
        ("GET", "/v2/shop/web/manifests/v9", 404),
        ("GET", "/v2/nowhere/referrers/sha256:00", 404),
        ("GET", "/acr/v1/nowhere", 404),
    ],
)
async def test_what_does_not_exist_is_refused(method: str, path: str, status: int) -> None:
    """Neither unknown addresses nor unknown methods do anything; tags are not deleted by /v2."""
    registry = new_registry()
    image(registry, "a", tags=["v1"])
    async with serving(Emulator(registry)) as client:
        answer = await client.send(method, path)
        assert answer.status == status
        assert answer.code
        assert "v1" in registry.repositories[WEB].tags


@pytest.mark.parametrize("item", ["", "/_tags/v1", "/_manifests/{digest}"])
async def test_a_patch_changes_what_it_names_and_answers_the_whole(item: str) -> None:
    """Switches that are not named stay; null counts as not named."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1"])
    path = "/acr/v1/shop%2Fweb" + item.format(digest=digest)
    async with serving(Emulator(registry)) as client:
        await client.send("PATCH", path, body=b'{"readEnabled":false}')
        answer = await client.send(
            "PATCH", path, body=b'{"deleteEnabled":false,"listEnabled":null}'
        )
        document = answer.json
        for key in ("tag", "manifest"):
            document = document.get(key, document)
        assert document["changeableAttributes"] == {
            "deleteEnabled": False,
            "writeEnabled": True,
            "readEnabled": False,
            "listEnabled": True,
        }


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'{"deleteEnabled":"no"}'])
async def test_a_patch_must_be_an_object_of_booleans(body: bytes) -> None:
    """Anything else changes nothing."""
    registry = new_registry()
    image(registry, "a", tags=["v1"])
    async with serving(Emulator(registry)) as client:
        answer = await client.send("PATCH", "/acr/v1/shop/web/_tags/v1", body=body)
        assert answer.status == 400


async def test_a_lock_holds_over_http_until_it_is_lifted() -> None:
    """405 while locked, 202 after."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1"])
    path = "/acr/v1/shop/web/_tags/v1"
    async with serving(Emulator(registry)) as client:
        await client.send("PATCH", path, body=LOCKED)
        refused = await client.send("DELETE", path)
        assert (refused.status, refused.code) == (405, "REGISTRY_DISALLOWED_OPERATION")
        await client.send("PATCH", path, body=b'{"deleteEnabled":true}')
        done = await client.send("DELETE", path)
        assert (done.status, done.headers["X-Ms-Int-Docker-Content-Digest"]) == (202, digest)


async def test_deleting_a_repository_tells_what_went() -> None:
    """Manifests and tags, both sorted."""
    registry = new_registry()
    digests = sorted([image(registry, "a", tags=["z", "b"]), image(registry, "b")])
    async with serving(Emulator(registry)) as client:
        answer = await client.send("DELETE", "/acr/v1/shop%2Fweb")
        assert answer.status == 202
        assert answer.json == {"manifestsDeleted": digests, "tagsDeleted": ["b", "z"]}
        assert (await client.get("/acr/v1/shop%2Fweb")).code == "NAME_UNKNOWN"


async def test_the_repository_counts_its_items() -> None:
    """As the single GET of a repository shows them."""
    registry = new_registry()
    image(registry, "a", tags=["v1", "v2"])
    async with serving(Emulator(registry)) as client:
        document = (await client.get("/acr/v1/shop%2Fweb")).json
        assert (document["manifestCount"], document["tagCount"]) == (1, 2)


async def test_referrers_are_told_as_an_index_and_filtered() -> None:
    """Direct referrers only; the type is the artifact's or the configuration's."""
    registry = new_registry()
    subject = image(registry, "a")
    body = b'{"artifactType":"text/sbom","subject":{"digest":"%s"}}' % subject.encode()
    sbom = registry.push(WEB, body, media_type="application/x").digest
    signature = image(registry, "sig", subject=subject)
    image(registry, "countersig", subject=signature)
    path = f"/v2/shop/web/referrers/{subject}"
    async with serving(Emulator(registry)) as client:
        every = await client.get(path)
        one = await client.get(f"{path}?artifactType=text/sbom")
        assert {it["digest"] for it in every.json["manifests"]} == {sbom, signature}
        assert [it["digest"] for it in one.json["manifests"]] == [sbom]
        assert one.headers["OCI-Filters-Applied"] == "artifactType"


@pytest.mark.parametrize("locked", ["tag", "manifest", "repository"])
async def test_read_locks_refuse_pulls_and_nothing_else(locked: str) -> None:
    """The bytes are not given, the metadata is."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1"])
    named = {"tag": {"tag": "v1"}, "manifest": {"digest": digest}, "repository": {}}[locked]
    registry.set_attributes(WEB, attributes(read=False), **named)
    async with serving(Emulator(registry)) as client:
        assert (await client.get("/v2/shop/web/manifests/v1")).status == 405
        assert (await client.get("/acr/v1/shop/web/_manifests/v1")).status == 200


def hostile(quirks: Quirks) -> Registry:
    """A registry with one image that is not as it should be."""
    registry = new_registry()
    digest = image(registry, "a", tags=["v1"])
    registry.manifest(WEB, digest).quirks = quirks
    registry.tag(WEB, "v1").quirks = quirks
    return registry


async def test_fields_can_be_missing_or_wrong() -> None:
    """In lists and single GETs, of tags and manifests."""
    quirks = Quirks(
        omit=frozenset({"changeableAttributes", "digest"}),
        override={"lastUpdateTime": "yesterday"},
    )
    async with serving(Emulator(hostile(quirks))) as client:
        documents = [
            (await client.get("/acr/v1/shop/web/_tags")).json["tags"][0],
            (await client.get("/acr/v1/shop/web/_tags/v1")).json["tag"],
            (await client.get("/acr/v1/shop/web/_manifests")).json["manifests"][0],
            (await client.get("/acr/v1/shop/web/_manifests/v1")).json["manifest"],
        ]
        for document in documents:
            assert "changeableAttributes" not in document
            assert "digest" not in document
            assert document["lastUpdateTime"] == "yesterday"


@pytest.mark.parametrize(("status", "code"), [(404, "MANIFEST_UNKNOWN"), (500, "UNKNOWN")])
async def test_a_listed_manifest_can_be_unreadable(status: int, code: str) -> None:
    """It stands in the list and its bytes do not come."""
    async with serving(Emulator(hostile(Quirks(get_status=status)))) as client:
        answer = await client.get("/v2/shop/web/manifests/v1")
        assert (answer.status, answer.code) == (status, code)


async def test_bytes_can_differ_from_their_digest() -> None:
    """Either the digest lies or the bytes do."""
    async with serving(Emulator(hostile(Quirks(get_body=b"garbage")))) as client:
        assert (await client.get("/v2/shop/web/manifests/v1")).body == b"garbage"


async def test_indexes_can_list_each_other() -> None:
    """A circle needs digests that lie; its references are told as they stand in the bytes."""
    registry = new_registry()
    pair = ("sha256:" + "a" * 64, "sha256:" + "b" * 64)
    for own, other in (pair, pair[::-1]):
        body = b'{"manifests":[{"digest":"%s"}]}' % other.encode()
        media_type = "application/vnd.oci.image.index.v1+json"
        registry.push(WEB, body, media_type=media_type, digest=own)
    async with serving(Emulator(registry)) as client:
        answer = await client.get(f"/acr/v1/shop/web/_manifests/{pair[0]}")
        assert [it["digest"] for it in answer.json["manifest"]["references"]] == [pair[1]]


async def test_the_size_of_an_index_is_its_own_and_its_childrens() -> None:
    """Children that are not there count nothing."""
    registry = new_registry()
    child = image(registry, "a")
    digest = index(registry, child, "sha256:missing")
    manifests = registry.repositories[WEB].manifests
    own = len(manifests[digest].body)
    assert manifests[digest].size == own + manifests[child].size
