"""The one way for the requests of a run: how many at once, when, and until when.

Everything that a run sends while it deletes goes through one ``Traffic``, so that one
bound and one end hold for all its repositories.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final, TypeVar

from purge_core.errors import JournalError, Unavailable
from purge_core.pace.limiter import Ticket
from purge_core.pace.pace import Pace
from purge_core.pace.patience import Patience
from purge_core.pace.quotas import Kind

Answer = TypeVar("Answer")
Slots = AbstractAsyncContextManager[None]

GRACE: Final = 5.0
"""Seconds that a read may go on after the run was told to end."""


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


class Traffic:
    """The one way for the requests of a run.

    Whoever holds one of the ``slots`` may have one request under way.
    """

    def __init__(self, pace: Pace, halt: Halt, limit: int) -> None:
        """Allow ``limit`` requests at once."""
        self.limit = limit
        self.slots = asyncio.Semaphore(limit)
        self.halt = halt
        self._pairing = asyncio.Lock()
        self._pace = pace

    @asynccontextmanager
    async def two_slots(self) -> AsyncIterator[None]:
        """Hold two slots, for who has two requests under way; one, where there is no more.

        One pair is taken at a time, so nobody waits for a second slot while others do the same.
        """
        async with AsyncExitStack() as held:
            async with self._pairing:
                for _ in range(min(2, self.limit)):
                    await held.enter_async_context(self.slots)
            yield

    def seconds(self) -> float:
        """Read the run's monotonic clock."""
        return self._pace.clock.seconds()

    async def read(self, request: Callable[[], Awaitable[Answer]]) -> Answer:
        """Send what only reads. It is given up soon after the run is told to end.

        Raises whatever the request raises, and Unavailable when it is given up.
        """
        await self._pause(Kind.READ)
        return await self._noted(Kind.READ, self._unless_ended(request))

    async def write(self, request: Callable[[], Awaitable[Answer]]) -> Answer:
        """Send one request that changes something and deletes nothing."""
        await self._pause(Kind.WRITE)
        return await self._noted(Kind.WRITE, request())

    @asynccontextmanager
    async def permit(self) -> AsyncIterator[Ticket]:
        """Wait until a deletion may be sent, or the run is told to end.

        What is given is good for one deletion; it is given back when none is sent.
        """
        ticket = self._pace[Kind.DELETE].ticket()
        try:
            await self.until_good(ticket)
            yield ticket
        finally:
            ticket.close()

    async def until_good(self, ticket: Ticket) -> None:
        """Wait until a ticket may be used, or the run is told to end.

        One that was good before may have to wait again: the registry has refused others since.
        """
        while not self.halt.is_set and (wait := ticket.wait) > 0:
            await self._sleep(wait)

    async def delete(self, ticket: Ticket, request: Callable[[], Awaitable[Answer]]) -> Answer:
        """Send one request that deletes, in this moment."""
        ticket.send()
        return await self._noted(Kind.DELETE, request())

    async def rest(self, seconds: float) -> None:
        """Wait a while, and a little more by chance, but not beyond the end of the run."""
        await self._sleep(self._pace.spread(seconds))

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

    async def _pause(self, kind: Kind) -> None:
        while not self.halt.is_set and (wait := self._pace[kind].pause) > 0:
            await self._sleep(wait)

    async def _noted(self, kind: Kind, answer: Awaitable[Answer]) -> Answer:
        """Give the answer; a refusal makes all of its kind wait."""
        try:
            return await answer
        except Unavailable as error:
            self._pace.failed(kind, error)
            raise

    async def _unless_ended(self, request: Callable[[], Awaitable[Answer]]) -> Answer:
        reading = asyncio.ensure_future(request())
        end = asyncio.ensure_future(self.halt.wait())
        try:
            await asyncio.wait((reading, end), return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                await asyncio.wait((reading,), timeout=GRACE)
            if not reading.done():
                raise Unavailable("the run was ended first", repeated=True)
            return reading.result()
        finally:
            end.cancel()
            reading.cancel()
            await asyncio.wait((reading,))

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
