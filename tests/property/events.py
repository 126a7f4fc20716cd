"""What may happen while a plan is carried out: what others do, and what fails."""

from collections.abc import Sequence
from enum import Enum
from functools import cache
from typing import Final, NamedTuple, TypeVar

from hypothesis import strategies as st

from tests.property.troubles import LOSABLE, Trouble

Item = TypeVar("Item")


class Kind(Enum):
    """What happens between two requests."""

    PUSH_TAG = "a new tag on a manifest"
    MOVE_TAG = "a tag moves to another manifest"
    TOUCH_TAG = "a tag is pushed again"
    LOCK_TAG = "a tag is locked"
    UNLOCK_TAG = "a tag is unlocked"
    LOCK_MANIFEST = "a manifest is locked"
    UNLOCK_MANIFEST = "a manifest is unlocked"
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

LOCKING: Final = (Kind.LOCK_TAG, Kind.UNLOCK_TAG, Kind.LOCK_MANIFEST, Kind.UNLOCK_MANIFEST)

WAITS: Final = (0.7, 1.5, 2.5)
"""For how many seconds time may pass."""

EARLY: Final = -1
"""The moment well before the first request."""


class Event(NamedTuple):
    """Something that happens right before the answer to the ``at``-th request, or ``EARLY``."""

    at: int
    kind: Kind
    first: int
    second: int

    @property
    def trouble(self) -> Trouble:
        """What goes wrong, if it is a request or its answer that does."""
        choice = LOSABLE if self.kind is Kind.LOSE else tuple(Trouble)
        return choice[(self.first + 12 * self.second) % len(choice)]


@cache
def events(*kinds: Kind, most: int = 8, requests: int = 20) -> st.SearchStrategy[tuple[Event, ...]]:
    """Schedules of one event or more before and among the first requests.

    One value says all that happens, to the fake and to the development registry alike.
    """
    picks = st.integers(0, 11)
    moments = st.sampled_from((*(EARLY,) * (requests * 3 // 5), *range(requests)))
    some = st.builds(Event, moments, st.sampled_from(kinds), picks, picks).map(
        lambda event: _timely(event, requests)
    )
    return st.lists(some, min_size=1, max_size=most).map(tuple)


def _timely(event: Event, requests: int) -> Event:
    """Move what can only befall a request from before the first one to one of them."""
    if event.at != EARLY or event.kind in CHANGES:
        return event
    return event._replace(at=(event.second + 12 * event.first) % requests)


def pick(choice: Sequence[Item], number: int) -> Item | None:
    """Return the item that a number of an event means, if there is any."""
    return choice[number % len(choice)] if choice else None
