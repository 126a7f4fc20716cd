"""What stored bytes cost: nothing up to what the tier includes, then a price per GiB and day."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from purge_core.pace.quotas import Sku

GIB: Final = 2**30
INCLUDED: Final[Mapping[Sku, int]] = {
    Sku.BASIC: 10 * GIB,
    Sku.STANDARD: 100 * GIB,
    Sku.PREMIUM: 500 * GIB,
}
"""Bytes that a tier includes.

Source: https://learn.microsoft.com/azure/container-registry/container-registry-skus, March 2026
"""

_PRICE: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?) ([A-Z]{3})")


@dataclass(frozen=True, slots=True)
class Price:
    """What one GiB costs for one day beyond what is included. ``source`` says who says so."""

    amount: float
    currency: str
    source: str

    def __str__(self) -> str:
        """Give it as it is written in a setting."""
        return f"{self.amount:.9f}".rstrip("0").rstrip(".") + f" {self.currency}"


LISTED: Final = Price(
    0.003, "USD", "https://azure.microsoft.com/pricing/details/container-registry, March 2026"
)
"""About what Azure asks for in most regions; yours, and your contract, may differ."""


def parse_price(text: str) -> Price:
    """Read a price such as ``0.003 USD``.

    Raises:
        ValueError: it is none; says what is expected.

    """
    match = _PRICE.fullmatch(text)
    if match is None:
        raise ValueError("a price per GiB and day with its currency, such as 0.003 USD")
    return Price(float(match[1]), match[2], "PURGE_STORAGE_PRICE")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a registry's storage costs per day: now, and once what goes has gone.

    ``included`` are the bytes that cost nothing. ``after`` is ``None`` where it is not known
    what is freed.
    """

    tier: str
    included: int
    price: Price
    now: float
    after: float | None


def cost_of(sku: Sku, price: Price, stored: int | None, freed: int | None) -> Cost | None:
    """Say what it costs; ``None`` where the tier, or what is stored, is not known.

    Other registries of the same tier do not matter: each includes its own.
    """
    included = INCLUDED.get(sku)
    if included is None or stored is None:
        return None
    after = None if freed is None else _daily(stored - freed, included, price)
    return Cost(sku.value, included, price, _daily(stored, included, price), after)


def _daily(stored: int, included: int, price: Price) -> float:
    return max(0, stored - included) / GIB * price.amount
