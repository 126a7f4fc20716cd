"""What is known of a run, counted when somebody looks."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from purge_core.records.journal import RunId
from purge_core.records.lists import all_repositories
from purge_core.records.store_records import OutcomeCount, RepositoryState, RunRecord, Totals
from purge_core.records.sums import sums_of
from purge_core.service.applying import UnknownRun
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
    records = await all_repositories(service.store, run.id)
    states = Counter(record.state for record in records)
    sums = sums_of(records)
    return RunView(run, states, sums.totals, sums.outcomes)
