"""Scenario files."""

import pytest

from acr_emulator import Emulator, Registry, Scenario, ScenarioError
from acr_emulator.bodies import digest_of
from acr_emulator.media import DOCKER_LIST, OCI_INDEX, OCI_MANIFEST, ORAS_ARTIFACT, Platform
from acr_emulator.repository import Manifest
from acr_emulator.times import format_time
from tests.emulator.http import serving

WEB = "shop/web"
HEX = "1" * 64


def registry(images: str) -> Registry:
    """The registry of one repository with these images (YAML, in one line each)."""
    lines = "".join(f"      - {line}\n" for line in images.strip().splitlines())
    text = f"now: 2026-01-15T12:00:00Z\nrepositories:\n  shop/web:\n    images:\n{lines}"
    return Scenario.parse(text).registry()


def tagged(place: Registry, tag: str) -> Manifest:
    """The manifest behind a tag."""
    return place.manifest(WEB, tag)


def children(place: Registry, manifest: Manifest) -> list[Manifest]:
    """The children of an index."""
    return [place.manifest(WEB, child.digest) for child in manifest.facts.children]


def test_a_plain_image() -> None:
    """One manifest for linux/amd64, now, with its tags as they are written."""
    place = registry("{tags: [v1, 1.10, 007]}")
    manifest = tagged(place, "1.10")
    assert set(manifest.tags) == {"v1", "1.10", "007"}
    assert manifest.media_type == OCI_MANIFEST
    assert manifest.platform == Platform(architecture="amd64", os="linux")
    assert format_time(manifest.updated) == "2026-01-15T12:00:00Z"


def test_ages_and_times() -> None:
    """Of images and tags, counted back from now."""
    place = registry(
        "{tags: [{name: a, age: 1d}, b], age: 3d}\n{tags: [c], time: 2025-01-01T00:00:00.5Z}"
    )
    assert format_time(tagged(place, "a").updated) == "2026-01-12T12:00:00Z"
    assert format_time(place.tag(WEB, "a").updated) == "2026-01-14T12:00:00Z"
    assert place.tag(WEB, "b").updated == tagged(place, "b").updated
    assert format_time(place.tag(WEB, "c").updated) == "2025-01-01T00:00:00.5Z"


@pytest.mark.parametrize(("family", "kind"), [("oci", OCI_INDEX), ("docker", DOCKER_LIST)])
def test_several_platforms_make_an_index(family: str, kind: str) -> None:
    """With a child each, in their order."""
    place = registry(f"{{tags: [v1], type: {family}, platforms: [linux/amd64, linux/arm/v7]}}")
    manifest = tagged(place, "v1")
    assert manifest.media_type == kind
    assert [str(it.platform) for it in manifest.facts.children] == ["linux/amd64", "linux/arm/v7"]
    assert all(not child.tags for child in children(place, manifest))


def test_attestations_are_children_that_name_the_child_they_are_about() -> None:
    """As BuildKit makes them: of unknown platform, annotated in the index."""
    place = registry("{tags: [v1], platforms: [linux/amd64, linux/arm64], attestations: true}")
    index = tagged(place, "v1")
    amd, arm, *attestations = children(place, index)
    assert [it.platform for it in attestations] == [
        Platform(architecture="unknown", os="unknown")
    ] * 2
    for digest in (amd.digest, arm.digest):
        assert f'"vnd.docker.reference.digest":"{digest}"'.encode() in index.body


def test_signatures_in_both_schemes() -> None:
    """A tag made of the digest, or a subject."""
    place = registry("{tags: [v1], signed: [cosign, referrer], sbom: [cosign]}")
    digest = tagged(place, "v1").digest
    tags = set(place.repositories[WEB].tags)
    stem = digest.replace(":", "-")
    assert tags == {"v1", f"{stem}.sig", f"{stem}.sbom"}
    assert len(place.repositories[WEB].referrers[digest]) == 1


def test_indexes_and_subjects_refer_by_id_tag_or_digest() -> None:
    """Nested and shared children, referrers of any shape, what is missing."""
    place = registry(
        "{id: a}\n{id: b, tags: [b]}\n"
        "{id: inner, index: [a, b]}\n"
        f"{{tags: [outer], index: [inner, a, 'sha256:{HEX}']}}\n"
        "{id: ref, subject: b, type: oras, artifact_type: text/x}\n"
        "{id: ref-of-ref, subject: ref, index: [a]}"
    )
    outer = tagged(place, "outer")
    assert [child.digest for child in outer.facts.children][2] == f"sha256:{HEX}"
    referrers = place.repositories[WEB].referrers
    (oras,) = referrers[tagged(place, "b").digest]
    assert place.manifest(WEB, oras).media_type == ORAS_ARTIFACT
    (index,) = referrers[oras]
    assert place.manifest(WEB, index).media_type == OCI_INDEX


def test_locks() -> None:
    """Of the repository, of an image, of a tag; words or lists of words."""
    text = (
        "repositories: {shop/web: {lock: write, images: "
        "[{lock: [delete, list], tags: [{name: v1, lock: all}]}]}}"
    )
    place = Scenario.parse(text).registry()
    assert not place.repositories[WEB].attributes.write
    manifest = tagged(place, "v1").attributes
    assert (manifest.delete, manifest.write, manifest.list) == (False, True, False)
    tag = place.tag(WEB, "v1").attributes
    assert not any((tag.delete, tag.write, tag.read, tag.list))


