"""The limiters of one registry, one for each kind of request, shared by a whole process."""

import asyncio
from dataclasses import replace
from typing import Final

from purge_core.errors import Unavailable
from purge_core.pace.clock import Clock
from purge_core.pace.limiter import JITTER, Limiter
from purge_core.pace.quotas import PER_MINUTE, Kind, Share, Sku

_TOO_MANY: Final = 429
_MORE_THAN_BASIC: Final = 1.2 * PER_MINUTE[Sku.BASIC][Kind.DELETE]
"""A registry that has so many deletions left is a Premium one."""


class Pace:
    """When the requests to one registry may be sent.

    With a tier that is not told, it begins as at the lowest, until a deletion shows more.
    """

    def __init__(
        self, clock: Clock | None = None, sku: Sku = Sku.NONE, share: Share | None = None
    ) -> None:
        """Measure on ``clock``; without one, on that of the running event loop."""
        self.clock = clock or Clock(asyncio.get_running_loop().time, asyncio.sleep)
        self._sku = sku
        self._share = share or Share()
        self._limiters = {kind: Limiter(self.clock, self._share.of(sku, kind)) for kind in Kind}

    def __getitem__(self, kind: Kind) -> Limiter:
        """Give the limiter of one kind."""
        return self._limiters[kind]

    def share_among(self, workers: int) -> None:
        """Take an even share of what the registry takes from ``workers`` processes."""
        if workers != self._share.workers:
            self._share = replace(self._share, workers=workers)
            self._allow()

    def failed(self, kind: Kind, error: Unavailable) -> None:
        """Take note of an answer that was none; if it was a refusal, all of its kind wait."""
        if error.retry_after is not None or error.status == _TOO_MANY:
            self._limiters[kind].refused(error.retry_after)

    def shown(self, kind: Kind, left: float) -> None:
        """Take note of how many requests of a kind the registry has ``left`` in its bucket."""
        if self._sku is Sku.AUTO and kind is Kind.DELETE and left > _MORE_THAN_BASIC:
            self._sku = Sku.PREMIUM
            self._allow()
        if self._sku is not Sku.NONE:
            self._limiters[kind].shown(left)

    def _allow(self) -> None:
        for kind, limiter in self._limiters.items():
            limiter.allow(self._share.of(self._sku, kind))

    def spread(self, seconds: float) -> float:
        """Lengthen a wait by chance."""
        return seconds * (1 + JITTER * self.clock.chance())
