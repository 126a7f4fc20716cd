"""Whole listings and newest entries, out of pages that are streamed.

A listing is read in lexical order, which no change reshuffles. When it takes more than
one page, one page of the newest entries is read right after the first: it dates the
listing, and what it shows is fresher than the first page.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, NamedTuple, TypeVar

from purge_core.errors import Malformed
from purge_core.instants import Instant
from purge_core.model import Manifest, Tag
from purge_core.registry import Changes, Listing

Item = TypeVar("Item", Tag, Manifest)
Entry = TypeVar("Entry")

_IDLE_PAGES: Final = 100
"""So many pages in a row may bring nothing new before a listing counts as endless."""


class Page(NamedTuple, Generic[Entry]):
    """One page, and the link to the next one, where there is one."""

    entries: Sequence[Entry]
    next: str | None


Fetch = Callable[[str | None], Awaitable[Page[Entry]]]
"""Fetches the page behind a link, or the first one."""


@dataclass(slots=True)
class _Progress:
    """Sees that a chain of pages comes to an end."""

    links: set[str] = field(default_factory=set)
    idle: int = 0

    def check(self, link: str, *, grown: bool) -> None:
        """Refuse a link that was followed before, and a chain that brings nothing new."""
        self.idle = 0 if grown else self.idle + 1
        if link in self.links or self.idle > _IDLE_PAGES:
            raise Malformed("the pages of a list never end")
        self.links.add(link)


async def walk(
    fetch: Fetch[Entry], key: Callable[[Entry], str], found: dict[str, Entry]
) -> AsyncIterator[Page[Entry]]:
    """Add page after page to ``found`` and yield it.

    Raises:
        RegistryError: a page could not be had; ``Malformed`` when they never end.

    """
    progress = _Progress()
    link = None
    while True:
        before = len(found)
        page = await fetch(link)
        found.update((key(entry), entry) for entry in page.entries)
        grown = len(found) > before
        yield page
        link = page.next
        if link is None:
            return
        progress.check(link, grown=grown)


def key_of(item: Tag | Manifest) -> str:
    """Give what identifies an entry in its listing."""
    return item.name if isinstance(item, Tag) else item.digest


async def whole_listing(lexical: Fetch[Item], newest_first: Fetch[Item]) -> Listing[Item]:
    """Read everything. Raises RegistryError."""
    found: dict[str, Item] = {}
    mark: Instant | None = None
    first = True
    async for page in walk(lexical, key_of, found):
        if first:
            newest = page if page.next is None else await newest_first(None)
            found.update((key_of(item), item) for item in newest.entries)
            mark = _newest(newest.entries)
            first = False
    return Listing(tuple(found.values()), mark)


async def newest_entries(newest_first: Fetch[Item], mark: Instant | None) -> Changes[Item]:
    """Read down to the first entry older than ``mark``. Raises RegistryError.

    Entries that are not in order of time have no such end: then everything is read. What
    changes while several pages are read may move from a later page to the first, so that
    one is read once more.
    """
    found: dict[str, Item] = {}
    ordered = _Descent()
    pages = 0
    whole = False
    async for page in walk(newest_first, key_of, found):
        pages += 1
        whole = page.next is None
        for item in page.entries:
            ordered.see(item.updated)
        if ordered.has_passed(mark):
            break
    if pages > 1:
        again = await newest_first(None)
        found.update((key_of(item), item) for item in again.entries)
    if whole:
        return Changes(tuple(found.values()), complete=True)
    young = (i for i in found.values() if mark is None or i.updated is None or i.updated >= mark)
    return Changes(tuple(young), complete=False)


@dataclass(slots=True)
class _Descent:
    """Watches times fall."""

    lowest: Instant | None = None
    steady: bool = True

    def see(self, moment: Instant | None) -> None:
        """Take note of the next entry's time."""
        if moment is None:
            return
        if self.lowest is not None and moment > self.lowest:
            self.steady = False
        else:
            self.lowest = moment

    def has_passed(self, mark: Instant | None) -> bool:
        """Whether nothing that follows can be as young as ``mark``."""
        return self.steady and mark is not None and self.lowest is not None and self.lowest < mark


def _newest(items: Sequence[Tag | Manifest]) -> Instant | None:
    return max((item.updated for item in items if item.updated is not None), default=None)
