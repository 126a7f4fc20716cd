"""The model deletes the dangling manifests that the program was seen to delete."""

from dataclasses import replace

import pytest

from purge_core.instants import DAY, Span
from purge_core.model import Lock, TagName, Unread
from tests.builders import (
    DELETE_LOCKED,
    DOCKER_IMAGE,
    DOCKER_LIST,
    LOCKED,
    NOW,
    OCI_ARTIFACT,
    OCI_IMAGE,
    ODD,
    WRITE_LOCKED,
    image,
    index,
    minutes,
    referrer,
    repository,
)
from tests.parity.acr_purge_model import Flags, acr_purge
from tests.parity.words import DANGLING, digests, run, tags_of


def test_manifest_exactly_at_the_cutoff_goes() -> None:
    """Manifests stay when strictly newer than the cutoff: unlike tags, equality goes."""
    at, young = image("at", age=DAY), image("young", age=Span(DAY - 1))
    assert run(DANGLING, at, young).manifests == digests(at)


def test_untagged_only_without_age_takes_what_was_pushed_just_now() -> None:
    """Children of a push in flight go."""
    child = image("amd64", age=minutes(0))
    assert run(Flags(untagged_only=True), child).manifests == digests(child)


def test_manifest_without_a_time_stays() -> None:
    """A missing time protects, and protects children."""
    child = image("amd64")
    assert not run(DANGLING, index("idx", child, age=None)).manifests


def test_tagged_and_young_indexes_protect_their_children() -> None:
    """What a tagged or young index lists stays, through nested indexes too."""
    amd64, arm64, lone = image("amd64"), image("arm64"), image("lone")
    nested = index("nested", arm64)
    tagged = index("tagged", amd64, nested, tags=["v1"])
    young = index("young", image("riscv"), age=minutes(5), media_type=DOCKER_LIST)
    assert run(DANGLING, tagged, young, lone).manifests == digests(lone)


def test_shared_child_stays_with_the_tagged_index() -> None:
    """A child of a dangling and of a tagged index stays."""
    shared, own = image("shared"), image("own")
    old = index("old", shared, own)
    tagged = index("tagged", shared, tags=["v1"])
    assert run(DANGLING, old, tagged).manifests == digests(old, own)


def test_young_child_survives_its_deleted_index() -> None:
    """Children are candidates of their own."""
    young = image("young", age=minutes(5))
    idx = index("idx", young)
    assert run(DANGLING, idx).manifests == digests(idx)


@pytest.mark.parametrize("media_type", [DOCKER_IMAGE, DOCKER_LIST, ODD])
def test_other_types_go_unread(media_type: str) -> None:
    """Docker types and unknown types go without a look inside."""
    old = image("old", media_type=media_type)
    unread = {old.digest: Unread.FAILED}
    assert run(DANGLING, old, unread=unread).manifests == digests(old)


def test_manifest_without_a_type_stays_but_not_its_children() -> None:
    """No media type: it is skipped, and what it lists is not looked at."""
    child = image("child")
    assert run(DANGLING, index("idx", child, media_type=None)).manifests == digests(child)


def test_tagged_manifest_without_a_type_protects_what_it_lists() -> None:
    """A tagged manifest of no type is read like an index."""
    assert not run(DANGLING, index("i", image("c"), tags=["v"], media_type=None)).manifests


@pytest.mark.parametrize("media_type", [OCI_ARTIFACT, OCI_IMAGE])
def test_referrer_stays_for_ever(media_type: str) -> None:
    """An untagged OCI referrer stays, even when its subject is long gone."""
    subject = image("subject", tags=["v1"])
    orphan = referrer(image("gone"), "orphan", media_type=media_type)
    state = repository(
        "shop", referrer(subject, media_type=media_type), orphan, absent=[image("gone")]
    )
    assert not acr_purge(state, DANGLING, NOW).manifests


def test_referrers_go_along_with_their_subject() -> None:
    """The registry deletes referrers, and their referrers, with a subject."""
    subject = image("subject")
    sbom = referrer(subject, "sbom")
    signed = referrer(sbom, "signature", tags=["keep-me"])
    purged = run(DANGLING, signed)
    assert purged.asked == digests(subject)
    assert purged.manifests == digests(subject, sbom, signed)
    assert tags_of(purged) == ["keep-me"]


@pytest.mark.parametrize("lock", [DELETE_LOCKED, WRITE_LOCKED, LOCKED])
def test_locked_manifest_stays(lock: Lock) -> None:
    """Either lock keeps a manifest, unless locked ones are included."""
    old = image("old", lock=lock)
    assert not run(DANGLING, old).manifests
    assert run(replace(DANGLING, include_locked=True), old).manifests == digests(old)


def test_manifest_without_attributes_is_not_locked() -> None:
    """Absent attributes forbid nothing."""
    old = image("old", lock=None)
    assert run(DANGLING, old).manifests == digests(old)


def test_hidden_tag_protects() -> None:
    """A tag that only the manifest listing shows protects."""
    state = repository("shop", image("a"))
    assert state.manifests is not None
    hidden = replace(state.manifests[0], tags=(TagName("hidden"),))
    assert not acr_purge(replace(state, manifests=(hidden,)), DANGLING, NOW).manifests
