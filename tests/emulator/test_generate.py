"""Generated registries."""

import gc

import pytest

from acr_emulator import Registry
from acr_emulator.bodies import digest_of
from acr_emulator.generate import Shape, Size, generate
from acr_emulator.media import INDEX_TYPES
from acr_emulator.times import TICKS_PER_SECOND
from acr_emulator.usage import usage
from tests.emulator.seeds import NOW, image, index, new_registry

DAY = 86_400 * TICKS_PER_SECOND
SIZES = [
    (Shape.MIXED, 2_000),
    (Shape.FLAT, 500),
    (Shape.PAIRS, 500),
    (Shape.ALIASES, 500),
    (Shape.INDEXES, 200),
    (Shape.DANGLING, 200),
]


def made(shape: Shape, tags: int, *, seed: int = 7, now: int = NOW) -> Registry:
    """A generated registry."""
    return generate(shape, seed=seed, size=Size(tags=tags), now=now)


@pytest.mark.parametrize(("shape", "tags"), SIZES)
def test_bodies_sizes_and_facts_are_true(shape: Shape, tags: int) -> None:
    """Every body hashes to its digest, and what the registry notes stands in the body."""
    for place in made(shape, tags).repositories.values():
        for digest, manifest in place.manifests.items():
            facts = manifest.facts
            listed = [place.manifests[child.digest] for child in facts.children]
            assert digest_of(manifest.body) == digest
            assert facts.subject == manifest.subject
            assert manifest.size == len(manifest.body) + sum(it.size for it in facts.blobs) + sum(
                child.size for child in listed
            )
            assert bool(listed) == (manifest.media_type in INDEX_TYPES)
            assert all(c.size == len(it.body) for c, it in zip(facts.children, listed, strict=True))


@pytest.mark.parametrize(("shape", "tags"), SIZES)
def test_it_has_exactly_the_asked_tags(shape: Shape, tags: int) -> None:
    """Signature tags and aliases count as well."""
    assert usage(made(shape, tags)).tags == tags


@pytest.mark.parametrize(
    ("shape", "manifests"),
    [(Shape.FLAT, 300), (Shape.PAIRS, 200), (Shape.ALIASES, 100), (Shape.DANGLING, 600)],
)
def test_tags_per_manifest(shape: Shape, manifests: int) -> None:
    """A regular shape has as many manifests for its tags as it says."""
    assert usage(made(shape, 300)).manifests == manifests


def test_regular_repositories_are_alike() -> None:
    """As many as are asked for, of one size as far as the number of tags allows."""
    size = Size(tags=17, repositories=5)
    registry = generate(Shape.INDEXES, seed=7, size=size, now=NOW)
    assert sorted(len(place.tags) for place in registry.repositories.values()) == [3, 3, 3, 4, 4]
    digests = [digest for place in registry.repositories.values() for digest in place.manifests]
    assert len(set(digests)) == len(digests) == 51


@pytest.mark.parametrize(("shape", "tags"), SIZES)
def test_the_seed_decides_everything_but_the_times(shape: Shape, tags: int) -> None:
    """Same seed, same content, at any time; another seed, other content."""

    def content(registry: Registry) -> dict[str, object]:
        return {
            name: (
                {tag: it.digest for tag, it in place.tags.items()},
                {digest: it.attributes for digest, it in place.manifests.items()},
            )
            for name, place in registry.repositories.items()
        }

    reference = content(made(shape, tags))
    assert content(made(shape, tags, now=NOW + DAY)) == reference
    assert content(made(shape, tags, seed=8)) != reference


def test_a_seed_gives_the_same_registry_on_every_machine_and_python() -> None:
    """What was measured with a seed can be measured again."""
    lines = sorted(
        f"{name}:{tag}@{it.digest}"
        for name, place in made(Shape.MIXED, 300).repositories.items()
        for tag, it in place.tags.items()
    )
    digest = digest_of("\n".join(lines).encode())
    assert digest == "sha256:aeed86e275c3d47ac9820550d326259ac3910307fc26bb25022e28aef059e30c"


def test_a_mixed_registry_has_everything_that_makes_purging_hard() -> None:
    """Indexes, nested and shared children, signatures of both schemes, locks, leftovers."""
    places = made(Shape.MIXED, 5_000).repositories.values()
    manifests = [it for place in places for it in place.manifests.values()]
    parents: dict[str, int] = {}
    nested = 0
    for place in places:
        for manifest in place.manifests.values():
            for child in manifest.facts.children:
                parents[child.digest] = parents.get(child.digest, 0) + 1
                nested += place.manifests[child.digest].media_type in INDEX_TYPES
    subjects = [(place, it) for place in places for it in place.referrers]
    orphans = [it for place, it in subjects if it not in place.manifests]
    assert nested
    assert max(parents.values()) > 1
    assert orphans
    assert len(orphans) < len(subjects)
    assert any(name.startswith("sha256-") for place in places for name in place.tags)
    assert any(it.attributes.locked for it in manifests)
    assert any(tag.attributes.locked for place in places for tag in place.tags.values())
    assert any(len(it.tags) > 1 for it in manifests)
    assert any(not it.tags and it.digest not in parents for it in manifests)
    assert len({it.media_type for it in manifests}) == 4


def test_ages_lie_between_the_newest_and_the_oldest() -> None:
    """So that a benchmark can say what is old."""
    size = Size(tags=300, oldest=60 * DAY, newest=40 * DAY)
    registry = generate(Shape.MIXED, seed=1, size=size, now=NOW)
    ages = [NOW - tag.updated for it in registry.repositories.values() for tag in it.tags.values()]
    assert min(ages) >= 40 * DAY - 2 * TICKS_PER_SECOND
    assert max(ages) <= 60 * DAY


def test_the_number_of_repositories_can_be_chosen() -> None:
    """Otherwise it follows from the tags."""
    few = generate(Shape.MIXED, seed=1, size=Size(tags=400, repositories=40), now=NOW)
    assert len(few.repositories) == 40
    assert len(made(Shape.MIXED, 2_000).repositories) == 8


def test_collection_of_garbage_is_on_again() -> None:
    """Generating switches it off for a while only."""
    made(Shape.FLAT, 10)
    assert gc.isenabled()


def test_usage_counts_shared_content_once() -> None:
    """A blob or manifest in two places is stored once."""
    registry = new_registry()
    body = b'{"layers":[{"digest":"sha256:aa","size":1000}]}'
    longer = b'{"layers":[{"digest":"sha256:aa","size":1000}] }'
    for repository, content in (("a", body), ("b", body), ("b", longer)):
        registry.push(repository, content, media_type=None)
    total = usage(registry)
    assert (total.manifests, total.bytes) == (3, len(body) + len(longer) + 1_000)


def test_usage_follows_what_is_deleted() -> None:
    """What no manifest names is not counted."""
    registry = new_registry()
    kept = image(registry, "a")
    registry.delete_manifest("shop/web", index(registry, kept))
    assert usage(registry).bytes == len(registry.manifest("shop/web", kept).body)
