"""Pages: how many, from where, in which order, and the Link to the next one."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from itertools import islice
from typing import TypeVar
from urllib.parse import quote, unquote

from acr_emulator.errors import invalid
from acr_emulator.options import Options
from acr_emulator.sorted_keys import SortedKeys

T = TypeVar("T")


@unique
class Order(StrEnum):
    """Orders of a list. NAME is lexical, of tags by name and of manifests by digest."""

    NAME = ""
    NEWEST = "timedesc"
    OLDEST = "timeasc"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """Which page. `last` is where the page before ended, "" for the first one."""

    size: int
    last: str
    order: Order

    def names(self, keys: SortedKeys[str]) -> Iterator[str]:
        """The names after `last`, in lexical order; `last` need not exist any more."""
        return keys.ascending(self.last or None)

    def by_time(self, keys: SortedKeys[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        """The pairs of time and name after `last`, in the asked order of time."""
        position = _decode(self.last) if self.last else None
        if self.order is Order.NEWEST:
            return keys.descending(position)
        return keys.ascending(position)


def page_request(query: Mapping[str, str], options: Options) -> PageRequest:
    """The page that a query asks for. Raises RegistryAnswer (400) for a size that is none."""
    text = query.get("n", "")
    size = options.page_size
    if text:
        if not text.isascii() or not text.isdigit() or int(text) == 0:
            raise invalid("PAGINATION_NUMBER_INVALID", "invalid number of results requested")
        size = int(text)
    known = {order.value: order for order in Order}
    order = known.get(query.get("orderby", ""), Order.NAME)
    # No name holds a percent sign, so one that is left was encoded twice, as some clients do.
    last = unquote(query.get("last", ""))
    return PageRequest(size=min(size, options.page_cap), last=last, order=order)


def take(entries: Iterable[T], size: int) -> tuple[list[T], bool]:
    """The first `size` entries, and whether there are more."""
    found = list(islice(entries, size + 1))
    return found[:size], len(found) > size


def link(
    path: str, page: PageRequest, last: str, *, options: Options, digest: str = ""
) -> dict[str, str]:
    """The header that names the page after `last`; `path` is already encoded."""
    parts = [f"digest={quote(digest, safe='')}"] if digest else []
    parts += [f"last={quote(last, safe='')}", f"n={page.size}", f"orderby={page.order.value}"]
    return {"Link": f'<{options.link_base}{path}?{"&".join(parts)}>; rel="next"'}


def encode_position(ticks: int, name: str) -> str:
    """The opaque `last` of a list in order of time: it stays valid when its item is gone."""
    return base64.urlsafe_b64encode(f"{ticks}!{name}".encode()).decode().rstrip("=")


def _decode(text: str) -> tuple[int, str]:
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        ticks, _, name = plain.partition("!")
        return int(ticks), name
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise invalid("INVALID_CONTINUATION", "last is not a position in this order") from None
