"""The first page: all registries at a glance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from purge_core.bounded import map_bounded
from purge_core.instants import DAY, Instant
from purge_core.records.overviews import Condition, Overview, RegistryOverview
from purge_core.records.store import RunStore
from purge_core.records.store_records import (
    RepositoryRecord,
    RunRecord,
    RunState,
    RunSums,
    Trigger,
)
from purge_core.records.sums import is_troubled, sums_of
from purge_core.reviewing.conditions import condition_of
from purge_core.reviewing.nights import missing_nights, nights_of
from purge_core.reviewing.reading import MOST_RUNS, Some, some_repositories
from purge_core.schedule import Schedule

USUAL_DAYS: Final = 90
MOST_DAYS: Final = 400
_RUNS: Final = 30
_AT_ONCE: Final = 4
"""Registries that are looked at side by side."""
_BIGGEST: Final = 20
_OF_THE_APP: Final = (Trigger.TIMER, Trigger.HTTP)
"""Runs that only an app begins: a command line writes into a journal before there is one."""
_TROUBLED: Final = 50
_NOTHING: Final[Some[RepositoryRecord]] = Some((), cut=False)
_JUDGED: Final = (RunState.PLANNED, RunState.HELD, RunState.PURGING, RunState.DONE)


@dataclass(frozen=True, slots=True)
class Sight:
    """From when (``now``), how many ``days`` back, and by which schedule runs were due.

    ``sure``: the schedule is known to hold. Else it holds from the first nightly run on.
    """

    now: Instant
    schedule: Schedule | None = None
    days: int = USUAL_DAYS
    sure: bool = True

    @property
    def since(self) -> Instant:
        """The midnight (UTC) of the first day."""
        return Instant((self.now // DAY - self.days + 1) * DAY)


async def overview(store: RunStore, registries: Iterable[str], sight: Sight) -> Overview:
    """Look at all registries.

    Raises:
        JournalError: the store could not be read.

    """

    async def look(registry: str) -> RegistryOverview:
        return await registry_overview(store, registry, sight)

    found = await map_bounded(look, tuple(registries), _AT_ONCE)
    schedule = None if sight.schedule is None else sight.schedule.text
    return Overview(sight.now, schedule, tuple(found))


async def registry_overview(store: RunStore, registry: str, sight: Sight) -> RegistryOverview:
    """Look at one registry.

    Raises:
        JournalError: the store could not be read.

    """
    page = await store.list_runs(registry, limit=MOST_RUNS)
    runs, since = page.items, sight.since
    missing = _missing(runs, sight)
    latest, judged = _latest(runs), _latest([run for run in runs if run.state in _JUDGED])
    held, largest = await _repositories(store, latest, judged)
    sums = _sums(latest, held)
    return RegistryOverview(
        registry=registry,
        condition=_condition(latest, sums, missing, sight.now),
        latest=latest,
        sums=sums,
        missing=missing,
        nights=nights_of(runs, missing, since, sight.now),
        runs=runs[:_RUNS],
        biggest=_biggest(largest.items),
        troubled=tuple(filter(is_troubled, held.items))[:_TROUBLED],
        cut=held.cut or largest.cut or (page.next is not None and runs[-1].created > since),
    )


def _missing(runs: Sequence[RunRecord], sight: Sight) -> tuple[Instant, ...]:
    """Give the nights without a run, as far as anybody can know."""
    if sight.schedule is None:
        return ()
    shows = _OF_THE_APP if sight.sure else (Trigger.TIMER,)
    known = [run for run in runs if run.trigger in shows]
    return missing_nights(sight.schedule, known, sight.since, sight.now)


def _latest(runs: Sequence[RunRecord]) -> RunRecord | None:
    """Give the latest nightly run, or the latest of all where none is nightly."""
    nightly = (run for run in runs if run.trigger is Trigger.TIMER)
    return next(nightly, runs[0] if runs else None)


async def _repositories(
    store: RunStore, latest: RunRecord | None, judged: RunRecord | None
) -> tuple[Some[RepositoryRecord], Some[RepositoryRecord]]:
    """Read the repositories of both runs, which mostly are one."""
    held = _NOTHING if latest is None else await some_repositories(store, latest.id)
    if judged is None or judged == latest:
        return held, held if judged is not None else _NOTHING
    return held, await some_repositories(store, judged.id)


def _sums(run: RunRecord | None, repositories: Some[RepositoryRecord]) -> RunSums | None:
    """Give what a run came to; counted now, where it has not ended or did not say."""
    if run is None or repositories.cut:
        return None if run is None else run.sums
    if run.sums is not None and run.state is not RunState.PURGING:
        return run.sums
    return sums_of(repositories.items)


def _condition(
    latest: RunRecord | None, sums: RunSums | None, missing: Sequence[Instant], now: Instant
) -> Condition:
    if latest is None:
        return Condition.NEVER
    # A run by request, though it is later, makes up for no night: the timer did not come.
    if missing and (latest.trigger is not Trigger.TIMER or latest.created < missing[0]):
        return Condition.MISSING
    return condition_of(latest, sums, now)


def _biggest(records: Iterable[RepositoryRecord]) -> tuple[RepositoryRecord, ...]:
    known = [record for record in records if record.totals.bytes_held is not None]
    known.sort(key=lambda record: (-(record.totals.bytes_held or 0), record.repository))
    return tuple(known[:_BIGGEST])
