"""A nightly run is compared with the nights before: far more than ever is a mistake at first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

NIGHTS: Final = 30
"""So many past nights are looked at."""
FEWEST: Final = 3
"""Fewer past nights tell nothing yet: only ``limits`` hold a policy's first ones."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """When a night is held: above ``floor`` deletions, and above ``factor`` times the most.

    The most is that of the past nights; tags and manifests count together.
    """

    factor: int = 10
    floor: int = 500


USUAL: Final = Breaker()


@dataclass(frozen=True, slots=True)
class FarMoreThanUsual:
    """The run would delete more than ``limit``, which follows from its past ``nights``.

    ``most`` is what the largest of these deleted.
    """

    code: ClassVar = "far-more-than-usual"
    deletions: int
    limit: int
    most: int
    nights: int


def check_night(deletions: int, past: Sequence[int], breaker: Breaker) -> FarMoreThanUsual | None:
    """Compare a night with what the ``past`` ones deleted; ``None``: it may go on.

    Too few past nights hold nothing back. A past night counts by what it deleted, so one
    that somebody applied after it was held has shown that so much is right.
    """
    if len(past) < FEWEST:
        return None
    most = max(past)
    limit = max(breaker.floor, breaker.factor * most)
    if deletions <= limit:
        return None
    return FarMoreThanUsual(deletions, limit, most, len(past))