def test_layers_are_shared_by_name() -> None:
    """Two images on one base name the same blob."""
    place = registry(
        "{tags: [a], layers: [{size: 10MiB, shared: base}, 1kB]}\n"
        "{tags: [b], layers: [{size: 10MiB, shared: base}, 5]}"
    )
    (_, base_a, own_a), (_, base_b, own_b) = (
        tagged(place, name).facts.blobs for name in ("a", "b")
    )
    assert base_a.digest == base_b.digest
    assert [base_a.size, own_a.size, own_b.size] == [10 << 20, 1_000, 5]
    assert own_a.digest != own_b.digest


def test_every_body_has_its_true_digest() -> None:
    """Unless a digest is given, content is addressed by what it is."""
    platforms = "platforms: [linux/amd64, linux/arm64]"
    place = registry(f"{{tags: [v1], {platforms}, attestations: true, signed: [referrer]}}")
    for digest, manifest in place.repositories[WEB].manifests.items():
        assert digest_of(manifest.body) == digest


def test_low_level_manifests_can_lie_and_go_in_circles() -> None:
    """Bytes, digest and fields as they are written; ids stand for digests."""
    other = "2" * 64
    text = f"""
repositories:
  shop/web:
    manifests:
      - id: x
        digest: sha256:{HEX}
        media_type: {OCI_INDEX}
        body: '{{"manifests":[{{"digest":"${{y}}"}}]}}'
        override: {{lastUpdateTime: soon, imageSize: 7}}
        omit: [mediaType]
        attributes: {{quarantineState: Passed}}
      - id: y
        digest: sha256:{other}
        body: '{{"manifests":[{{"digest":"${{x}}"}}]}}'
        get_status: 404
        tags: [{{name: odd, omit: [changeableAttributes]}}]
"""
    place = Scenario.parse(text).registry()
    x, y = place.manifest(WEB, f"sha256:{HEX}"), place.manifest(WEB, "odd")
    assert x.facts.children[0].digest == y.digest
    assert y.facts.children[0].digest == x.digest
    assert x.quirks is not None
    assert x.quirks.override == {"lastUpdateTime": "soon", "imageSize": 7}
    assert y.quirks is not None
    assert y.quirks.get_status == 404


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("foo: 1", "foo: Extra inputs"),
        ("repositories: {r: {images: [{tag: v1}]}}", "repositories.r.images.0.tag: Extra"),
        ("repositories: {r: {images: [{age: 3}]}}", "images.0.age: Value error, not an age"),
        ("repositories: {r: {images: [{age: 1d, time: 2026-01-15T12:00:00Z}]}}", "not both"),
        ("repositories: {r: {images: [{lock: [frozen]}]}}", "not a lock: 'frozen'"),
        ("repositories: {r: {images: [{platforms: [arm64]}]}}", "not a platform"),
        ("repositories: {r: {images: [{layers: [large]}]}}", "not a size"),
        ("repositories: {r: {images: [{subject: nobody}]}}", "nothing here is called 'nobody'"),
        ("options: {speedy: 1}", "options.speedy"),
        ("options: {sku: gold}", "options.sku"),
        ("semantics: {cascade: 1}", "semantics.cascade"),
        ("faults: [{statuss: 1}]", "faults.0.statuss"),
        ("events: [{actions: [{do: advance, by: 1s}]}]", "exactly one of"),
        ("events: [{before: {}, actions: [{do: explode}]}]", "events.0.actions.0"),
        ("a: [", "expected"),
        ("a: 1\na: 2", "duplicate"),
    ],
)
def test_mistakes_are_named_with_their_place(text: str, problem: str) -> None:
    """Nothing unknown or malformed passes."""
    with pytest.raises(ScenarioError) as error:
        Scenario.parse(text).registry()
    assert problem in str(error.value)


def test_all_mistakes_are_named_at_once() -> None:
    """Not only the first."""
    with pytest.raises(ScenarioError) as error:
        Scenario.parse("foo: 1\nnow: today")
    assert len(error.value.problems) == 2


def test_the_same_scenario_gives_the_same_digests() -> None:
    """Nothing in it is left to chance."""
    first, second = (registry("{tags: [v1], platforms: [linux/amd64, linux/s390x]}") for _ in "ab")
    assert tagged(first, "v1").body == tagged(second, "v1").body


async def test_events_and_faults_happen_while_it_is_served() -> None:
    """Before a request, after one, when the clock has passed a time; each once."""
    text = """
now: 2026-01-15T12:00:00Z
repositories:
  shop/web:
    images: [{id: a, tags: [v1]}, {id: b, tags: [v2]}]
faults: [{kind: ping, times: 1, status: 503}]
events:
  - before: {number: 2}
    actions:
      - {do: retag, repository: shop/web, tag: v1, to: b}
      - {do: lock, repository: shop/web, tag: v2, lock: delete}
      - {do: push, repository: shop/web, tags: [v3]}
  - after: {number: 3}
    actions: [{do: delete, repository: shop/web, tag: v3}, {do: advance, by: 1h}]
  - in: 30m
    actions: [{do: delete, repository: shop/web, manifest: a}]
"""
    emulator = Emulator.of(Scenario.parse(text))
    place = emulator.registry.repositories[WEB]
    a, b = place.tags["v1"].digest, place.tags["v2"].digest
    async with serving(emulator) as client:
        assert (await client.get("/v2/")).status == 503
        assert place.tags["v1"].digest == a
        assert (await client.get("/v2/")).status == 200
        assert place.tags["v1"].digest == b
        assert place.tags["v2"].attributes.locked
        assert (await client.get("/acr/v1/shop/web/_tags/v3")).status == 200
        assert set(place.tags) == {"v1", "v2"}
        assert a in place.manifests
        await client.get("/v2/")
        assert a not in place.manifests
        emulator.registry.push(WEB, b"{}", media_type=None, digest=a)
        await client.get("/v2/")
        assert a in place.manifests
