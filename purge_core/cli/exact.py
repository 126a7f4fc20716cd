"""``--exact-bytes``: a run that also says what it frees, blob by blob."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from purge_core.bootstrap import pace_of
from purge_core.cli import console
from purge_core.cli.requests import Request
from purge_core.measuring import Gauge, gone_manifests, manifests_of, measure, measure_going
from purge_core.planning import RunOrder, plan_repositories
from purge_core.records.journal import Journal
from purge_core.records.results import RepositoryResult, RunResult
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


async def measure_plans(
    registry: MeasurableRegistry, order: RunOrder, planned: Iterable[RepositoryResult]
) -> Gauge:
    """Look at every manifest of the registry before plans that were kept are carried out."""
    going = {
        each.repository: manifests_of(step for stage in each.plan.stages for step in stage)
        for each in planned
        if each.plan is not None
    }
    return await measure_going(registry, going, order.concurrency, _tell)


def _tell(manifests: int) -> None:
    """Say beforehand what it costs."""
    many = count(manifests, "manifest")
    console.tell(f"exact bytes: {many} to look at; a request for each that is not remembered")
