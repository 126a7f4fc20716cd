"""One worker at a time on a registry's quota, or as many as the owner allows, each with a share."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from typing import Final

from purge_core.errors import JournalError
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.records.store_records import Lease
from purge_core.service.ports import Service

_LOG: Final = logging.getLogger(__name__)
_TTL: Final = Span(90 * TICKS_PER_SECOND)
"""After the death of its holder a slot is free again in this time."""
_RENEWAL: Final = 25.0
"""Seconds between two renewals: two may fail before the lease is lost."""
_LONGEST_RELEASE: Final = 5.0
"""Seconds. What is not given back by then becomes free when its time is over."""
_LONGEST_PAUSE: Final = 15
"""Seconds; with many who wait, a free slot is soon taken all the same."""


class Held:
    """A slot that is held. ``stop`` is set when it is ``lost``, or when the time is up."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.stop = stop
        self.lost = False


@asynccontextmanager
async def leased(
    service: Service, registry: str, holder: str, stop: asyncio.Event
) -> AsyncIterator[Held | None]:
    """Hold one of the registry's slots; ``None`` when none is free.

    The holder's own slot is given to it again: so a message that is delivered anew, after
    the death of its worker, need not wait. ``stop`` is set when the slot is lost.
    """
    slots, now = service.options.workers, service.clock()
    lease = await service.store.take_lease(registry, holder, slots=slots, ttl=_TTL, now=now)
    if lease is None:
        yield None
        return
    held = Held(stop)
    keeper = _Keeper(service, lease, held)
    renewing = asyncio.create_task(keeper.keep())
    try:
        yield held
    finally:
        await keeper.finish(renewing)
        await keeper.release()


class _Keeper:
    """Renews a lease until it is told to give it back."""

    def __init__(self, service: Service, lease: Lease, held: Held) -> None:
        self._service = service
        self._held = held
        self._lease = lease
        self._over = asyncio.Event()
        self._share()

    async def keep(self) -> None:
        """Renew from time to time, until somebody else has the slot."""
        while not await self._is_over(min(_RENEWAL, self._left())):
            renewed = await self._renewed()
            if renewed is None:
                _LOG.warning("lost the lease of %s", self._lease.registry)
                self._held.lost = True
                self._held.stop.set()
                return
            self._lease = renewed
            self._share()

    async def _is_over(self, seconds: float) -> bool:
        """Wait for so long, unless the work ends before."""
        try:
            async with asyncio.timeout(seconds):
                return await self._over.wait()
        except TimeoutError:
            return False

    async def finish(self, renewing: "asyncio.Task[None]") -> None:
        """Let a renewal that is under way end: what is given back is the lease as it left it.

        A storage that does not answer is not waited for.
        """
        self._over.set()
        try:
            await asyncio.wait({renewing}, timeout=_LONGEST_RELEASE)
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing

    def _share(self) -> None:
        """Share the quota with those who hold the other slots by now."""
        self._service.pace(self._lease.registry).share_among(self._lease.held)

    async def _renewed(self) -> Lease | None:
        """Renew once; a store that fails may do so the next time.

        No answer is waited for beyond the end of the lease: by then another may have the slot.
        """
        now = self._service.clock()
        try:
            async with asyncio.timeout(self._left()):
                return await self._service.store.renew_lease(self._lease, ttl=_TTL, now=now)
        except TimeoutError:
            _LOG.warning("the lease of %s ended before it was renewed", self._lease.registry)
            return None
        except JournalError as error:
            _LOG.warning("the lease of %s was not renewed: %s", self._lease.registry, error)
            return self._lease if self._lease.expires > now else None

    def _left(self) -> float:
        """Say for how many seconds the lease still holds."""
        return max(0.0, (self._lease.expires - self._service.clock()) / TICKS_PER_SECOND)

    async def release(self) -> None:
        """Give the slot back; one that could not be given back becomes free by itself.

        A storage that does not answer holds nobody up for long, and not at all for a slot
        that is lost: another may have it by now.
        """
        if self._held.lost:
            return
        try:
            async with asyncio.timeout(min(_LONGEST_RELEASE, self._left())):
                await self._service.store.release_lease(self._lease)
        except TimeoutError:
            _LOG.warning("the lease of %s was not given back in time", self._lease.registry)
        except JournalError as error:
            _LOG.warning("the lease of %s was not given back: %s", self._lease.registry, error)


def pause_without_lease(holder: str, waits: int) -> Span:
    """Say how long to wait for a slot: longer each time, and different for each holder."""
    most = min(1 + waits, _LONGEST_PAUSE) * TICKS_PER_SECOND
    share = int.from_bytes(sha256(holder.encode()).digest()[:4]) % TICKS_PER_SECOND
    return Span(TICKS_PER_SECOND + most * share // TICKS_PER_SECOND)
