"""What may happen while a plan is carried out: what others do, and what fails."""

from collections.abc import Sequence
from enum import Enum
from functools import cache
from typing import Final, NamedTuple, TypeVar

from hypothesis import strategies as st

from purge_core.errors import AccessDenied, Malformed, RegistryError, Unavailable

Item = TypeVar("Item")


class Kind(Enum):
    """What happens between two requests."""

    PUSH_TAG = "a new tag on a manifest"
    MOVE_TAG = "a tag moves to another manifest"
    TOUCH_TAG = "a tag is pushed again"
    LOCK_TAG = "a tag is locked"
    LOCK_MANIFEST = "a manifest is locked"
    REMOVE_TAG = "a tag is deleted"
    REMOVE_MANIFEST = "a manifest is deleted"
    PUSH_INDEX = "an index is pushed that lists a manifest"
    PUSH_REFERRER = "a referrer of a manifest is pushed"
    PUSH_AGAIN = "a manifest is pushed again, also one that is gone"
    WAIT = "time passes"
    FAIL = "the request fails"
    LOSE = "the answer to the request is lost"
    STOP = "the run is told to stop"


CHANGES: Final = tuple(k for k in Kind if k not in {Kind.FAIL, Kind.LOSE, Kind.STOP})
"""What others do, and time that passes."""

FAULTS: Final[tuple[RegistryError, ...]] = (
    Unavailable("reset"),
    Unavailable("busy", status=429, retry_after=1.0),
    Unavailable("down", status=503, retry_after=9.0),
    AccessDenied("insufficient_scope"),
    Malformed("garbage"),
)
"""What a failing request may raise."""

EARLY: Final = -1
"""The moment well before the first request."""


class Event(NamedTuple):
    """Something that happens right before the answer to the ``at``-th request, or ``EARLY``."""

    at: int
    kind: Kind
    first: int
    second: int


@cache
def events(*kinds: Kind, most: int = 8) -> st.SearchStrategy[list[Event]]:
    """Schedules of one event or more before and among the first twenty requests."""
    picks = st.integers(0, 11)
    moments = st.sampled_from((*(EARLY,) * 12, *range(20)))
    some = st.builds(Event, moments, st.sampled_from(kinds), picks, picks)
    return st.lists(some, min_size=1, max_size=most)


def pick(choice: Sequence[Item], number: int) -> Item | None:
    """Return the item that a number of an event means, if there is any."""
    return choice[number % len(choice)] if choice else None
