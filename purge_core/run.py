"""The use cases: a run from the catalogue to the last outcome, and a stored plan's."""

import asyncio

from purge_core.errors import JournalError
from purge_core.judgement.guards import TooManyDeletions, check_run
from purge_core.pace.pace import Pace
from purge_core.planning import RunOrder, plan_repositories
from purge_core.plans.plan import require_due
from purge_core.purging import PurgeHalted, purge_repositories
from purge_core.records.journal import Journal, Mode, RunFinished
from purge_core.records.results import RepositoryResult, RunResult, State
from purge_core.registry import Registry
from purge_core.verifying import verify_run


async def run(
    registry: Registry,
    order: RunOrder,
    journal: Journal,
    stop: asyncio.Event,
    *,
    pace: Pace | None = None,
) -> RunResult:
    """Plan all repositories; then, in purge mode and within the limits, carry it out.

    Nothing is deleted before every repository is planned: every pattern has been
    matched and the whole run's size is known by then. ``stop`` ends the run early; what
    is under way is finished, the rest is ``not-reached``. ``pace`` is shared by all that
    use the registry; without one the run has its own.

    Raises:
        RegistryError: the catalogue could not be read.
        PolicyError: a pattern exceeded its time limit; nothing has been deleted.
        JournalError: a record could not be written; nothing is deleted unrecorded.

    """
    planned = await plan_repositories(registry, order, journal)
    return await carry_out(registry, order, planned, journal, stop, pace=pace)


async def carry_out(
    registry: Registry,
    order: RunOrder,
    planned: tuple[RepositoryResult, ...],
    journal: Journal,
    stop: asyncio.Event,
    *,
    stored: bool = False,
    pace: Pace | None = None,
) -> RunResult:
    """Check the run's limits and execute exactly the plans given.

    ``stored`` plans were made earlier: each begins with a fresh listing.

    Raises:
        PlanRefused: a plan was altered after it was made, or is for a time to come; nothing
            has been deleted.
        PurgeHalted: a record could not be written after something may have been deleted; the
            error has all results. Nothing is deleted unrecorded.
        JournalError: a record could not be written; nothing has been deleted.

    """
    if order.mode is Mode.PURGE and order.read is not None:
        require_due(order.now, order.read)
    plans = [r.plan for r in planned if r.state is State.PLANNED and r.plan is not None]
    for plan in plans:
        plan.require_seal()
    held = check_run(order.policy, (plan.deletions for plan in plans))
    if order.mode is Mode.PLAN or held is not None:
        return await _ended(order, planned, held, journal, stop)
    planned = await purge_repositories(
        registry, order, planned, journal, stop, stored=stored, pace=pace
    )
    try:
        if order.verify:
            planned = await verify_run(registry, order, planned, journal, stop)
        return await _ended(order, planned, held, journal, stop)
    except JournalError as error:  # what was deleted must be told all the same
        raise PurgeHalted(str(error), planned) from error


async def _ended(
    order: RunOrder,
    results: tuple[RepositoryResult, ...],
    held: TooManyDeletions | None,
    journal: Journal,
    stop: asyncio.Event,
) -> RunResult:
    """Put the result of a run together, and record that it has ended."""
    stopped = stop.is_set()
    result = RunResult(order.registry, order.policy, order.now, results, held, stopped, order.read)
    await journal.record(RunFinished(order.run, result))
    return result
