"""``--exact-bytes``: a run that also says what it frees, blob by blob."""

import asyncio
from dataclasses import replace

from purge_core.bootstrap import pace_of
from purge_core.cli import console
from purge_core.cli.requests import Request
from purge_core.measuring import gone_manifests, measure
from purge_core.planning import plan_repositories
from purge_core.records.journal import Journal
from purge_core.records.results import RunResult
from purge_core.registry import MeasurableRegistry
from purge_core.report.text import count
from purge_core.run import carry_out


async def run_exactly(
    request: Request, registry: MeasurableRegistry, journal: Journal, stop: asyncio.Event
) -> RunResult:
    """Plan, look at every manifest of the registry, and carry the plans out."""
    order = request.order
    planned = await plan_repositories(registry, order, journal)
    gauge = await measure(registry, planned, order.concurrency, _tell)
    pace = pace_of(request.settings, order.registry)
    result = await carry_out(registry, order, planned, journal, stop, pace=pace)
    gone = set(gone_manifests(result, order.mode))
    return replace(result, exact=gauge.exact(gone))


def _tell(manifests: int) -> None:
    """Say beforehand what it costs."""
    many = count(manifests, "manifest")
    console.tell(f"exact bytes: {many} to look at; a request for each that is not remembered")
