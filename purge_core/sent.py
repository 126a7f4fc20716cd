"""How many requests a piece of work sends, counted where they are sent.

The count belongs to the context of the work, so that of several pieces that run side by side on
one registry each has its own; what a piece begins in tasks of its own counts for it as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final


class Sent:
    """So many requests by now, repetitions included, sign-in left out."""

    def __init__(self) -> None:
        self.number = 0


_CURRENT: Final[ContextVar[Sent | None]] = ContextVar("sent", default=None)


@contextmanager
def counting() -> Iterator[Sent]:
    """Count the requests that are sent inside."""
    sent = Sent()
    token = _CURRENT.set(sent)
    try:
        yield sent
    finally:
        _CURRENT.reset(token)


def note_request() -> None:
    """Count one request, where somebody wants to know."""
    sent = _CURRENT.get()
    if sent is not None:
        sent.number += 1
