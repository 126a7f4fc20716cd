"""The model deletes the tags that the program was seen to delete."""

from dataclasses import replace

import pytest

from purge_core.instants import DAY, Span
from purge_core.model import Digest, Lock, Tag, TagName
from tests.builders import (
    DELETE_LOCKED,
    LOCKED,
    NOW,
    WRITE_LOCKED,
    ago,
    days,
    image,
    repository,
    signature,
    signature_tag,
    tag,
)
from tests.parity.acr_purge_model import Flags, acr_purge
from tests.parity.words import ALL, BOTH, numbered, run, tags_of


def test_tag_exactly_at_the_cutoff_stays() -> None:
    """Tags go when strictly older than the cutoff."""
    flags = Flags(filters=("shop:.*",), ago="1d")
    purged = run(flags, *numbered(Span(DAY - 1), DAY, Span(DAY + 1)))
    assert tags_of(purged) == ["v2"]


def test_keep_applies_after_age() -> None:
    """Five young tags and three old ones, keep 3: nothing goes."""
    flags = Flags(filters=("shop:.*",), ago="5d", keep=3)
    young, old = [days(1)] * 5, [days(10), days(11), days(12)]
    assert run(flags, *numbered(*young, *old)).tags == frozenset()


def test_keep_is_shared_between_filters() -> None:
    """B10: with keep 2, two dev tags stay and every prod tag goes."""
    dev = [image(f"d{n}", tags=[f"dev{n}"], age=days(1 + n)) for n in range(3)]
    prod = [image(f"p{n}", tags=[f"prod{n}"], age=days(10 + n)) for n in range(3)]
    flags = Flags(filters=("shop:dev", "shop:prod"), ago="0d", keep=2)
    assert tags_of(run(flags, *dev, *prod)) == ["dev2", "prod0", "prod1", "prod2"]


def test_signature_tags_eat_slots() -> None:
    """B10: v1 to v3, each signed a little later, keep 2: only v3 survives."""
    made = [image(f"i{n}", tags=[f"v{n}"], age=days(10 - n)) for n in (1, 2, 3)]
    signed = [
        signature(m, age=Span(age - DAY // 2))
        for m, age in zip(made, (days(9), days(8), days(7)), strict=True)
    ]
    flags = Flags(filters=("shop:.*",), ago="0d", keep=2)
    left = {t.name for t in repository("shop", *made, *signed).tags} - run(
        flags, *made, *signed
    ).tags
    assert left == {"v3", signature_tag(made[2])}


def test_keep_counts_tags_and_not_images() -> None:
    """Three tags of one digest take three slots."""
    newest = image("a", tags=["a1", "a2", "a3"], age=days(1))
    flags = Flags(filters=("shop:.*",), ago="0d", keep=3)
    assert tags_of(run(flags, newest, image("b", tags=["b"], age=days(2)))) == ["b"]


@pytest.mark.parametrize("keep", [4, 5])
def test_keep_of_all_or_more_deletes_nothing(keep: int) -> None:
    """A count that is not exceeded keeps everything."""
    purged = run(replace(ALL, keep=keep), *numbered(*[days(n) for n in (1, 2, 3, 4)]))
    assert purged.tags == frozenset()


def test_keep_counts_over_pages() -> None:
    """The counter runs on from page to page."""
    made = numbered(*[days(1 + n) for n in range(205)])
    assert len(run(replace(ALL, keep=150), *made).tags) == 55


@pytest.mark.parametrize("lock", [DELETE_LOCKED, WRITE_LOCKED, LOCKED])
def test_locked_tag_stays_and_takes_no_slot(lock: Lock) -> None:
    """Either lock keeps a tag, and a locked tag is not counted."""
    made = [
        image("a", tags=[tag("locked", age=days(1), lock=lock)]),
        image("b", tags=[tag("free", age=days(2))]),
        image("c", tags=[tag("last", age=days(3))]),
    ]
    assert tags_of(run(replace(ALL, keep=1), *made)) == ["last"]
    assert len(run(replace(ALL, include_locked=True), *made).tags) == 3


def test_tag_of_locked_manifest_goes_and_manifest_stays() -> None:
    """A manifest's lock does not hold its tags."""
    purged = run(BOTH, image("a", tags=["v1"], lock=LOCKED))
    assert tags_of(purged) == ["v1"]
    assert not purged.manifests


def test_deleting_one_alias_leaves_the_manifest() -> None:
    """A manifest stays while it has another tag."""
    flags = Flags(filters=("shop:^alias1$",), ago="0d", untagged=True)
    purged = run(flags, image("a", tags=["alias1", "alias2"]))
    assert (tags_of(purged), purged.manifests) == (["alias1"], frozenset())


@pytest.mark.parametrize("hole", ["updated", "lock"])
def test_tag_without_time_or_attributes_crashes(hole: str) -> None:
    """B9: the crash comes at the page of the tag, after the pages before it are gone."""
    made = numbered(*[days(1 + n) for n in range(150)])
    state = repository("shop", *made)
    last = state.tags[-1]
    torn = replace(last, updated=None) if hole == "updated" else replace(last, lock=None)
    state = replace(state, tags=(*state.tags[:-1], torn))
    purged = acr_purge(state, replace(ALL, untagged=True), NOW)
    assert purged.error is not None
    assert len(purged.tags) == 100
    assert not purged.manifests


def test_loose_tag_is_purged_like_any() -> None:
    """A tag whose manifest no listing shows is a tag all the same."""
    loose = Tag(TagName("old"), Digest("sha256:" + "0" * 64), ago(days(9)))
    assert tags_of(acr_purge(repository("shop", loose=[loose]), ALL, NOW)) == ["old"]
