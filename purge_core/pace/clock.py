"""The time that pauses are measured by."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """A monotonic clock in seconds, a sleep on the same clock, and chance.

    ``chance`` gives numbers from 0 to 1; it spreads pauses, so that several workers do
    not come back in the same moment.
    """

    seconds: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    chance: Callable[[], float] = float  # without chance: always 0.0
