"""The model has the defects that were found in the program."""

from dataclasses import replace

import pytest

from purge_core.model import Lock, Unread
from tests.builders import (
    DELETE_LOCKED,
    NOW,
    ORAS,
    WRITE_LOCKED,
    days,
    image,
    index,
    referrer,
    repository,
)
from tests.parity.acr_purge_model import Purged, acr_purge
from tests.parity.words import BOTH, DANGLING, digests, numbered, run, tags_of


@pytest.mark.parametrize("lock", [DELETE_LOCKED, WRITE_LOCKED])
@pytest.mark.parametrize("tags", [["v1"], []])
def test_b1_locked_index_loses_its_children(lock: Lock, tags: list[str]) -> None:
    """B1: a locked index, tagged or not, is gutted."""
    amd64, arm64 = image("amd64"), image("arm64")
    gutted = index("idx", amd64, arm64, tags=tags, lock=lock)
    assert run(DANGLING, gutted).manifests == digests(amd64, arm64)
    everything = run(replace(DANGLING, include_locked=True), gutted)
    assert everything.manifests == (digests() if tags else digests(gutted, amd64, arm64))


def test_b2_index_shaped_referrer_goes_and_its_children_stay() -> None:
    """B2: exactly backwards."""
    subject, child = image("subject", tags=["v1"]), image("child", platform=None)
    signatures = index("signatures", child, subject=subject)
    assert run(DANGLING, signatures).manifests == digests(signatures)
    assert not run(DANGLING, index("empty", subject=subject)).manifests


def test_b3_keep_takes_the_children_of_the_kept_index() -> None:
    """B3: keep 1 of {amd64, arm64, index} leaves a broken index."""
    amd64, arm64 = image("amd64", age=days(12)), image("arm64", age=days(11))
    idx = index("idx", amd64, arm64, age=days(10))
    assert run(replace(DANGLING, keep=1), idx).manifests == digests(amd64, arm64)


def test_b4_oras_artifact_goes_though_its_image_lives() -> None:
    """B4: an ORAS artifact's subject is never looked at."""
    artifact = referrer(image("app", tags=["v1"]), media_type=ORAS)
    assert run(DANGLING, artifact).manifests == digests(artifact)


def test_b5_nested_index_that_is_gone_ends_the_run() -> None:
    """B5: the tags are gone by then, the manifests stay."""
    nested = index("nested", image("amd64"))
    top = index("top", nested, tags=["v1"])
    flags = replace(BOTH, filters=("shop:old",))
    old = image("old", tags=["old"])
    state = repository("shop", top, old, absent=[nested])
    purged = acr_purge(state, flags, NOW, lists_elsewhere={nested.digest})
    assert purged.error is not None
    assert (tags_of(purged), purged.manifests) == (["old"], frozenset())
    listed = repository("shop", top, unread={nested.digest: Unread.GONE})
    assert acr_purge(listed, flags, NOW).error is not None


def test_missing_child_image_is_no_error() -> None:
    """A missing child that is no index is never asked for."""
    child = image("amd64")
    state = repository("shop", index("top", child, tags=["v1"]), absent=[child])
    assert acr_purge(state, DANGLING, NOW) == Purged()


def test_top_level_index_that_is_gone_is_passed_over() -> None:
    """A 404 on a listed index at the top is no error, and protects nothing."""
    child = image("amd64")
    top = index("top", child, tags=["v1"])
    assert run(DANGLING, top, unread={top.digest: Unread.GONE}).manifests == digests(child)


@pytest.mark.parametrize("why", [Unread.FAILED, Unread.GARBAGE])
@pytest.mark.parametrize("tags", [["v1"], []])
def test_unreadable_manifest_ends_the_run(why: Unread, tags: list[str]) -> None:
    """A body that cannot be read, of a protected index or of a candidate, ends the run."""
    top = index("top", image("amd64"), tags=tags)
    purged = run(DANGLING, top, unread={top.digest: why})
    assert purged.error is not None
    assert not purged.manifests


@pytest.mark.parametrize("untagged_only", [True, False])
def test_b10_keep_counts_manifests_once_more(*, untagged_only: bool) -> None:
    """B10: the same keep leaves two dangling manifests for ever."""
    made = [image(f"i{n}", age=days(10 + n)) for n in range(5)]
    flags = replace(DANGLING if untagged_only else BOTH, keep=2)
    assert run(flags, *made).manifests == digests(*made[2:])


def test_keep_breaks_ties_by_digest() -> None:
    """Of manifests of one time, those of the lower digest stay."""
    made = sorted((image(f"i{n}") for n in range(3)), key=lambda m: m.digest)
    assert run(replace(DANGLING, keep=1), *made).manifests == digests(*made[1:])


def test_untagged_takes_what_loses_its_last_tag() -> None:
    """Tags first, then the manifests that have none left."""
    made = numbered(days(2), days(3))
    purged = run(BOTH, *made)
    assert tags_of(purged) == ["v0", "v1"]
    assert purged.manifests == digests(*made)


def test_cyclic_indexes_terminate() -> None:
    """Indexes that list each other, which no honest registry holds, end the search."""
    a, b = index("a", tags=["v1"]), index("b")
    state = repository("shop", a, b)
    bodies = {
        a.digest: replace(a.body, children=(b.digest,)),
        b.digest: replace(b.body, children=(a.digest,)),
    }
    assert acr_purge(replace(state, bodies=bodies), DANGLING, NOW) == Purged()


def test_body_that_is_not_known_is_refused() -> None:
    """The model never guesses what a body names."""
    state = replace(repository("shop", image("a")), bodies={})
    with pytest.raises(ValueError, match="not known"):
        acr_purge(state, DANGLING, NOW)
