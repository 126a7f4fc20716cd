"""The nights of a registry: which had no run, and what the days came to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from purge_core.instants import DAY, TICKS_PER_SECOND, Instant
from purge_core.records.overviews import Condition, Night
from purge_core.records.store_records import RunRecord, RunState, RunSums, Trigger
from purge_core.reviewing.conditions import condition_of, worst
from purge_core.schedule import Schedule

_EARLY: Final = 60 * TICKS_PER_SECOND
"""A timer may come a little before its time."""
_PATIENCE: Final = 900 * TICKS_PER_SECOND
"""A run that is not there so long after its time is missing."""
MOST_OCCURRENCES: Final = 400
"""So many occurrences of the schedule are looked at, however often it comes."""


def missing_nights(
    schedule: Schedule, runs: Sequence[RunRecord], since: Instant, now: Instant
) -> tuple[Instant, ...]:
    """Give the occurrences since then, newest first, that no nightly run belongs to.

    A run belongs to the latest occurrence before it, be it begun by hand. What was due before
    the first of ``runs`` is not missing: nobody knows what there was then.
    """
    if not runs:
        return ()
    first = max(since, min(run.created for run in runs))
    begun = sorted((r.created for r in runs if r.trigger is Trigger.TIMER), reverse=True)
    found: list[Instant] = []
    until = Instant(now + _EARLY + 1)
    for due in _occurrences(schedule, Instant(now - _PATIENCE)):
        if due < first:
            break
        if not any(due - _EARLY <= at < until - _EARLY for at in begun):
            found.append(due)
        until = due
    return tuple(found)


def _occurrences(schedule: Schedule, until: Instant) -> Iterator[Instant]:
    """Give the latest occurrences that are not after ``until``, newest first."""
    at = schedule.latest(until)
    for _ in range(MOST_OCCURRENCES):
        if at is None:
            return
        yield at
        at = schedule.latest(Instant(at - TICKS_PER_SECOND))


def nights_of(
    runs: Iterable[RunRecord], missing: Iterable[Instant], since: Instant, now: Instant
) -> tuple[Night, ...]:
    """Give every day from ``since`` to ``now``, oldest first, with what began on it."""
    by_day: dict[int, list[RunRecord]] = defaultdict(list)
    for run in runs:
        by_day[run.created // DAY].append(run)
    lost = {due // DAY for due in missing}
    days = range(since // DAY, now // DAY + 1)
    return tuple(_night(Instant(d * DAY), by_day.get(d, []), now, lost=d in lost) for d in days)


def _night(day: Instant, runs: Sequence[RunRecord], now: Instant, *, lost: bool) -> Night:
    conditions = [condition_of(run, run.sums, now) for run in runs]
    sums = [run.sums for run in runs if run.sums is not None]
    gone = [c for each in sums for c in each.outcomes if c.outcome.is_deleted]
    plans = [run.sums.totals for run in runs if run.sums is not None and _is_plan(run)]
    return Night(
        day=day,
        condition=worst([*conditions, *([Condition.MISSING] if lost else [])]),
        runs=tuple(run.id for run in runs),
        deleted=sum(count.tags + count.manifests for count in gone),
        freed=sum(count.bytes for count in gone),
        exact=_exact(sums),
        planned=max((t.tags_to_delete + t.manifests_to_delete for t in plans), default=0),
        planned_bytes=max((totals.bytes_to_delete for totals in plans), default=0),
        unknown=sum(run.sums is None for run in runs),
    )


def _exact(sums: Iterable[RunSums]) -> int | None:
    """Add up what was freed blob by blob; ``None`` unless every run that deleted counted it."""
    deleting = [s for s in sums if any(count.outcome.is_deleted for count in s.outcomes)]
    counted = [each.exact_bytes for each in deleting if each.exact_bytes is not None]
    return sum(counted) if deleting and len(counted) == len(deleting) else None


def _is_plan(run: RunRecord) -> bool:
    """Whether it would have deleted now, and waits; a plan for a time to come says nothing."""
    return run.state in (RunState.PLANNED, RunState.HELD) and run.now <= run.created
