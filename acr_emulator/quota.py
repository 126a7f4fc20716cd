"""The request quota: token buckets per registry and per identity, of the size that the tier has."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from acr_emulator.errors import RegistryAnswer
from acr_emulator.kinds import Traffic
from acr_emulator.options import Options, Sku

_BASIC: Final = {
    Traffic.READ: (10_000, 5_000),
    Traffic.WRITE: (2_000, 1_000),
    Traffic.DELETE: (1_000, 500),
    Traffic.REFERRERS: (500, 250),
    Traffic.OAUTH: (10_000, 10_000),
}
_PREMIUM: Final = {
    Traffic.READ: (20_000, 10_000),
    Traffic.WRITE: (4_000, 2_000),
    Traffic.DELETE: (4_000, 2_000),
    Traffic.REFERRERS: (2_000, 1_000),
    Traffic.OAUTH: (20_000, 20_000),
}
PER_MINUTE: Final = {Sku.BASIC: _BASIC, Sku.STANDARD: _BASIC, Sku.PREMIUM: _PREMIUM}
"""Requests per minute, of the whole registry and of one identity.

Source: Azure Container Registry service limits, March 2026.
"""
_UNLIMITED: Final = {Traffic.DELETE: "8.000000", Traffic.OAUTH: "166.583333"}


@dataclass(slots=True)
class _Bucket:
    rate: float
    capacity: float
    level: float
    filled: float
    closed_until: float = 0.0

    def refill(self, now: float) -> None:
        self.level = min(self.capacity, self.level + (now - self.filled) * self.rate)
        self.filled = now


class Quota:
    """Counts requests and refuses those that are too many.

    `monotonic` gives seconds; they pass `options.speed` times as fast here. An empty bucket stays
    closed for `options.hold` seconds, while it fills again.
    """

    def __init__(self, options: Options, *, monotonic: Callable[[], float]) -> None:
        self._options = options
        self._monotonic = monotonic
        self._buckets: dict[tuple[Traffic, str], _Bucket] = {}

    def take(self, traffic: Traffic, identity: str) -> dict[str, str]:
        """Count a request: the headers that tell what is left. Raises RegistryAnswer (429)."""
        sku = self._options.sku
        kinds = (traffic, Traffic.READ) if traffic is Traffic.REFERRERS else (traffic,)
        if sku is None or traffic is Traffic.FREE:
            return _remaining(_UNLIMITED.get(traffic))
        now = self._monotonic() * self._options.speed
        buckets = [bucket for kind in kinds for bucket in self._both(kind, identity, sku, now)]
        wait = max(self._wait(bucket, now) for bucket in buckets)
        if wait > 0:
            raise self._refusal(wait)
        for bucket in buckets:
            bucket.level -= 1
        left = f"{min(bucket.level for bucket in buckets) / 60:.6f}"
        return _remaining(left if traffic in _UNLIMITED else None)

    def _both(self, traffic: Traffic, identity: str, sku: Sku, now: float) -> list[_Bucket]:
        whole, single = PER_MINUTE[sku][traffic]
        return [
            self._bucket((traffic, ""), whole, now),
            self._bucket((traffic, identity or "anonymous"), single, now),
        ]

    def _bucket(self, key: tuple[Traffic, str], per_minute: int, now: float) -> _Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            rate = per_minute / 60
            capacity = max(rate * self._options.burst, 1.0)
            bucket = self._buckets[key] = _Bucket(rate, capacity, capacity, now)
        bucket.refill(now)
        return bucket

    def _wait(self, bucket: _Bucket, now: float) -> float:
        """How long until the bucket gives, in its own seconds; an empty one is closed here."""
        if bucket.closed_until <= now and bucket.level < 1:
            bucket.closed_until = now + max(self._options.hold, (1 - bucket.level) / bucket.rate)
        return bucket.closed_until - now

    def _refusal(self, wait: float) -> RegistryAnswer:
        seconds = max(1, math.ceil(wait / self._options.speed))
        return RegistryAnswer(
            429,
            "TOOMANYREQUESTS",
            "too many requests, the request rate limit was exceeded",
            headers={"Retry-After": str(seconds)},
        )


def _remaining(value: str | None) -> dict[str, str]:
    return {} if value is None else {"X-Ms-Ratelimit-Remaining-Calls-Per-Second": value}
