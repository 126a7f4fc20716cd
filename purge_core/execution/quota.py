"""How many deletions a registry takes per minute, and what of it is left."""

from collections.abc import Callable


class Quota:
    """A bucket of deletions that fills with time and may be overdrawn.

    Requests that are under way at once may overdraw it by so many; then it takes longer
    until it has something again.
    """

    def __init__(self, per_minute: float, seconds: Callable[[], float], burst: float) -> None:
        """Permit ``per_minute``, and ``burst`` at once, on a monotonic clock in seconds."""
        self._rate = per_minute / 60
        self._burst = burst
        self._seconds = seconds
        self._left = burst
        self._counted = seconds()

    def take(self) -> float:
        """Take one; give the seconds until the bucket has another."""
        now = self._seconds()
        filled = self._left + (now - self._counted) * self._rate
        self._left = min(filled, self._burst) - 1
        self._counted = now
        return max(0.0, (1 - self._left) / self._rate)
