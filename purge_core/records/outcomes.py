"""What became of a step. Exactly one terminal outcome each; counts come from these."""

from dataclasses import dataclass
from enum import Enum

from purge_core.plans.steps import Step


class Outcome(Enum):
    """How a step ended."""

    DELETED = "deleted"
    CASCADED = "cascaded"
    """Gone with its subject, as a listing afterwards shows."""
    ALREADY_GONE = "already-gone"
    """404: somebody else deleted it, or an earlier delivery of the same step did."""
    LOCKED = "locked"
    """405: locked since the plan was made."""
    SKIPPED_CHANGED = "skipped: changed"
    """What was expected of it no longer held, so nothing was sent."""
    HAD_MOVED = "deleted: had moved"
    """The tag pointed elsewhere in the moment in which it was deleted."""
    DENIED = "denied"
    """401 or 403: the identity may not delete here."""
    FAILED = "failed"
    NOT_REACHED = "not-reached"
    """The run ended first: a budget, a limit, an interrupt."""

    @property
    def is_deleted(self) -> bool:
        """Whether the run itself made the item go."""
        return self in (Outcome.DELETED, Outcome.CASCADED, Outcome.HAD_MOVED)

    @property
    def is_gone(self) -> bool:
        """Whether the item does not exist any more, whoever deleted it."""
        return self.is_deleted or self is Outcome.ALREADY_GONE

    @property
    def is_trouble(self) -> bool:
        """Whether somebody should look: denied, failed or not reached."""
        return self in (Outcome.DENIED, Outcome.FAILED, Outcome.NOT_REACHED)


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """The end of one step; ``detail`` says what changed, or why it failed.

    It holds for the tags that go along with a manifest, too.
    """

    step: Step
    outcome: Outcome
    detail: str = ""
