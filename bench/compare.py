"""Whole purges side by side with `acr purge`: requests, wall time, processor time, memory.

Every purge is run by the command line in a process of its own, at latency 0 and 20 ms, without a
quota and with that of each tier, on a registry of its own. Where `ACR_BIN` names the `acr` binary,
it purges a registry of the same contents in the same run, and the ratios are to what it did. Else
its requests are replayed there, in its order and at its width (`bench.replay`), by a program that
hardly thinks; with a quota, into which they would run, the ratios are to its arithmetic
(`bench.acr`), and its time is not known.
The registry's clock and quota, and what the limiter is told of them, are faster by one factor;
latencies are not.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acr_emulator.process import Served, serving
from bench.acr import binary, run_rival
from bench.cases import Case
from bench.client import DELETES, Manner, Used, purge
from bench.quota import Along, along
from bench.table import print_table
from purge_core.pace.quotas import Sku

WIDTH: Final = 32
"""Requests in flight, on both sides."""
LATENCIES: Final = (0.0, 0.02)
SPEEDS: Final = {Sku.STANDARD: 4.0, Sku.PREMIUM: 1.0}
"""By which time flies with a quota: 33 deletions a second in both tiers."""
ALONG: Final = 1.05
REFUSED: Final = 0.001


@dataclass(frozen=True, slots=True)
class Condition:
    """What the registry is like: its tier, if it has a quota, and the seconds of an answer."""

    sku: Sku
    latency: float

    @property
    def speed(self) -> float:
        """How many times as fast its clock and quota are."""
        return SPEEDS.get(self.sku, 1.0)

    @property
    def options(self) -> Iterator[str]:
        """As the development registry takes it."""
        given = [f"latency={self.latency}", "log_size=1000000"]
        if self.sku in SPEEDS:
            given += [f"sku={self.sku.value}", f"speed={self.speed}"]
        return (word for text in given for word in ("--option", text))


CONDITIONS: Final = tuple(
    Condition(sku, latency) for sku in (Sku.NONE, *SPEEDS) for latency in LATENCIES
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One purge under one condition: ours, how it went along the quota, and the rival's."""

    case: Case
    condition: Condition
    ours: Used
    quota: Along | None
    rival: Used | None

    @property
    def measure(self) -> Used | None:
        """What the rival did, if it came to its end; else its arithmetic has to serve."""
        return self.rival if self.rival is not None and not self.rival.code else None

    @property
    def requests(self) -> float:
        """Ours, verification and sign-in included, to those of `acr purge`.

        Its arithmetic leaves its sign-in out.
        """
        return self.ours.count() / (
            self.measure.count() if self.measure else self.case.acr.requests
        )

    @property
    def deletes(self) -> float | None:
        """Ours to those of `acr purge`; ``None`` where there are none."""
        rival = self.measure.count(*DELETES) if self.measure else self.case.acr.deletes
        return self.ours.count(*DELETES) / rival if rival else None

    @property
    def seconds(self) -> float | None:
        """Our time to that of the binary."""
        return self.ours.seconds / self.measure.seconds if self.measure else None

    @property
    def excess(self) -> Iterator[str]:
        """Name what is more than claimed."""
        case, bare = self.case, self.condition.sku is Sku.NONE
        if case.requests is not None and self.requests > case.requests:
            yield f"{self.requests:.3f} times the requests"
        if case.deletes is not None and (self.deletes or 0) > case.deletes:
            yield f"{self.deletes:.3f} times the deletions"
        if case.peak is not None and self.ours.peak > case.peak:
            yield f"{self.ours.peak:.0f} MiB"
        if case.seconds and bare and self.condition.latency and (self.seconds or 0) > case.seconds:
            yield f"{self.seconds:.2f} times the time"
        if self.quota is not None and self.quota.ratio > ALONG:
            yield f"{self.quota.ratio:.3f} times the quota's bound"
        if self.quota is not None and self.quota.refused > REFUSED:
            yield f"{self.quota.refused:.2%} answered 429"


def compare(case: Case, conditions: Sequence[Condition] = CONDITIONS) -> None:
    """Measure a case and print it; ends with an error when something is more than claimed."""
    cells = []
    for condition in conditions:
        cell = run_cell(case, condition)
        print(" | ".join(_row(cell)), flush=True)
        cells.append(cell)
    beside = "its requests replayed" if binary() is None else "its binary"
    print_table(
        f"{case.title}; {WIDTH} in flight; acr purge: {beside}",
        HEADS,
        [_row(cell) for cell in cells],
    )
    excess = [f"{_name(cell.condition)}: {text}" for cell in cells for text in cell.excess]
    if excess:
        raise SystemExit("more than claimed: " + "; ".join(excess))


def run_cell(case: Case, condition: Condition) -> Cell:
    """Run one purge, and the rival's, each on a registry of its own."""
    manner = Manner(sku=condition.sku.value, speed=condition.speed, concurrency=WIDTH)
    with _registry(case, condition) as served, tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "manifests.db" if case.warm else None
        if case.warm:
            purge(served, *case.flags, cache=cache, manner=manner)
        ours = purge(served, *case.flags, cache=cache, manner=manner)
        log = served.admin("GET", "requests?entries")
    tier = condition.sku if condition.sku in SPEEDS else None
    quota = along(tier, log) if tier is not None else None
    rival = None
    if binary() is not None or tier is None:
        with _registry(case, condition) as served:
            rival = run_rival(served, case.flags, WIDTH)
    return Cell(case, condition, ours, quota, rival)


@contextmanager
def _registry(case: Case, condition: Condition) -> Iterator[Served]:
    with serving(*case.registry, *condition.options) as served:
        yield served


HEADS: Final = (
    *("quota, latency", "requests", "DELETEs", "time", "CPU", "per request", "peak"),
    *("to the bound", "429", "requests to acr", "DELETEs to acr", "time to acr"),
)


def _name(condition: Condition) -> str:
    factor = f" x{condition.speed:g}" if condition.speed != 1 else ""
    return f"{condition.sku.value}{factor}, {condition.latency * 1000:.0f} ms"


def _row(cell: Cell) -> tuple[str, ...]:
    ours, quota = cell.ours, cell.quota
    return (
        _name(cell.condition),
        f"{ours.count():,}",
        f"{ours.count(*DELETES):,}",
        f"{ours.seconds:.0f} s",
        f"{ours.cpu:.1f} s",
        f"{ours.cpu * 1000 / ours.count():.2f} ms",
        f"{ours.peak:.0f} MiB",
        "-" if quota is None else f"{quota.ratio:.3f}",
        f"{ours.refused / ours.count():.3%}",
        f"{cell.requests:.3f}",
        "-" if cell.deletes is None else f"{cell.deletes:.3f}",
        _time_to_acr(cell),
    )


def _time_to_acr(cell: Cell) -> str:
    """Say how our time compares, where the rival ran."""
    if cell.rival is not None and cell.rival.code:
        return f"it failed ({cell.rival.code})"
    return "-" if cell.seconds is None else f"{cell.seconds:.2f}"
