"""What ``apply`` does, apart from reading its options."""

import asyncio
from dataclasses import replace

from purge_core.bootstrap import current_instant, login_server, new_run, pace_of
from purge_core.cli.connecting import with_manifest_cache
from purge_core.cli.given import ApplyOptions
from purge_core.cli.policies import read_text
from purge_core.cli.recorded_policies import plan_recording
from purge_core.cli.requests import Request, environment
from purge_core.cli.runs import Shown, Work, run_and_show
from purge_core.cli.used import with_used_shown
from purge_core.errors import InputError, PlanRefused, Problem
from purge_core.model import RepositorySnapshot
from purge_core.planning import RunOrder
from purge_core.plans.document import RepositoryPlan, StoredPlan, read_plan
from purge_core.plans.plan import require_due
from purge_core.records.journal import Journal, Mode, RepositoryPlanned, RunStarted
from purge_core.records.results import RepositoryResult, RunResult, State
from purge_core.registry import MeasurableRegistry


def apply(options: ApplyOptions) -> int:
    """Read the plan, carry it out, and tell."""
    settings = environment()
    stored = read_plan(read_text(options.plan, "FILE"))
    _require_due(stored)
    host = login_server(stored.registry, path="registry")
    order = RunOrder(
        new_run(current_instant(), host),
        host,
        stored.policy,
        stored.now,
        Mode.PURGE,
        tuple(each.plan.repository for each in stored.repositories),
        options.concurrency or settings.concurrency,
        verify=options.verify or settings.verify,
    )
    request = Request(
        settings=settings,
        order=order,
        source="registry",
        recording=plan_recording(options.journal, settings, stored),
        exact_bytes=options.exact_bytes or settings.exact_bytes,
    )
    shown = Shown(options.output, options.verbose, options.quiet)
    request = with_manifest_cache(request, options.manifest_cache)
    request = with_used_shown(request, shown)
    return run_and_show(request, _work(request, stored), shown)


def _require_due(stored: StoredPlan) -> None:
    """Refuse a plan for a time to come.

    Raises:
        InputError: it is one.

    """
    try:
        require_due(stored.now, current_instant())
    except PlanRefused as error:
        raise InputError([Problem("now", str(error), "a plan as of now")]) from None


def _work(request: Request, stored: StoredPlan) -> Work:
    """Give the work: the stored plans, through the same use case as a run's own."""
    from purge_core.cli.exact import measure_plans
    from purge_core.measuring import gone_manifests
    from purge_core.purging import PurgeHalted
    from purge_core.run import carry_out as carry_out_plans

    order = request.order
    pace = pace_of(request.settings, order.registry)
    planned = tuple(
        RepositoryResult(each.plan.repository, State.PLANNED, plan=each.plan)
        for each in stored.repositories
    )
    known = [_with_reasons(*pair) for pair in zip(planned, stored.repositories, strict=True)]

    async def work(
        registry: MeasurableRegistry, journal: Journal, stop: asyncio.Event
    ) -> RunResult:
        started = RunStarted(order.run, order.registry, order.mode, order.now, len(planned))
        await journal.record(started)
        for result in known:
            await journal.record(RepositoryPlanned(order.run, result))
        gauge = await measure_plans(registry, order, planned) if request.exact_bytes else None
        try:
            run = await carry_out_plans(
                registry, order, planned, journal, stop, stored=True, pace=pace
            )
        except PurgeHalted as halted:
            raise PurgeHalted(str(halted), _told(halted.results, stored)) from halted
        gone = set(gone_manifests(run, order.mode))
        exact = None if gauge is None else gauge.exact(gone)
        return replace(run, repositories=_told(run.repositories, stored), exact=exact)

    return work


def _told(
    results: tuple[RepositoryResult, ...], stored: StoredPlan
) -> tuple[RepositoryResult, ...]:
    """Add what the plan says of each item, for the report."""
    parts = {each.plan.repository: each for each in stored.repositories}
    return tuple(_with_reasons(each, parts[each.repository]) for each in results)


def _with_reasons(result: RepositoryResult, stored: RepositoryPlan) -> RepositoryResult:
    manifests = tuple(going.manifest for going in stored.manifests)
    snapshot = RepositorySnapshot(result.repository, manifests=manifests)
    return replace(result, snapshot=snapshot, decisions=stored.decisions)
