"""Pages: whole listings that miss nothing, newest entries, and chains that never end."""

from ast import literal_eval
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purge_core.adapters.acr_pages import Page, newest_entries, walk, whole_listing
from purge_core.errors import Malformed
from purge_core.instants import Instant
from purge_core.model import Digest, Tag, TagName
from tests.fake_state import changes_of, digest_of


def tag(name: str, time: int | None, target: str = "image") -> Tag:
    """Return a tag that points at the digest of ``target``."""
    return Tag(TagName(name), digest_of(target), None if time is None else Instant(time))


def place(item: Tag) -> tuple[int, str]:
    """Return an entry's place among the newest."""
    return -(item.updated or 0), item.name


@dataclass
class Served:
    """Tags, served in pages. ``before`` maps the number of a request to tags pushed before it."""

    tags: list[Tag]
    page: int = 2
    before: dict[int, list[Tag]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    link_on_full_page: bool = False

    def push(self, tags: Sequence[Tag]) -> None:
        """Set tags, as other clients do."""
        kept = {old.name: old for old in self.tags}
        self.tags = list((kept | {new.name: new for new in tags}).values())

    async def lexical(self, link: str | None) -> Page[Tag]:
        """Serve in the order of names; a link is the last name."""
        self.push(self.before.get(len(self.asked), []))
        self.asked.append(f"lexical {link}")
        rest = sorted(t.name for t in self.tags if link is None or t.name > link)
        by_name = {t.name: t for t in self.tags}
        shown = [by_name[name] for name in rest[: self.page]]
        more = len(rest) >= self.page + (not self.link_on_full_page)
        return Page(shown, shown[-1].name if shown and more else None)

    async def newest(self, link: str | None) -> Page[Tag]:
        """Serve newest first; a link is the last place in that order."""
        self.push(self.before.get(len(self.asked), []))
        self.asked.append(f"newest {link}")
        found = sorted(self.tags, key=place)
        rest = [t for t in found if link is None or place(t) > literal_eval(link)]
        shown = rest[: self.page]
        more = len(rest) > self.page
        return Page(shown, repr(place(shown[-1])) if more else None)


async def test_one_page_is_one_request() -> None:
    """A listing of one page is dated by its newest time."""
    served = Served([tag("a", 5), tag("b", 9), tag("c", None)], page=3)
    listing = await whole_listing(served.lexical, served.newest)
    assert set(listing.items) == set(served.tags)
    assert listing.mark == 9
    assert served.asked == ["lexical None"]


async def test_nothing_has_no_mark() -> None:
    """An empty listing, or one without times, has no mark."""
    for tags in ([], [tag("a", None)]):
        served = Served(list[Tag](tags))
        assert (await whole_listing(served.lexical, served.newest)).mark is None


async def test_full_last_page_with_a_link_loses_nothing() -> None:
    """The registry may name a next page after a last one that is full."""
    served = Served([tag(n, 1) for n in "abcd"], link_on_full_page=True)
    listing = await whole_listing(served.lexical, served.newest)
    assert sorted(t.name for t in listing.items) == list("abcd")
    assert served.asked == ["lexical None", "newest None", "lexical b", "lexical d"]


async def test_newest_page_dates_the_listing_and_overlays_the_first_page() -> None:
    """A tag that moves after the first page was read is seen where it points now."""
    served = Served([tag(n, 1) for n in "abcdef"])
    moved = tag("a", 7, "other")
    served.before = {1: [moved]}
    listing = await whole_listing(served.lexical, served.newest)
    assert listing.mark == 7
    assert moved in listing.items
    assert len(listing.items) == 6


async def test_later_pages_overlay_the_newest_page() -> None:
    """A tag that moves again before its own page is read is seen where it points then."""
    served = Served([tag(n, 1) for n in "abcdef"])
    served.before = {1: [tag("f", 7, "second")], 3: [tag("f", 8, "third")]}
    listing = await whole_listing(served.lexical, served.newest)
    assert tag("f", 8, "third") in listing.items
    assert listing.mark == 7


PUSHES = st.lists(st.integers(0, 14), max_size=4)
TIMES = st.lists(st.integers(0, 20), min_size=1, max_size=12)


def pushed(names: Sequence[int], moment: int) -> list[Tag]:
    """Return tags as pushed one after the other."""
    return [
        tag(f"{name:02}", moment + step, f"pushed at {moment + step}")
        for step, name in enumerate(names)
    ]


def seeded(times: list[int], page: int) -> Served:
    """Return tags with these times."""
    return Served([tag(f"{i:02}", time) for i, time in enumerate(times)], page)


@given(TIMES, st.integers(1, 4), st.dictionaries(st.integers(0, 12), PUSHES, max_size=6))
async def test_no_change_is_lost(times: list[int], page: int, pushes: dict[int, list[int]]) -> None:
    """Listing and changes since its mark give the truth, whatever is pushed meanwhile.

    The newest page holds what is pushed between two requests, as long as that is a page or less.
    """
    served = seeded(times, page)
    served.before = {at: pushed(names[:page], 100 * (at + 1)) for at, names in pushes.items()}
    listing = await whole_listing(served.lexical, served.newest)
    served.before = {}
    changes = await newest_entries(served.newest, listing.mark)
    known = {t.name: t for t in listing.items} | {t.name: t for t in changes.items}
    assert known == {t.name: t for t in served.tags}


@given(TIMES, st.integers(1, 4), st.integers(0, 12), PUSHES, st.none() | st.integers(0, 22))
async def test_no_entry_slips_from_a_later_page_to_the_first_unseen(
    times: list[int], page: int, request: int, names: list[int], mark: int | None
) -> None:
    """What moves to the top while pages of the newest are read is not missed."""
    served = seeded(times, page)
    before = {t.name for t in served.tags if mark is None or (t.updated or 0) >= mark}
    served.before = {request: pushed(names[:page], 100)}
    limit = None if mark is None else Instant(mark)
    changes = await newest_entries(served.newest, limit)
    shown = {t.name: t for t in changes.items}
    assert before <= shown.keys()
    if changes.complete and len(served.asked) > request:
        assert shown == {t.name: t for t in served.tags}


@given(
    st.lists(st.none() | st.integers(1, 9), max_size=12),
    st.none() | st.integers(0, 10),
    st.integers(1, 4),
)
async def test_newest_entries_are_what_the_port_says(
    times: list[int | None], mark: int | None, page: int
) -> None:
    """Down to the first entry older than the mark, and complete when all were seen.

    An entry without a time may be shown or not: it has no place in that order.
    """
    tags = [tag(str(i), time) for i, time in enumerate(times)]
    limit = None if mark is None else Instant(mark)
    found = await newest_entries(Served(tags, page).newest, limit)
    expected = changes_of(tags, limit, page)
    assert found.complete == expected.complete
    assert {t for t in found.items if t.updated is not None} == {
        t for t in expected.items if t.updated is not None
    }


async def test_newest_entries_stop_at_the_first_older_one() -> None:
    """Pages behind the first older entry are not asked for."""
    served = Served([tag(str(i), i) for i in range(10)])
    found = await newest_entries(served.newest, Instant(7))
    assert [t.updated for t in found.items] == [9, 8, 7]
    assert not found.complete
    assert served.asked == ["newest None", "newest (-8, '8')", "newest None"]


async def test_entries_out_of_order_are_read_to_the_end() -> None:
    """A registry that does not sort by time is not trusted to have shown the newest."""
    served = Served([tag(str(i), i) for i in range(10)])
    found = await newest_entries(served.lexical, Instant(7))
    assert found.complete
    assert len(found.items) == 10
    assert served.asked[-1] == "lexical None"


async def walked(pages: list[Page[str]]) -> dict[str, str]:
    """Walk through pages whose links are their numbers."""

    async def fetch(link: str | None) -> Page[str]:
        return pages[int(link or 0) % len(pages)]

    found: dict[str, str] = {}
    async for _ in walk(fetch, str, found):
        pass
    return found


async def test_loop_of_links_is_refused() -> None:
    """A link that was followed before leads nowhere."""
    with pytest.raises(Malformed, match="never end"):
        await walked([Page(["a"], "1"), Page(["b"], "1")])


async def test_chain_that_brings_nothing_is_refused() -> None:
    """New links to the same entries do not go on for ever."""
    requests = 0

    async def fetch(_link: str | None) -> Page[str]:
        nonlocal requests
        requests += 1
        return Page(["a"], str(requests))

    with pytest.raises(Malformed, match="never end"):
        async for _ in walk(fetch, str, {}):
            pass
    assert requests < 200


async def test_empty_pages_between_are_no_end() -> None:
    """A page whose entries are all hidden is followed by more."""
    found = await walked([Page(["a"], "1"), Page([], "2"), Page(["b"], None)])
    assert list(found) == ["a", "b"]


def test_digests_of_fakes_are_digests() -> None:
    """What these tests point tags at is well-formed."""
    assert isinstance(digest_of("image"), str)
    assert Digest(digest_of("image")).startswith("sha256:")
