"""The second phase of a run: carry the plans of all its repositories out."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from purge_core.bounded import map_bounded
from purge_core.errors import JournalError
from purge_core.execution.effects import NOTHING_EARLIER, Earlier
from purge_core.execution.execute import Means, execute
from purge_core.execution.ledger import Ledger
from purge_core.execution.pacing import Halt, Traffic
from purge_core.pace.pace import Pace
from purge_core.planning import RunOrder
from purge_core.policies.policy import Dialect
from purge_core.records.journal import Journal
from purge_core.records.results import RepositoryResult, State
from purge_core.registry import Registry

Value = TypeVar("Value")


class PurgeHalted(JournalError):
    """A record could not be written once something may have been deleted; the run ended there.

    ``results`` holds every repository of the run, with the outcomes of what was done.
    """

    def __init__(self, message: str, results: tuple[RepositoryResult, ...]) -> None:
        """Keep the results, which are recorded nowhere else."""
        super().__init__(message)
        self.results = results


async def purge_repositories(  # noqa: PLR0913 - none of them follows from another
    registry: Registry,
    order: RunOrder,
    planned: tuple[RepositoryResult, ...],
    journal: Journal,
    stop: asyncio.Event,
    *,
    stored: bool,
    pace: Pace | None = None,
    earlier: Earlier = NOTHING_EARLIER,
) -> tuple[RepositoryResult, ...]:
    """Execute the plans of ``planned``, side by side, and give all results in their order.

    At most ``order.concurrency`` requests are under way at once. When ``stop`` is set, and
    when this task is cancelled, what is under way is finished and recorded, and the rest is
    not reached. ``pace`` is shared by all that use the registry; without one the run has
    its own. ``earlier``: see ``execute``.

    Raises:
        PurgeHalted: a record could not be written; nothing was deleted unrecorded.

    """
    halt = Halt(stop)
    traffic = Traffic(pace or Pace(), halt, order.concurrency)
    means = Means(registry, traffic, Ledger(journal, order.run, halt))

    async def purge_one(result: RepositoryResult) -> RepositoryResult:
        return await _purge(means, order, result, stored=stored, earlier=earlier)

    results = await _to_the_end(map_bounded(purge_one, planned, order.concurrency), halt)
    if halt.error is not None:
        raise PurgeHalted(str(halt.error), tuple(results)) from halt.error
    return tuple(results)


async def _purge(
    means: Means,
    order: RunOrder,
    result: RepositoryResult,
    *,
    stored: bool,
    earlier: Earlier,
) -> RepositoryResult:
    """Purge one repository, if it has a plan that may be carried out."""
    if result.state is not State.PLANNED or result.plan is None:
        return result
    policy = order.policy
    outcomes = await execute(
        result.plan,
        means,
        result.snapshot,
        stored=stored,
        locks_cover_tags=policy.dialect is Dialect.DOCUMENT and not policy.include_locked,
        earlier=earlier,
        in_use=order.used.of(result.repository),
    )
    result = replace(result, state=State.PURGED, outcomes=outcomes)
    await means.ledger.finish(result)
    return result


async def _to_the_end(work: Coroutine[Any, Any, Value], halt: Halt) -> Value:
    """Run ``work`` to its end even when this task is cancelled: it is halted then."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        halt.now()
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError:
                continue  # it is ending already
        task.result()  # a defect shows, rather than the cancellation
        raise
