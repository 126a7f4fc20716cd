"""Going on with a plan that an earlier delivery of the same work began to carry out.

What ended stays ended. What was begun and has no end is judged by what the registry shows:
what is gone was deleted by this run. The rest is carried out as if for the first time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from purge_core.execution.effects import Earlier
from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import CascadeStep, Step, Target, target_of
from purge_core.records.outcomes import Outcome, StepOutcome
from purge_core.records.step_records import Pending, StepEnd, StepRecord

_BEGUN_BEFORE = "an earlier delivery of this work may have deleted it"


@dataclass(frozen=True, slots=True)
class Resumption:
    """What is left of a plan.

    ``plan`` lacks what ended and is still there: it is not tried again. What is gone stays
    in it, for what depends on it; so does what would go along with a root that has no end
    yet. ``records`` are the steps as they were found.
    """

    plan: PurgePlan
    records: Mapping[Target, StepRecord]

    @classmethod
    def of(cls, plan: PurgePlan, steps: Sequence[StepRecord]) -> "Resumption":
        """Look at what is stored of a plan."""
        records = {target_of(record.step): record for record in steps}
        stages = (
            tuple(s for s in stage if not _stays(records[target_of(s)]) or _may_go(s, records))
            for stage in plan.stages
        )
        return cls(replace(plan, stages=tuple(filter(None, stages))).sealed(), records)

    @property
    def earlier(self) -> Earlier:
        """What was opened before, parted by whether its end is on record.

        What was begun may still be changed by us. What ended as gone may not be deleted again:
        its record is closed, and whoever finds it there finds what somebody else pushed.
        """
        over = {target for target, r in self.records.items() if is_ended(r)}
        opened = {target for target, r in self.records.items() if r.opened is not None}
        return Earlier(begun=opened - over, over=over)

    @property
    def is_over(self) -> bool:
        """Whether every step has its end."""
        return all(is_ended(record) for record in self.records.values())

    def end(self, outcome: StepOutcome, *, last: bool = False) -> StepEnd | None:
        """Give the end to be recorded; ``None``: it has one, or none can be told yet.

        ``last``: nobody will look again.
        """
        record = self.records[target_of(outcome.step)]
        if is_ended(record):
            return None
        outcome = self._with_root(record, outcome)
        if record.status is Pending.DELETING:
            return self._of_begun(record, outcome, last=last)
        return StepEnd(record.index, outcome.outcome, outcome.detail)

    def _of_begun(self, record: StepRecord, outcome: StepOutcome, *, last: bool) -> StepEnd | None:
        """End what was begun before by what the registry shows, if it does by now."""
        found, detail = outcome.outcome, outcome.detail
        if found is Outcome.ALREADY_GONE:
            return StepEnd(record.index, self._gone(record), "")
        if found.is_deleted:
            return StepEnd(record.index, found, detail)
        if found is Outcome.NOT_REACHED:
            if not last:
                return None
            found = Outcome.FAILED
        return StepEnd(record.index, found, f"{detail or found.value}; {_BEGUN_BEFORE}")

    def _root(self, record: StepRecord) -> StepRecord | None:
        """Find the step that a step goes along with."""
        step = record.step
        return self.records.get(step.root) if isinstance(step, CascadeStep) else None

    def _with_root(self, record: StepRecord, outcome: StepOutcome) -> StepOutcome:
        """End what was not reached because its root had ended before, and stays."""
        root = self._root(record)
        if outcome.outcome is not Outcome.NOT_REACHED or root is None:
            return outcome
        if root.status is not Outcome.SKIPPED_CHANGED:
            return outcome  # of what was not skipped, more may have been done
        why = f"{target_of(root.step)} stays: {root.status.value}"
        return StepOutcome(outcome.step, Outcome.SKIPPED_CHANGED, why)

    def _gone(self, record: StepRecord) -> Outcome:
        """Say how something went that was begun and is gone."""
        if not isinstance(record.step, CascadeStep):
            return Outcome.DELETED
        root = self._root(record)
        ours = root is None or root.status is Pending.DELETING or _is_deleted(root)
        return Outcome.CASCADED if ours else Outcome.ALREADY_GONE


def is_ended(record: StepRecord) -> bool:
    """Whether nothing more will be tried: what was not reached may still be."""
    return isinstance(record.status, Outcome) and record.status is not Outcome.NOT_REACHED


def _stays(record: StepRecord) -> bool:
    status = record.status
    return is_ended(record) and isinstance(status, Outcome) and not status.is_gone


def _may_go(step: Step, records: Mapping[Target, StepRecord]) -> bool:
    """Whether the registry would still delete it, along with its root."""
    root = records.get(step.root) if isinstance(step, CascadeStep) else None
    return root is not None and not is_ended(root)


def _is_deleted(record: StepRecord) -> bool:
    return isinstance(record.status, Outcome) and record.status.is_deleted
