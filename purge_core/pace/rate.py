"""A rate that is halved when it was too high, and climbs back evenly."""

import math
from typing import Final

_FALL: Final = 0.5
_LOWEST: Final = 0.05
"""The share of the normal rate below which it never falls."""
_CLIMB: Final = 60.0
"""Seconds in which it climbs by as much as is normal."""
_SAME: Final = 1.0
"""Seconds after a pause for which refusals belong to what was sent before it."""
_ENDLESS: Final = 1e9


class Rate:
    """Requests per second: additive increase, multiplicative decrease."""

    def __init__(self, normal: float, now: float, *, limited: bool = True) -> None:
        """Begin with what is ``normal``, which is also the most; or, not ``limited``, without end.

        An unlimited one falls to half of what is normal, and climbs without end.
        """
        self._normal = normal
        self._most = normal if limited else _ENDLESS
        self._base = self._most
        self._climbs_from = now
        self._calm_until = -math.inf

    @property
    def per_second(self) -> float:
        """The rate of when it was looked at last."""
        return self._base

    def scale(self, by: float) -> None:
        """Make so many times as much normal; without end stays without end."""
        self._normal *= by
        self._most = self._most * by if self._most < _ENDLESS else _ENDLESS
        self._base = self._base * by if self._base < _ENDLESS else _ENDLESS

    def fall(self, now: float, until: float) -> None:
        """Halve it from ``until`` on; once for all refusals of the same moment."""
        if now >= self._calm_until:
            before = self._normal if self._base == _ENDLESS else self._base
            self._base = max(before * _FALL, self._normal * _LOWEST)
        self._climbs_from = max(self._climbs_from, until)
        self._calm_until = max(self._calm_until, until + _SAME)

    def between(self, begun: float, ended: float) -> float:
        """Give how many requests come in from ``begun`` to ``ended``, and climb meanwhile."""
        before = self._base
        climbed = max(0.0, ended - max(begun, self._climbs_from)) * self._normal / _CLIMB
        self._base = min(self._most, before + climbed)
        return max(0.0, ended - begun) * (before + self._base) / 2

    def time_for(self, requests: float) -> float:
        """Give the seconds after which so many have come in, as fast as now."""
        return requests / self._base
