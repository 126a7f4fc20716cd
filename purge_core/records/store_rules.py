"""The rules that every store keeps: how records are made, and how they may change."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from typing import Final, TypeVar, assert_never

from purge_core.errors import JournalError
from purge_core.instants import Instant
from purge_core.model import RepositoryName
from purge_core.plans.plan import PurgePlan
from purge_core.records.outcomes import Outcome
from purge_core.records.results import Exact
from purge_core.records.step_records import Pending, Status, StepEnd, StepRecord
from purge_core.records.store_records import (
    OutcomeCount,
    PlanSeal,
    RepositoryChange,
    RepositoryRecord,
    RunChange,
    RunRecord,
    RunState,
)
from purge_core.records.told import Told

Value = TypeVar("Value")

_FREE: Final = frozenset({Pending.PLANNED, Outcome.NOT_REACHED})
"""Where a step stands for which nothing was sent to the registry."""


def moved_run(run: RunRecord, change: RunChange) -> RunRecord:
    """Give the run as it is after a change."""
    return replace(
        run,
        state=change.state,
        updated=change.at,
        finished=change.at if change.state.is_final else None,
        repositories=_or(change.repositories, run.repositories),
        held=change.held or run.held,
        error=_or(change.error, run.error),
        told=None,
        sums=change.sums or run.sums,
    )


def told_run(run: RunRecord, state: RunState, told: Told) -> RunRecord | None:
    """Give the run that has been told of; ``None`` when it does not stand there any more."""
    return replace(run, told=told) if run.state is state else None


def measured_run(run: RunRecord, exact: Exact) -> RunRecord | None:
    """Give the run with what it frees; ``None`` when that is known, or its planning is over."""
    if run.state is not RunState.PLANNING or run.exact is not None:
        return None
    return replace(run, exact=exact)


def moved_repository(record: RepositoryRecord, change: RepositoryChange) -> RepositoryRecord:
    """Give the repository as it is after a change."""
    error = _or(change.error, record.error)
    return replace(record, state=change.state, updated=change.at, error=error)


def opened_step(step: StepRecord, at: Instant) -> StepRecord:
    """Give the step as it is once it may be carried out.

    Raises:
        JournalError: it has ended.

    """
    if step.status in _FREE:
        return replace(step, status=Pending.DELETING, opened=at, closed=None, detail="")
    if step.status is Pending.DELETING:
        return step
    raise JournalError(
        f"step {step.index} has ended ({step.status.value}) and cannot be carried out again"
    )


def closed_step(step: StepRecord, end: StepEnd, at: Instant) -> StepRecord:
    """Give the step as it is after one more report of its end."""
    if _stands(step.status, end.outcome):
        return step
    return replace(step, status=end.outcome, detail=end.detail, closed=at)


def _stands(status: Status, outcome: Outcome) -> bool:
    """Whether what is known of a step is worth more than a further report."""
    match status:
        case Pending():
            return False
        case Outcome.NOT_REACHED:
            return outcome is Outcome.NOT_REACHED
        case Outcome.ALREADY_GONE:
            return not outcome.is_deleted
        case Outcome():
            return True
        case _:
            assert_never(status)


def count_outcomes(steps: Iterable[StepRecord]) -> tuple[OutcomeCount, ...]:
    """Count how steps ended, in the order of the outcomes; open ones do not count."""
    return sum_outcomes(
        OutcomeCount(step.status, 1, len(step.tags), int(step.manifest is not None), step.bytes)
        for step in steps
        if isinstance(step.status, Outcome)
    )


def sum_outcomes(counts: Iterable[OutcomeCount]) -> tuple[OutcomeCount, ...]:
    """Add counts up, in the order of the outcomes."""
    sums: dict[Outcome, OutcomeCount] = {}
    for count in counts:
        known = sums.get(count.outcome, OutcomeCount(count.outcome, 0, 0, 0, 0))
        sums[count.outcome] = OutcomeCount(
            count.outcome,
            steps=known.steps + count.steps,
            tags=known.tags + count.tags,
            manifests=known.manifests + count.manifests,
            bytes=known.bytes + count.bytes,
        )
    return tuple(sums[outcome] for outcome in Outcome if outcome in sums)


def seal_of(plan: PurgePlan) -> PlanSeal:
    """Take from a plan what it holds beside its steps."""
    return PlanSeal(
        plan.policy_hash,
        plan.snapshot_hash,
        plan.tags_mark,
        plan.manifests_mark,
        plan.lists_manifests,
        plan.fingerprint,
    )


def plan_of(name: RepositoryName, seal: PlanSeal, steps: Iterable[StepRecord]) -> PurgePlan:
    """Put a plan together again from what is kept of it; ``steps`` are in order."""
    stages = groupby(steps, key=lambda record: record.stage)
    return PurgePlan(
        repository=name,
        stages=tuple(tuple(record.step for record in stage) for _, stage in stages),
        tags_mark=seal.tags_mark,
        manifests_mark=seal.manifests_mark,
        lists_manifests=seal.lists_manifests,
        policy_hash=seal.policy_hash,
        snapshot_hash=seal.snapshot_hash,
        fingerprint=seal.fingerprint,
    )


def _or(new: Value | None, old: Value) -> Value:
    return old if new is None else new
