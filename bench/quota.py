"""Deletions against the quota's own bound, read off the registry's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.client import DELETES
from purge_core.instants import TICKS_PER_SECOND
from purge_core.pace.quotas import PER_MINUTE, Kind, Sku

ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Along:
    """So many ``deletions`` from the first to the last; seconds are of the registry's clock.

    ``bound`` is what the quota itself takes: (deletions - burst) / rate. ``refused`` is the share
    of all requests that were answered 429.
    """

    deletions: int
    seconds: float
    bound: float
    refused: float

    @property
    def ratio(self) -> float:
        """How many times longer it took than the quota itself takes."""
        return self.seconds / self.bound


def along(tier: Sku, log: Mapping[str, Any]) -> Along | None:
    """Read it from the registry's log; ``None`` when no more was deleted than fits the burst."""
    entries = log["entries"]
    deleted = [e["at"] for e in entries if e["kind"] in DELETES and e["status"] == ACCEPTED]
    per_minute = PER_MINUTE[tier][Kind.DELETE]
    bound = (len(deleted) - per_minute) / (per_minute / 60)
    if bound <= 0:
        return None
    seconds = (max(deleted) - min(deleted)) / TICKS_PER_SECOND
    refused = sum(entry["status"] == 429 for entry in entries) / len(entries)
    return Along(len(deleted), seconds, bound, refused)
