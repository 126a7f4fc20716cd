"""What is known of a run, counted when somebody looks."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import astuple, dataclass

from purge_core.records.journal import RunId
from purge_core.records.store_records import (
    OutcomeCount,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    Totals,
)
from purge_core.records.store_rules import sum_outcomes
from purge_core.service.applying import UnknownRun
from purge_core.service.lists import every
from purge_core.service.ports import Service


@dataclass(frozen=True, slots=True)
class RunView:
    """A run, how many repositories stand where, and the sums over all of them."""

    run: RunRecord
    states: Mapping[RepositoryState, int]
    totals: Totals
    outcomes: tuple[OutcomeCount, ...]


async def known_run(service: Service, run: RunId) -> RunRecord:
    """Give a run.

    Raises:
        UnknownRun: there is none.

    """
    found = await service.store.get_run(run)
    if found is None:
        raise UnknownRun(f"there is no run {run}")
    return found


async def view_run(service: Service, run: RunId) -> RunView:
    """Look at a run and count its repositories.

    Raises:
        UnknownRun: there is none.

    """
    return await view_of(service, await known_run(service, run))


async def view_of(service: Service, run: RunRecord) -> RunView:
    """Count the repositories of a run."""
    states: Counter[RepositoryState] = Counter()
    totals, outcomes = Totals(), tuple[OutcomeCount, ...]()
    async for record in every(lambda after: service.store.repositories(run.id, after=after)):
        states[record.state] += 1
        totals = _added(totals, record)
        outcomes = sum_outcomes((*outcomes, *record.outcomes))
    return RunView(run, states, totals, outcomes)


def _added(totals: Totals, record: RepositoryRecord) -> Totals:
    pairs = zip(astuple(totals), astuple(record.totals), strict=True)
    return Totals(*(one + other for one, other in pairs))
