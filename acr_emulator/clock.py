"""The registry's own clock: it stamps every push; a test can stop, set and move it."""

import time
from collections.abc import Callable

from acr_emulator.times import TICKS_PER_SECOND


class Clock:
    """A clock that either stands still or runs.

    It runs `speed` times as fast as `monotonic`, its source (seconds).
    """

    def __init__(
        self,
        *,
        start: int | None = None,
        running: bool = False,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._speed = speed
        self._running = running
        self._base = time.time_ns() // 100 if start is None else start
        self._since = monotonic()

    @property
    def now(self) -> int:
        """The instant, in ticks."""
        if not self._running:
            return self._base
        elapsed = (self._monotonic() - self._since) * self._speed
        return self._base + round(elapsed * TICKS_PER_SECOND)

    @property
    def running(self) -> bool:
        """Whether time passes by itself."""
        return self._running

    def set(self, ticks: int) -> None:
        """Make it the given instant, earlier or later."""
        self._base, self._since = ticks, self._monotonic()

    def advance(self, seconds: float) -> None:
        """Let that many seconds pass at once."""
        self.set(self.now + round(seconds * TICKS_PER_SECOND))

    def run(self, *, speed: float | None = None) -> None:
        """Let time pass from now on, at the given speed or the one of before."""
        self.set(self.now)
        self._running = True
        self._speed = self._speed if speed is None else speed

    def stop(self) -> None:
        """Let time stand still from now on."""
        self.set(self.now)
        self._running = False
