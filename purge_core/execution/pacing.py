"""When a request may be sent: how many at once, after which pauses, and until when.

Everything that a run sends while it deletes goes through one ``Traffic``, so that one
bound, one pause and one end hold for all its repositories.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from purge_core.errors import JournalError, Unavailable
from purge_core.execution.quota import Quota

Answer = TypeVar("Answer")

PAUSES: Final = (0.25, 0.5, 1.0)
"""Seconds before each repetition of a request that got no usable answer."""

_MOST_INVITATIONS: Final = 30
_LONGEST_PAUSE: Final = 300.0
_JITTER_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Clock:
    """A monotonic clock in seconds, a sleep on the same clock, and chance.

    ``chance`` gives numbers from 0 to 1; it spreads pauses, so that several workers do
    not come back in the same moment.
    """

    seconds: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    chance: Callable[[], float] = float  # without chance: always 0.0


class Patience:
    """How often one request is repeated.

    A registry that says when to come back is asked many times, any other only a few.
    """

    def __init__(self) -> None:
        """Begin with all repetitions left."""
        self._pauses = iter(PAUSES)
        self._invitations = _MOST_INVITATIONS

    def after(self, error: Unavailable) -> float | None:
        """Give the seconds to rest before the next repetition; ``None``: no more of them.

        A wait that the registry asks for comes on top, at the gate.
        """
        if error.retry_after is None or self._invitations == 0:
            return next(self._pauses, None)
        self._invitations -= 1
        return PAUSES[0]


class Halt:
    """Whether the run has been told to end: by its caller, or because a record failed."""

    def __init__(self, stop: asyncio.Event) -> None:
        """Follow ``stop``, which stays the caller's."""
        self._stop = stop
        self._own = asyncio.Event()
        self.error: JournalError | None = None

    def now(self, error: JournalError | None = None) -> None:
        """End the run; the first ``error`` is kept as its reason."""
        self.error = self.error or error
        self._own.set()

    @property
    def is_set(self) -> bool:
        """Whether nothing new may be begun."""
        return self._stop.is_set() or self._own.is_set()

    async def wait(self) -> None:
        """Wait until the run is told to end."""
        waits = [asyncio.ensure_future(event.wait()) for event in (self._stop, self._own)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


class Pace:
    """A gate that every request of a registry passes. It is shut while the registry says so.

    Where the registry's ``quota`` of deletions is known, it is also shut while that is spent.
    """

    def __init__(self, clock: Clock | None = None, quota: Quota | None = None) -> None:
        """Measure on ``clock``; without one, on that of the running event loop."""
        self.clock = clock or Clock(asyncio.get_running_loop().time, asyncio.sleep)
        self._until = self.clock.seconds()
        self._quota = quota

    def spend(self) -> None:
        """Count a deletion that is about to be sent."""
        if self._quota is not None:
            wait = self._quota.take()
            self._until = max(self._until, self.clock.seconds() + wait)

    def pause(self, seconds: float) -> None:
        """Shut the gate for so long, at most five minutes, and a little more by chance."""
        wait = min(max(seconds, 0.0), _LONGEST_PAUSE)
        self._until = max(self._until, self.clock.seconds() + self.spread(wait))

    def spread(self, seconds: float) -> float:
        """Lengthen a wait by chance."""
        return seconds * (1 + _JITTER_SHARE * self.clock.chance())

    @property
    def remaining(self) -> float:
        """For how many seconds the gate stays shut; not positive when it is open."""
        return self._until - self.clock.seconds()


class Traffic:
    """The one way for the requests of a run.

    Whoever holds one of the ``slots`` may have one request under way.
    """

    def __init__(self, pace: Pace, halt: Halt, limit: int) -> None:
        """Allow ``limit`` requests at once."""
        self.limit = limit
        self.slots = asyncio.Semaphore(limit)
        self.halt = halt
        self._pace = pace

    def seconds(self) -> float:
        """Read the run's monotonic clock."""
        return self._pace.clock.seconds()

    async def ready(self) -> None:
        """Wait until a request may be sent, or the run is told to end."""
        while not self.halt.is_set and (wait := self._pace.remaining) > 0:
            await self._sleep(wait)

    async def rest(self, seconds: float) -> None:
        """Wait a while, and a little more by chance, but not beyond the end of the run."""
        await self._sleep(self._pace.spread(seconds))

    async def _sleep(self, seconds: float) -> None:
        waits = [
            asyncio.ensure_future(self._pace.clock.sleep(seconds)),
            asyncio.ensure_future(self.halt.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def send(self, request: Callable[[], Awaitable[Answer]]) -> Answer:
        """Send one request as soon as the gate is open; an answer may shut it for all.

        Raises whatever the request raises.
        """
        await self.ready()
        return await self._sent(request)

    async def send_deletion(self, request: Callable[[], Awaitable[Answer]]) -> Answer:
        """Send one request that deletes; it counts against the registry's quota."""
        await self.ready()
        self._pace.spend()
        return await self._sent(request)

    async def _sent(self, request: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            return await request()
        except Unavailable as error:
            if error.retry_after is not None:
                self._pace.pause(error.retry_after)
            raise

    async def insist(
        self, attempt: Callable[[], Awaitable[Answer]], *, even_halted: bool = False
    ) -> Answer:
        """Repeat ``attempt``, which sends its requests itself, while there is no answer.

        It is given up when the run is told to end, unless it must be done ``even_halted``.

        Raises:
            Unavailable: there was no answer, after all repetitions or until the end.

        """
        patience = Patience()
        while True:
            try:
                return await attempt()
            except Unavailable as error:
                pause = patience.after(error)
                if pause is None or (self.halt.is_set and not even_halted):
                    raise
            if even_halted:
                await self._pace.clock.sleep(pause)
            else:
                await self.rest(pause)
