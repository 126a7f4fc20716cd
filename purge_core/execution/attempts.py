"""How far one step has come, and what may truly be said of its end."""

import math
from dataclasses import dataclass

from purge_core.errors import Unavailable
from purge_core.execution.brakes import Ending, Right
from purge_core.execution.view import View
from purge_core.plans.steps import ManifestStep, TagStep
from purge_core.records.outcomes import Outcome


@dataclass(slots=True)
class Attempt:
    """How far a step has come.

    ``verified`` is the monotonic second of the view that it was last judged by. ``unlocks``
    counts the requests that may have opened its lock, ``unlocked`` is the monotonic second in
    which one surely had. ``unanswered`` is what came instead of a delete's answer. ``gone``: the
    registry has shown that the item is not there; ``replaced``: that the tag points elsewhere;
    ``missed``: an answer said that it is not there.
    """

    step: TagStep | ManifestStep
    verified: float = -math.inf
    unlocks: int = 0
    unlocked: float | None = None
    unanswered: Unavailable | None = None
    gone: bool = False
    replaced: bool = False
    missed: bool = False

    def age(self, seconds: float) -> float:
        """For how long the view that it was last judged by has been there, by ``seconds``."""
        return seconds - self.verified

    @property
    def delete(self) -> Right:
        """Which delete the step needs."""
        return Right.DELETE_TAG if isinstance(self.step, TagStep) else Right.DELETE_MANIFEST

    @property
    def rights(self) -> tuple[Right, ...]:
        """All that the step needs to be allowed."""
        unlock = (Right.UNLOCK,) if self.step.lock.closed else ()
        return (Right.READ, *unlock, self.delete)

    @property
    def may_have_gone(self) -> bool:
        """Whether the item may have been deleted since the step began, by whomever."""
        return self.missed or self.unanswered is not None

    def is_shut(self, view: View) -> bool:
        """Whether the lock is not open by this run: none has opened it, or others closed it."""
        later = self.unlocked is None or view.since > self.unlocked
        return later and view.shows_closed(self.step)

    def judged_by(self, view: View) -> None:
        """Note what a view shows of the item, whether or not it may go."""
        self.verified = view.since
        self.gone = not view.lost and view.lacks(self.step)
        seen = view.tags.get(self.step.tag) if isinstance(self.step, TagStep) else None
        self.replaced = seen is not None and seen.digest != self.step.digest

    def honest(self, outcome: Outcome, detail: str) -> Ending:
        """Give the ending in view of a delete that may have been carried out unanswered."""
        if self.unanswered is None or outcome.is_deleted:
            return outcome, detail
        if outcome is Outcome.ALREADY_GONE:
            return outcome, f"perhaps by this run, which got no answer: {self.unanswered}"
        return Outcome.FAILED, f"{self.unanswered}; then: {detail or outcome.value}"
