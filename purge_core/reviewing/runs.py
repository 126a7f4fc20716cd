"""The page of a run: its repositories, those that are asked for."""

from collections import Counter
from typing import Final, assert_never

from purge_core.instants import Instant
from purge_core.records.journal import RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.overviews import RepositoryFilter, RunReport, Showing
from purge_core.records.store import RunStore
from purge_core.records.store_records import RepositoryRecord, RepositoryState, RunRecord, RunState
from purge_core.records.sums import is_troubled, sum_kept, sums_of
from purge_core.reviewing.reading import known_run, some_repositories

REPOSITORIES: Final = 500
"""Repositories on a page."""


async def run_report(
    store: RunStore,
    run: RunId,
    find: RepositoryFilter,
    now: Instant,
    first: int = 0,
    many: int = REPOSITORIES,
) -> RunReport:
    """Look at a run, and list the repositories that are wanted: so ``many`` from the ``first``.

    Raises:
        NoSuchRecord: there is no such run.
        JournalError: the store could not be read.

    """
    record = await known_run(store, run)
    read = await some_repositories(store, run)
    wanted = [each for each in read.items if fits(each, find)]
    return RunReport(
        now=now,
        run=record,
        sums=sums_of(read.items, exact=_exact(record)),
        states=Counter(each.state for each in read.items),
        kept=sum_kept(count for each in read.items for count in each.kept or ()),
        find=find,
        repositories=tuple(wanted[first : first + many]),
        first=first,
        matching=len(wanted),
        cut=read.cut,
    )


def _exact(run: RunRecord) -> int | None:
    """Give what was counted blob by blob at the latest end; what a plan frees is not yet freed."""
    at_work = run.state is RunState.PURGING
    return None if run.sums is None or at_work else run.sums.exact_bytes


def fits(record: RepositoryRecord, find: RepositoryFilter) -> bool:
    """Whether a repository is wanted."""
    named = find.text.casefold() in record.repository.casefold()
    return named and _is_shown(record, find.showing)


def _is_shown(record: RepositoryRecord, showing: Showing) -> bool:
    ended = {count.outcome for count in record.outcomes}
    match showing:
        case Showing.ALL:
            return True
        case Showing.TROUBLED:
            return is_troubled(record)
        case Showing.DELETED:
            return any(outcome.is_deleted for outcome in ended)
        case Showing.PLANNED:
            return record.totals.steps > 0
        case Showing.REFUSED:
            return record.state is RepositoryState.REFUSED
        case Showing.FAILED:
            return record.state is RepositoryState.FAILED
        case Showing.NOT_REACHED:
            return Outcome.NOT_REACHED in ended
        case _:
            assert_never(showing)
