"""The port to the app's memory: runs, their repositories, steps and verdicts, and leases.

Everything may be done twice: messages are delivered at least once, and a process may
die at any moment. So every change is idempotent or is decided by the store: of several
movers exactly one is told that it moved.

Every method raises ``JournalError`` when the store cannot be read or written, and
``InputError`` for a ``after`` that is not the ``next`` of an earlier page.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from purge_core.instants import Instant, Span
from purge_core.model import RepositoryName
from purge_core.plans.plan import PurgePlan
from purge_core.records.journal import RunId
from purge_core.records.losses import Check
from purge_core.records.results import Exact, RepositoryResult
from purge_core.records.step_records import HistoryRecord, ItemKind, Kept, StepEnd, StepRecord
from purge_core.records.store_records import (
    MAX_PAGE,
    Expired,
    Lease,
    Page,
    RepositoryChange,
    RepositoryRecord,
    RepositoryState,
    RunChange,
    RunRecord,
    RunState,
)
from purge_core.records.told import Told


class Runs(Protocol):
    """Remembers runs."""

    async def create_run(self, run: RunRecord) -> bool:
        """Begin a run; false, and nothing changes, when one of this id exists."""
        ...

    async def get_run(self, run: RunId) -> RunRecord | None:
        """Give a run, or ``None`` when there is none."""
        ...

    async def move_run(self, run: RunId, sources: Collection[RunState], change: RunChange) -> bool:
        """Move a run out of one of the ``sources``; false when it is in none of them.

        Of several that move it out of the same state, exactly one is told true.
        """
        ...

    async def note_told(self, run: RunId, state: RunState, told: Told) -> bool:
        """Note whether somebody was told that a run ended in a state.

        False, and nothing changes, when it does not stand there any more.
        """
        ...

    async def note_exact(self, run: RunId, exact: Exact) -> bool:
        """Note what the plans of a run free, once and while it is planned; whether it was."""
        ...

    async def list_runs(
        self, registry: str | None = None, *, limit: int = 50, after: str | None = None
    ) -> Page[RunRecord]:
        """List the runs of a registry, or of all, newest first."""
        ...

    async def registries(self) -> Collection[str]:
        """Name the registries of the latest ``MAX_PAGE`` runs, sorted."""
        ...


class Repositories(Protocol):
    """Remembers the repositories of runs."""

    async def add_repositories(
        self, run: RunId, names: Iterable[RepositoryName], at: Instant
    ) -> None:
        """Note repositories as queued; those that are there already stay as they are."""
        ...

    async def repositories(
        self, run: RunId, *, limit: int = MAX_PAGE, after: str | None = None
    ) -> Page[RepositoryRecord]:
        """List the repositories of a run, in a fixed order."""
        ...

    async def repository(self, run: RunId, name: RepositoryName) -> RepositoryRecord | None:
        """Give one repository of a run, or ``None`` when it has no such one."""
        ...

    async def move_repository(
        self,
        run: RunId,
        name: RepositoryName,
        sources: Collection[RepositoryState],
        change: RepositoryChange,
    ) -> bool:
        """Move a repository out of one of the ``sources``, as ``move_run`` does a run."""
        ...

    async def finish_repository(
        self, run: RunId, name: RepositoryName, at: Instant
    ) -> RepositoryRecord:
        """Count the outcomes, write the history, and note the repository as done.

        Both follow from the steps alone, so doing it again changes nothing.
        """
        ...

    async def note_check(self, run: RunId, check: Check) -> None:
        """Keep what a look back at one repository found; a later one takes its place.

        Where there is no such repository, nothing happens.
        """
        ...


class Steps(Protocol):
    """Remembers plans and what became of their steps."""

    async def save_plan(self, run: RunId, result: RepositoryResult, at: Instant) -> bool:
        """Keep a judgement: every step, every verdict, and at last the repository's state.

        False when the repository was no longer queued: what is kept of it stays. A
        repository that the run does not have yet is added.
        """
        ...

    async def load_plan(self, run: RunId, name: RepositoryName) -> PurgePlan | None:
        """Give the plan as it was saved, or ``None``; its seal is the caller's to check.

        Raises:
            PlanRefused: what is kept can not be read as a plan, so it was altered.

        """
        ...

    async def steps(
        self, run: RunId, name: RepositoryName, *, limit: int = MAX_PAGE, after: str | None = None
    ) -> Page[StepRecord]:
        """List the steps of a repository, in the order of the plan."""
        ...

    async def kept(
        self, run: RunId, name: RepositoryName, *, after: str | None = None
    ) -> Page[Kept]:
        """List what stays and why: tags, then manifests, each sorted. Pages are large."""
        ...

    async def open_steps(
        self, run: RunId, name: RepositoryName, indexes: Collection[int], at: Instant
    ) -> None:
        """Note that these steps may be carried out from now on, before any of them is.

        A step that is open stays open; one that was not reached is opened again.

        Raises:
            JournalError: also when one of them has ended; nothing may be deleted then.

        """
        ...

    async def close_steps(
        self, run: RunId, name: RepositoryName, ends: Sequence[StepEnd], at: Instant
    ) -> None:
        """Note how these steps ended. The first end of a step stands, with two exceptions.

        ``not-reached`` gives way to any other end, and ``already-gone`` to a deletion: then
        two deliveries of one step crossed, and it was this run that deleted.
        """
        ...


class History(Protocol):
    """Remembers what ever happened to a repository."""

    async def history(
        self,
        registry: str,
        repository: RepositoryName,
        item: tuple[ItemKind, str] | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
    ) -> Page[HistoryRecord]:
        """List what happened to a repository, or to one tag or digest, newest first."""
        ...


class Leases(Protocol):
    """Shares a registry's quota among workers: so many slots, one worker each."""

    async def take_lease(
        self, registry: str, holder: str, *, slots: int, ttl: Span, now: Instant
    ) -> Lease | None:
        """Take a free slot, an expired one, or the one that ``holder`` has already."""
        ...

    async def renew_lease(self, lease: Lease, *, ttl: Span, now: Instant) -> Lease | None:
        """Prolong a lease; ``None`` when somebody else has it by now."""
        ...

    async def release_lease(self, lease: Lease) -> None:
        """Give a slot back; nothing happens when somebody else has it by now."""
        ...


class Retention(Protocol):
    """Forgets what is old."""

    async def expire(self, before: Instant, *, budget: int = 10_000) -> Expired:
        """Remove what belongs to runs last changed before then, about ``budget`` rows.

        A run goes with its repositories, steps and history, and its own row goes last:
        whatever stops this in between, the next call goes on.
        """
        ...


class RunStore(Runs, Repositories, Steps, History, Leases, Retention, Protocol):
    """All of it."""
