"""Pages cut from what the tables give one by one."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final, TypeVar

from purge_core.errors import InputError, Problem
from purge_core.records.store_records import MAX_PAGE, Page
from purge_core.wording import shown

Item = TypeVar("Item")

_DIGITS: Final = 8


async def first_page(
    items: AsyncGenerator[Item, None], limit: int, token: Callable[[Item], str]
) -> Page[Item]:
    """Take at most ``limit`` items; ``next`` is the token of the last, if more follow."""
    wanted = min(max(limit, 1), MAX_PAGE)
    found: list[Item] = []
    async with aclosing(items):
        async for item in items:
            if len(found) == wanted:
                return Page(tuple(found), token(found[-1]))
            found.append(item)
    return Page(tuple(found), None)


def position(after: str | None) -> int:
    """Read a token that is a number.

    Raises:
        InputError: it is none.

    """
    if after is None:
        return 0
    if not (after.isascii() and after.isdecimal() and len(after) <= _DIGITS):
        raise no_token(after)
    return int(after)


def no_token(after: str) -> InputError:
    """Make the error for a token that nobody gave out."""
    return InputError([Problem("continuation", shown(after), "the `next` of an earlier page")])
