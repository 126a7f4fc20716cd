"""A limiter of one kind of request: as fast as a registry permits, and no faster.

Every request takes a ticket. Tickets are numbered, and a bucket says up to which number
they may go by now: it fills with time, as fast as the quota, and is emptied when the
registry says that it is empty. So one refusal holds up all who wait, each for its own
while, and they go on one after the other. Every process has its own bucket, and what the
registry shows of its true one corrects it.
"""

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from purge_core.pace.clock import Clock
from purge_core.pace.patience import LONGEST_WAIT
from purge_core.pace.quotas import Allowance
from purge_core.pace.rate import Rate

JITTER: Final = 0.25
"""The share by which chance lengthens a pause, at most."""

_RESERVE: Final = 0.05
"""The share of the registry's bucket that is never touched: others draw from it as well."""
_UNTOLD: Final = 1.0
"""Seconds to pause after a refusal that does not say for how long."""
_NOTHING: Final = 1e-6
"""The part of a request that is not waited for: times are not exact."""


class Limiter:
    """Says when the requests of one kind may be sent. Belongs to no event loop."""

    def __init__(self, clock: Clock, allowance: Allowance) -> None:
        """Begin with the burst at hand."""
        now = clock.seconds()
        self.clock = clock
        self._allowance = allowance
        self._rate = Rate(allowance.per_second, now, limited=allowance.limited)
        self._size = allowance.burst if allowance.limited else math.inf
        self._up_to = self._size
        self._taken = 0
        self._done = 0
        self._counted = now
        self._shut_until = -math.inf
        self._has_shown = False

    def ticket(self) -> "Ticket":
        """Take a place in the line."""
        self._fill()
        self._taken += 1
        return Ticket(self, self._taken)

    @asynccontextmanager
    async def turn(self, *, urgent: bool = False) -> AsyncIterator[None]:
        """Wait until a request may be sent, and send it inside.

        An ``urgent`` one waits for the end of a pause only, not in the line.
        """
        ticket = self.ticket()
        try:
            while (wait := self.pause if urgent else ticket.wait) > 0:
                await self.clock.sleep(wait)
            ticket.send()
            yield
        finally:
            ticket.close()

    @property
    def pause(self) -> float:
        """For how many seconds the registry wants to be left alone."""
        return max(0.0, self._shut_until - self.clock.seconds())

    @property
    def per_second(self) -> float:
        """How fast it goes by now."""
        self._fill()
        return self._rate.per_second

    def allow(self, allowance: Allowance) -> None:
        """Allow more or less from now on; how far it has fallen or filled stays in proportion."""
        self._fill()
        by = allowance.per_second / self._allowance.per_second
        self._allowance = allowance
        self._rate.scale(by)
        self._size *= by

    def refused(self, retry_after: float | None) -> None:
        """Pause all, at most five minutes and a little more by chance, and go on slower.

        ``retry_after``: the seconds that the registry asks for, ``None`` if it does not say.
        """
        self._fill()
        now = self.clock.seconds()
        wait = _UNTOLD if retry_after is None else min(max(retry_after, 0.0), LONGEST_WAIT)
        until = now + wait * (1 + JITTER * self.clock.chance())
        self._rate.fall(now, until)
        self._shut_until = max(self._shut_until, until)
        self._size = self._size if math.isfinite(self._size) else self._allowance.burst
        self._up_to = min(self._up_to, float(self._done))

    def shown(self, left: float) -> None:
        """Take note of how many requests the registry has ``left`` for its callers.

        The first time it may be more than is thought here; later it only corrects downwards,
        so that a registry that always shows the same is not believed to be bottomless.
        """
        self._fill()
        ours = left * self._allowance.share
        known = self._done + ours - max(1.0, _RESERVE * max(self._size, ours))
        if not self._has_shown:
            self._has_shown = True
            self._size = max(self._size, ours)
            self._up_to = max(self._up_to, known)
        self._up_to = min(self._up_to, known)

    def wait(self, number: int) -> float:
        """Give the seconds until the ticket of this number may be used."""
        self._fill()
        short = number - self._up_to
        return self.pause + (self._rate.time_for(short) if short > _NOTHING else 0.0)

    def close(self, *, sent: bool) -> None:
        """Take note that the request of a ticket has ended, or was not ``sent`` at all."""
        self._done += 1
        if not sent:
            self._fill()
            self._up_to += 1

    def _fill(self) -> None:
        """Let in what has come since the last time; nothing comes in during a pause."""
        now = self.clock.seconds()
        begun = max(self._counted, min(now, self._shut_until))
        fresh = self._rate.between(begun, now)
        self._counted = max(self._counted, now)
        self._up_to = min(self._up_to + fresh, self._taken + self._size)


class Ticket:
    """The place of one request in the line; given back when it is not sent."""

    __slots__ = ("_limiter", "_number", "_sent")

    def __init__(self, limiter: Limiter, number: int) -> None:
        self._limiter = limiter
        self._number = number
        self._sent = False

    @property
    def wait(self) -> float:
        """For how many seconds it may not be used; to be asked again after them."""
        return self._limiter.wait(self._number)

    def send(self) -> None:
        """Use it: a request is about to be sent."""
        self._sent = True

    def close(self) -> None:
        """Let go of it: the request has ended, or is not sent at all."""
        self._limiter.close(sent=self._sent)
