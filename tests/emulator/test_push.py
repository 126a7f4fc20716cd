"""Pushing over /v2, as docker and its like do."""

import json

from acr_emulator import Emulator, Options
from acr_emulator.attributes import attributes
from acr_emulator.bodies import digest_of
from acr_emulator.media import OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST
from tests.emulator.http import Client, basic, serving
from tests.emulator.seeds import new_registry

UPLOADS = "/v2/shop/web/blobs/uploads/"
CONFIG = b'{"architecture":"arm64","os":"linux"}'
LAYER = b"layer" * 100


async def push_blob(client: Client, content: bytes) -> str:
    """Upload a blob in two pieces: its digest."""
    begun = await client.send("POST", UPLOADS)
    location = begun.headers["Location"]
    await client.send("PATCH", location, body=content[:10])
    digest = digest_of(content)
    done = await client.send("PUT", f"{location}?digest={digest}", body=content[10:])
    assert (done.status, done.headers["Docker-Content-Digest"]) == (201, digest)
    return digest


def manifest(**more: object) -> bytes:
    """A manifest of CONFIG and LAYER."""
    config = {"mediaType": OCI_CONFIG, "digest": digest_of(CONFIG), "size": len(CONFIG)}
    layer = {"mediaType": OCI_LAYER, "digest": digest_of(LAYER), "size": len(LAYER)}
    return json.dumps({"schemaVersion": 2, "config": config, "layers": [layer], **more}).encode()


async def put(client: Client, body: bytes, reference: str, media_type: str = OCI_MANIFEST) -> int:
    """Push a manifest: the status."""
    headers = basic() | {"Content-Type": media_type}
    path = f"/v2/shop/web/manifests/{reference}"
    return (await client.send("PUT", path, headers=headers, body=body)).status


async def test_a_pushed_image_is_there_as_pushed() -> None:
    """Bytes, type, size, platform, tag."""
    async with serving(Emulator(new_registry())) as client:
        for content in (CONFIG, LAYER):
            await push_blob(client, content)
        body = manifest()
        assert await put(client, body, "v1") == 201
        got = await client.get("/v2/shop/web/manifests/v1")
        listed = (await client.get("/acr/v1/shop/web/_manifests")).json["manifests"][0]
        assert (got.body, got.headers["Content-Type"]) == (body, OCI_MANIFEST)
        assert listed["imageSize"] == len(body) + len(CONFIG) + len(LAYER)
        assert (listed["architecture"], listed["os"]) == ("arm64", "linux")
        assert listed["tags"] == ["v1"]


async def test_a_head_tells_length_and_digest() -> None:
    """Of a manifest and of a blob, without their bytes."""
    registry = new_registry()
    pushed = registry.push("shop/web", b'{"a":1}', media_type=OCI_MANIFEST, tags=["v1"])
    async with serving(Emulator(registry)) as client:
        blob = await push_blob(client, LAYER)
        head = await client.send("HEAD", "/v2/shop/web/manifests/v1")
        blob_head = await client.send("HEAD", f"/v2/shop/web/blobs/{blob}")
        assert (head.body, head.headers["Content-Length"]) == (b"", "7")
        assert head.headers["Docker-Content-Digest"] == pushed.digest
        assert (blob_head.body, blob_head.headers["Content-Length"]) == (b"", "500")


async def test_a_blob_comes_back_if_its_content_is_held() -> None:
    """A blob known by its size alone answers HEAD only."""
    registry = new_registry()
    registry.push("shop/web", manifest(), media_type=OCI_MANIFEST)
    async with serving(Emulator(registry)) as client:
        path = f"/v2/shop/web/blobs/{digest_of(LAYER)}"
        assert (await client.get(path)).code == "BLOB_UNKNOWN"
        assert (await client.send("HEAD", path)).headers["Content-Length"] == "500"
        await push_blob(client, LAYER)
        assert (await client.get(path)).body == LAYER


async def test_a_blob_can_be_uploaded_at_once_or_mounted() -> None:
    """One POST does both."""
    async with serving(Emulator(new_registry())) as client:
        digest = digest_of(LAYER)
        whole = await client.send("POST", f"{UPLOADS}?digest={digest}", body=LAYER)
        mounted = await client.send(
            "POST", f"/v2/other/blobs/uploads/?mount={digest}&from=shop/web"
        )
        unknown = await client.send("POST", f"{UPLOADS}?mount=sha256:00&from=x")
        assert (whole.status, mounted.status, unknown.status) == (201, 201, 202)


async def test_wrong_digests_and_unknown_uploads_are_refused() -> None:
    """Nothing is stored under a digest that is not its own."""
    async with serving(Emulator(new_registry())) as client:
        begun = await client.send("POST", UPLOADS)
        location = begun.headers["Location"]
        wrong = await client.send("PUT", f"{location}?digest={digest_of(b'x')}", body=LAYER)
        unknown = await client.send("PATCH", f"{UPLOADS}unknown", body=LAYER)
        assert (wrong.status, wrong.code) == (400, "DIGEST_INVALID")
        assert (unknown.status, unknown.code) == (404, "BLOB_UPLOAD_UNKNOWN")
        assert await put(client, b"{}", digest_of(b"x")) == 400
        assert await put(client, b"no json", "v1") == 400


async def test_what_a_manifest_names_must_be_there() -> None:
    """Blobs and children; a subject may be missing."""
    async with serving(Emulator(new_registry())) as client:
        assert await put(client, manifest(), "v1") == 404
        child = json.dumps({"manifests": [{"digest": "sha256:00"}]}).encode()
        assert await put(client, child, "v1", OCI_INDEX) == 404
        orphan = json.dumps({"subject": {"digest": "sha256:00"}}).encode()
        assert await put(client, orphan, digest_of(orphan)) == 201


async def test_whether_blobs_must_be_there_is_a_choice() -> None:
    """Seeding may skip them."""
    async with serving(Emulator(new_registry(), Options(require_blobs=False))) as client:
        assert await put(client, manifest(), "v1") == 201


async def test_a_write_lock_refuses_pushes() -> None:
    """Of blobs and manifests."""
    registry = new_registry()
    registry.push("shop/web", b"{}", media_type=OCI_MANIFEST)
    registry.set_attributes("shop/web", attributes(write=False))
    async with serving(Emulator(registry)) as client:
        assert (await client.send("POST", UPLOADS)).status == 405
        assert await put(client, b'{"a":1}', "v1") == 405
