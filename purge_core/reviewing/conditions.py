"""How runs went, and which of several says most."""

from collections.abc import Iterable
from typing import assert_never

from purge_core.instants import DAY, Instant
from purge_core.records.overviews import Condition
from purge_core.records.store_records import RunRecord, RunState, RunSums

_ORDER = tuple(Condition)


def condition_of(run: RunRecord, sums: RunSums | None, now: Instant) -> Condition:
    """Say how a run went, or that it is at work: a day after it began, somebody should look."""
    match run.state:
        case RunState.FAILED:
            return Condition.FAILED
        case RunState.HELD:
            return Condition.HELD
        case RunState.QUEUED | RunState.PLANNING | RunState.PURGING:
            return Condition.RUNNING if now - run.created < DAY else Condition.TROUBLED
        case RunState.PLANNED | RunState.DONE:
            if sums is not None and sums.troubled:
                return Condition.TROUBLED
            planned = run.state is RunState.PLANNED
            return Condition.PLANNED if planned else Condition.DONE
        case _:
            assert_never(run.state)


def worst(conditions: Iterable[Condition]) -> Condition | None:
    """Give the one that says most; ``None`` where there is none."""
    return min(conditions, key=_ORDER.index, default=None)
