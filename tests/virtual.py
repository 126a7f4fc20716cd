"""An event loop whose time passes at once: whoever sleeps an hour has slept it right away.

Everything that happens keeps its order and its distance in time, so that what takes a night
is tested in a moment, and always with the same result.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from purge_core.pace.clock import Clock

Result = TypeVar("Result")


class _Impatient(selectors.DefaultSelector):
    """Waits for nothing; what should have been waited is the loop's ``skipped`` time."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Look what is there, and skip the rest of the wait."""
        if timeout is None:
            raise RuntimeError("everybody waits for something that never comes")
        ready = super().select(0)
        if not ready:
            self.skipped += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop with a time of its own."""

    def __init__(self) -> None:
        self._impatient = _Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        """Tell the loop's own time, in seconds."""
        return self._impatient.skipped


def simulate(work: Coroutine[Any, Any, Result]) -> Result:
    """Run ``work`` in a time of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


def virtual_clock() -> Clock:
    """Give the clock of the running loop, without chance."""
    return Clock(asyncio.get_running_loop().time, asyncio.sleep)
