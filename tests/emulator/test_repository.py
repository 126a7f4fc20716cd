"""A repository keeps itself consistent, whatever is done to it."""

from hypothesis import given
from hypothesis import strategies as st

from acr_emulator import Registry
from acr_emulator.repository import Repository
from tests.emulator.seeds import NOW, image, new_registry

WEB = "shop/web"
NAMES = st.sampled_from(["a", "b", "c", "d"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["push", "tag", "untag", "delete"]), NAMES, NAMES, st.integers(0, 9)),
    max_size=25,
)


def check(place: Repository) -> None:
    """Every order tells exactly what is there, and tags and manifests agree."""
    assert list(place.tags_by_name.ascending(None)) == sorted(place.tags)
    assert list(place.manifests_by_digest.ascending(None)) == sorted(place.manifests)
    assert list(place.tags_by_time.ascending(None)) == sorted(
        (tag.updated, name) for name, tag in place.tags.items()
    )
    assert list(place.manifests_by_time.descending(None)) == sorted(
        ((it.updated, digest) for digest, it in place.manifests.items()), reverse=True
    )
    for digest, manifest in place.manifests.items():
        pointing = {name for name, tag in place.tags.items() if tag.digest == digest}
        assert set(manifest.tags) == pointing
        assert len(manifest.tags) == len(pointing)
    assert all(tag.digest in place.manifests for tag in place.tags.values())


def perform(registry: Registry, step: tuple[str, str, str, int]) -> None:
    """Do one step, if what it needs is there."""
    action, name, content, seconds = step
    place = registry.repositories[WEB]
    match action:
        case "push":
            image(registry, content, tags=[name], at=NOW + seconds)
        case "tag":
            digests = sorted(place.manifests)
            registry.set_tag(WEB, name, digests[seconds % len(digests)], at=NOW + seconds)
        case "untag" if name in place.tags:
            registry.delete_tag(WEB, name)
        case "delete" if len(place.manifests) > 1 and name in place.tags:
            registry.delete_manifest(WEB, place.tags[name].digest)
        case _:
            pass


@given(STEPS)
def test_orders_tags_and_manifests_agree_after_every_step(
    steps: list[tuple[str, str, str, int]],
) -> None:
    """Orders that were read before a change show it in the next reading."""
    registry = new_registry()
    image(registry, "first")
    for step in steps:
        perform(registry, step)
        check(registry.repositories[WEB])
