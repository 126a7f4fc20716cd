"""Ten thousand deletions along the quota of each tier, as a ratio to what the quota itself permits.

The development registry runs in a process of its own. Its clock and its quota, and what is told to
the limiter of it, are all faster by one factor, so that 19 minutes take two. Times are read off
the registry's clock, from the first deletion to the last.
"""

import asyncio
import os
import random
import time
from dataclasses import dataclass
from typing import Any, Final

from acr_emulator.process import Served, serving
from bench.quota import Along, along
from bench.table import print_table
from purge_core.adapters.acr import AcrOptions, open_registry
from purge_core.adapters.acr_auth import credential_for
from purge_core.bootstrap import current_instant, new_run
from purge_core.pace.clock import Clock
from purge_core.pace.pace import Pace
from purge_core.pace.quotas import Share, Sku
from purge_core.planning import RunOrder
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode, Record
from purge_core.run import run

DELETIONS: Final = 10_000
LIMIT: Final = 1.05
"""What they may take, as a multiple of (deletions - burst) / rate."""
REFUSED: Final = 0.001
"""The share of requests that may be answered 429."""
_COMMAND: Final = "acr purge --filter '.*:.*' --ago 7d --untagged"
_IN_FLIGHT: Final = 32


@dataclass(frozen=True, slots=True)
class Case:
    """A tier, what the limiter is told of it, and how many times as fast everything is."""

    name: str
    tier: Sku
    told: Sku
    speed: float


CASES: Final = (
    Case("Standard, tier told", Sku.STANDARD, Sku.STANDARD, 10.0),
    Case("Premium, tier not told", Sku.PREMIUM, Sku.AUTO, 2.5),
)


class _Silent:
    """A journal that keeps nothing."""

    async def record(self, record: Record) -> None:
        """Forget it."""


def measure() -> None:
    """Measure and print; ends with an error when it is slower or refused more than claimed."""
    found = {case: _along(case) for case in CASES}
    rows = [
        [
            case.name,
            f"{case.speed:g}",
            f"{each.bound:.0f} s",
            f"{each.seconds:.0f} s",
            f"{each.ratio:.3f}",
            f"{each.refused:.3%}",
        ]
        for case, each in found.items()
    ]
    heads = ["10,000 deletions", "speed", "the quota's bound", "taken", "ratio", "429"]
    print_table(f"Along the quota (at most {LIMIT} and {REFUSED:.1%})", heads, rows)
    if any(each.ratio > LIMIT or each.refused > REFUSED for each in found.values()):
        raise SystemExit("slower, or more often refused, than claimed")


def _along(case: Case) -> Along:
    options = (f"sku={case.tier.value}", f"speed={case.speed}", "page_cap=1000")
    given = ("--generate", "flat", "--tags", str(DELETIONS), "--newest", "30d")
    with serving(*given, *(word for text in options for word in ("--option", text))) as served:
        os.environ["SSL_CERT_FILE"] = served.ca_file
        asyncio.run(_purge(case, served))
        return _seen(case, served.admin("GET", "requests?entries"))


async def _purge(case: Case, served: Served) -> None:
    host = served.login_server
    clock = Clock(time.monotonic, asyncio.sleep, random.random)
    pace = Pace(clock, case.told, Share(speed=case.speed))
    options = AcrOptions(connections=_IN_FLIGHT)
    policy, now = load_policy(_COMMAND), current_instant()
    order = RunOrder(new_run(now, host), host, policy, now, Mode.PURGE, concurrency=_IN_FLIGHT)
    async with open_registry(host, credential_for(host), options, pace) as registry:
        await run(registry, order, _Silent(), asyncio.Event(), pace=pace)


def _seen(case: Case, log: dict[str, Any]) -> Along:
    found = along(case.tier, log)
    if found is None or found.deletions != DELETIONS:
        number = 0 if found is None else found.deletions
        raise SystemExit(f"{case.name}: {number} deletions instead of {DELETIONS}")
    return found
