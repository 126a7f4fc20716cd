"""What a run knows of each repository, from the plan to the last outcome."""

from dataclasses import dataclass
from enum import Enum

from purge_core.instants import Instant
from purge_core.judgement.decision import Decisions
from purge_core.judgement.guards import Refusal, TooManyDeletions
from purge_core.model import RepositoryName, RepositorySnapshot
from purge_core.plans.plan import PurgePlan
from purge_core.policies.policy import Policy
from purge_core.records.losses import Check
from purge_core.records.outcomes import StepOutcome


class State(Enum):
    """Where a repository stands."""

    PLANNED = "planned"
    REFUSED = "refused"
    """A guard refused the plan; nothing is deleted."""
    FAILED = "failed"
    """It could not be read, so nothing is deleted."""
    GONE = "gone"
    """404: it does not exist (any more)."""
    PURGED = "purged"
    """Its plan was carried out; the outcomes say how each step ended."""


@dataclass(frozen=True, slots=True)
class RepositoryResult:
    """One repository of a run. What is ``None`` was not reached or does not apply.

    ``error`` says in one line why it is refused or failed. ``verified`` is what a look back
    found, where one was wanted and something of it had been touched.
    """

    repository: RepositoryName
    state: State
    snapshot: RepositorySnapshot | None = None
    decisions: Decisions | None = None
    plan: PurgePlan | None = None
    refusals: tuple[Refusal, ...] = ()
    error: str | None = None
    outcomes: tuple[StepOutcome, ...] = ()
    verified: Check | None = None


@dataclass(frozen=True, slots=True)
class Exact:
    """What a run frees, counted blob by blob over the whole registry.

    ``bytes`` is ``None`` where that is not known: so many manifests or repositories were
    ``unread``, or a size is told nowhere. ``manifests`` were looked at.
    """

    bytes: int | None
    manifests: int
    unread: int


@dataclass(frozen=True, slots=True)
class RunResult:
    """A whole run over one registry.

    ``held`` is set when the run as a whole is over its limit: nothing is deleted.
    ``read`` is when the registry was read, where ``now`` is a later time; such a plan is
    only to be looked at. ``exact`` is given where it was asked for.
    """

    registry: str
    policy: Policy
    now: Instant
    repositories: tuple[RepositoryResult, ...]
    held: TooManyDeletions | None = None
    interrupted: bool = False
    read: Instant | None = None
    exact: Exact | None = None
