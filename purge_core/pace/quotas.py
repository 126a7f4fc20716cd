"""How many requests a registry takes from one identity, by its tier and their kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Sku(Enum):
    """The tier of a registry, which decides how many requests it takes per minute."""

    AUTO = "auto"
    """Not told: the lowest, until the registry shows that it takes more."""
    BASIC = "basic"
    STANDARD = "standard"
    PREMIUM = "premium"
    NONE = "none"
    """Without a quota, until the registry refuses a request."""


class Kind(Enum):
    """What a request counts as at the registry."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    SIGN_IN = "sign-in"


_BASIC: Final = {Kind.READ: 5_000, Kind.WRITE: 1_000, Kind.DELETE: 500, Kind.SIGN_IN: 5_000}
_PREMIUM: Final = {Kind.READ: 10_000, Kind.WRITE: 2_000, Kind.DELETE: 2_000, Kind.SIGN_IN: 10_000}
PER_MINUTE: Final[Mapping[Sku, Mapping[Kind, int]]] = {
    Sku.AUTO: _BASIC,
    Sku.BASIC: _BASIC,
    Sku.STANDARD: _BASIC,
    Sku.PREMIUM: _PREMIUM,
    Sku.NONE: _BASIC,
}
"""Requests per minute that are taken from one identity; ``NONE``: assumed after a refusal.
A sign-in is two requests.

Source: https://learn.microsoft.com/azure/container-registry/container-registry-skus
"""

_UNSEEN: Final = 10.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be sent of one kind: so many ``per_second``, and a ``burst`` at the start.

    ``limited``: also before the registry has refused anything. ``share`` is the part of what
    the registry shows to have left that is meant for us.
    """

    per_second: float
    burst: float
    limited: bool = True
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of a registry's quota may be used here.

    ``workers`` share it evenly, each in a process of its own. ``reserve`` is the part of
    the reads, from 0 to 1, that is left to those who pull. ``speed`` is how many times as
    fast as documented the quota fills: 1, but for a development registry whose time flies.
    """

    workers: int = 1
    reserve: float = 0.2
    speed: float = 1.0

    def of(self, sku: Sku, kind: Kind) -> Allowance:
        """Give what may be sent to a registry of this tier.

        A registry's bucket holds what it takes in a minute. It shows of its deletions how
        full that is, so few are sent before the first answer: others may have drawn from it.
        """
        used = (1 - self.reserve if kind is Kind.READ else 1.0) / self.workers
        minute = PER_MINUTE[sku][kind] * used
        burst = minute * (_UNSEEN if kind is Kind.DELETE else 60.0) / 60
        return Allowance(
            minute / 60 * self.speed, max(1.0, burst), sku is not Sku.NONE, 1 / self.workers
        )
