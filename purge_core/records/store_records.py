"""What is remembered of runs and their repositories, as values; pages, leases."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Generic, TypeVar

from purge_core.instants import Instant
from purge_core.judgement.breaker import FarMoreThanUsual
from purge_core.judgement.guards import Refusal, TooManyDeletions
from purge_core.model import RepositoryName
from purge_core.records.journal import Mode, RunId
from purge_core.records.losses import Check
from purge_core.records.outcomes import Outcome
from purge_core.records.results import Exact
from purge_core.records.told import Told

Record = TypeVar("Record")

Held = TooManyDeletions | FarMoreThanUsual
"""Why a whole run is held."""


class RunState(Enum):
    """Where a run stands."""

    QUEUED = "queued"
    PLANNING = "planning"
    PLANNED = "planned"
    """Every repository is judged, and nothing more was asked for; it may be applied."""
    HELD = "held"
    """Over a limit of the whole run: nothing is deleted unless somebody applies it."""
    PURGING = "purging"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen to the run any more."""
        return self in (RunState.DONE, RunState.FAILED)


class Trigger(Enum):
    """What started a run."""

    TIMER = "timer"
    HTTP = "http"
    CLI = "cli"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Totals:
    """What a repository held, and what of it goes.

    Bytes are upper bounds: layers that images share count several times. ``bytes_held`` is
    ``None`` where the manifests were not listed, and in records of earlier versions.
    """

    tags: int = 0
    manifests: int = 0
    tags_to_delete: int = 0
    manifests_to_delete: int = 0
    steps: int = 0
    bytes_to_delete: int = 0
    bytes_held: int | None = None


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How many steps ended in one way, and the tags, manifests and bytes they are about."""

    outcome: Outcome
    steps: int
    tags: int
    manifests: int
    bytes: int


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many tags and manifests stay for one reason, by its code; each counts for all of its."""

    reason: str
    tags: int
    manifests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSums:
    """What a run came to. ``troubled``: so many of the repositories somebody should look at.

    ``exact_bytes`` is what it frees blob by blob, where that was counted and is known.
    """

    repositories: int
    refused: int
    failed: int
    gone: int
    troubled: int
    totals: Totals = Totals()
    outcomes: tuple[OutcomeCount, ...] = ()
    exact_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run. ``policy`` is its whole text: a document or a command line.

    ``now`` is the instant that ages are measured from. ``repositories`` is ``None`` until
    they were counted. ``held`` says which limit stopped the run. ``sums`` are those of its
    latest end; ``None`` before, in records of earlier versions, and where it died. ``told``
    says whether somebody was told of that end; ``None``: not yet, or nobody wants to be.
    ``exact`` is what the plans free, blob by blob, where that was counted.
    """

    id: RunId
    registry: str
    mode: Mode
    state: RunState
    policy: str
    policy_name: str
    now: Instant
    trigger: Trigger
    created: Instant
    updated: Instant
    finished: Instant | None = None
    repositories: int | None = None
    held: Held | None = None
    error: str | None = None
    sums: RunSums | None = None
    told: Told | None = None
    exact: Exact | None = None


@dataclass(frozen=True, slots=True)
class RunChange:
    """The state that a run moves to, and when; what is ``None`` stays as it was."""

    state: RunState
    at: Instant
    repositories: int | None = None
    held: Held | None = None
    error: str | None = None
    sums: RunSums | None = None


class RepositoryState(Enum):
    """Where a repository of a run stands."""

    QUEUED = "queued"
    PLANNED = "planned"
    REFUSED = "refused"
    """A guard refused its plan; nothing is deleted."""
    FAILED = "failed"
    GONE = "gone"
    """404: it does not exist (any more)."""
    PURGING = "purging"
    DONE = "done"
    """Every step has its outcome."""

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen to the repository in this run any more."""
        return self not in (
            RepositoryState.QUEUED,
            RepositoryState.PLANNED,
            RepositoryState.PURGING,
        )


@dataclass(frozen=True, slots=True)
class PlanSeal:
    """What a plan holds beside its steps; see ``PurgePlan``."""

    policy_hash: str
    snapshot_hash: str
    tags_mark: Instant | None
    manifests_mark: Instant | None
    lists_manifests: bool
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryRecord:
    """One repository of a run. ``outcomes`` are counted when it is finished.

    ``attempts`` is how often its plan was begun to be written. ``kept`` says for which
    reasons how much stays; ``None``: not judged, or a record of an earlier version. ``verified``
    is what a look back found, where there was one.
    """

    run: RunId
    repository: RepositoryName
    state: RepositoryState
    updated: Instant
    totals: Totals = Totals()
    outcomes: tuple[OutcomeCount, ...] = ()
    seal: PlanSeal | None = None
    refusals: tuple[Refusal, ...] = ()
    error: str | None = None
    attempts: int = 0
    kept: tuple[ReasonCount, ...] | None = None
    verified: Check | None = None


@dataclass(frozen=True, slots=True)
class RepositoryChange:
    """The state that a repository moves to, and when; ``None`` leaves the error as it was."""

    state: RepositoryState
    at: Instant
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """Some of a long list, or nothing yet; ``next`` asks for what follows, ``None``: the end."""

    items: tuple[Record, ...]
    next: str | None


MAX_PAGE: Final = 1000
"""How many items a page has at most, whatever is asked for."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of ``holder`` to one of a registry's ``slots``, until ``expires``.

    ``held``: so many slots were held, this one included, when it was taken or renewed.
    """

    registry: str
    slot: int
    holder: str
    expires: Instant
    token: str
    slots: int = field(default=1, compare=False)
    held: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Expired:
    """What was removed for its age: whole runs, and rows. Call again unless ``complete``."""

    runs: int
    rows: int
    complete: bool
