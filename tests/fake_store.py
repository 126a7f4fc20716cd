"""A store in memory behind ``purge_core.records.store.RunStore``: a fake that keeps state.

It obeys the port's rules: one winner among movers, a plan that is kept once, steps that end once.
Faults and lost answers can be arranged, so that a caller's second try is tested too.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count

from purge_core.errors import JournalError
from purge_core.instants import Instant, Span
from purge_core.model import RepositoryName
from purge_core.plans.plan import PurgePlan
from purge_core.records.journal import RunId
from purge_core.records.losses import Check, recordable
from purge_core.records.results import Exact, RepositoryResult
from purge_core.records.step_records import HistoryRecord, ItemKind, Kept, StepEnd, StepRecord
from purge_core.records.store_making import (
    history_records,
    kept_records,
    repository_record,
    step_records,
)
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
from purge_core.records.store_rules import (
    closed_step,
    count_outcomes,
    measured_run,
    moved_repository,
    moved_run,
    opened_step,
    plan_of,
    told_run,
)
from purge_core.records.told import Told
from tests.fake_store_state import FakeRun, StoreFault, history_key, page_of


class FakeStore:
    """A store in memory. Implements ``purge_core.records.store.RunStore``.

    ``runs`` and ``past`` may be looked at and changed by a test; ``calls`` names the methods that
    were called, in order. ``page`` entries make a page of what stays.
    """

    def __init__(self, *, page: int = 500) -> None:
        self.runs: dict[RunId, FakeRun] = {}
        self.past: dict[tuple[object, ...], HistoryRecord] = {}
        self.leases: dict[tuple[str, int], Lease] = {}
        self.faults: list[StoreFault] = []
        self.calls: list[str] = []
        self.page = page
        self._tokens = count(1)

    def fail(
        self, method: str, *, times: int | None = 1, lost_answer: bool = False, good: int = 0
    ) -> None:
        """Arrange a fault; see ``StoreFault``."""
        self.faults.append(StoreFault(method, times, lost_answer, good))

    # --- Runs -------------------------------------------------------------------------------------

    async def create_run(self, run: RunRecord) -> bool:
        """Begin a run; false when one of this id exists."""
        async with self._answering("create_run"):
            return self.runs.setdefault(run.id, FakeRun(run)).record is run

    async def get_run(self, run: RunId) -> RunRecord | None:
        """Give a run, or ``None``."""
        async with self._answering("get_run"):
            return self.runs[run].record if run in self.runs else None

    async def move_run(self, run: RunId, sources: Collection[RunState], change: RunChange) -> bool:
        """Move a run out of one of the ``sources``."""
        async with self._answering("move_run"):
            found = self.runs.get(run)
            if found is None or found.record.state not in sources:
                return False
            found.record = moved_run(found.record, change)
            return True

    async def note_told(self, run: RunId, state: RunState, told: Told) -> bool:
        """Note whether somebody was told of a run's end."""
        async with self._answering("note_told"):
            found = self.runs.get(run)
            record = None if found is None else told_run(found.record, state, told)
            if found is not None and record is not None:
                found.record = record
            return record is not None

    async def note_exact(self, run: RunId, exact: Exact) -> bool:
        """Note what the plans of a run free."""
        async with self._answering("note_exact"):
            found = self.runs.get(run)
            record = None if found is None else measured_run(found.record, exact)
            if found is not None and record is not None:
                found.record = record
            return record is not None

    async def list_runs(
        self, registry: str | None = None, *, limit: int = 50, after: str | None = None
    ) -> Page[RunRecord]:
        """List runs, newest first."""
        async with self._answering("list_runs"):
            records = (self.runs[run].record for run in sorted(self.runs, reverse=True))
            return page_of([r for r in records if registry in {None, r.registry}], limit, after)

    async def registries(self) -> list[str]:
        """Name the registries of the latest runs, sorted."""
        async with self._answering("registries"):
            latest = sorted(self.runs, reverse=True)[:MAX_PAGE]
            return sorted({self.runs[run].record.registry for run in latest})

    # --- Repositories -----------------------------------------------------------------------------

    async def add_repositories(
        self, run: RunId, names: Iterable[RepositoryName], at: Instant
    ) -> None:
        """Note repositories as queued."""
        async with self._answering("add_repositories"):
            kept = self._run(run).repositories
            for name in names:
                record = RepositoryRecord(
                    run=run, repository=name, state=RepositoryState.QUEUED, updated=at
                )
                kept.setdefault(name, record)

    async def repositories(
        self, run: RunId, *, limit: int = MAX_PAGE, after: str | None = None
    ) -> Page[RepositoryRecord]:
        """List the repositories of a run, by name."""
        async with self._answering("repositories"):
            kept = self.runs[run].repositories if run in self.runs else {}
            return page_of([kept[name] for name in sorted(kept)], limit, after)

    async def repository(self, run: RunId, name: RepositoryName) -> RepositoryRecord | None:
        """Give one repository of a run, or ``None``."""
        async with self._answering("repository"):
            return self.runs[run].repositories.get(name) if run in self.runs else None

    async def move_repository(
        self,
        run: RunId,
        name: RepositoryName,
        sources: Collection[RepositoryState],
        change: RepositoryChange,
    ) -> bool:
        """Move a repository out of one of the ``sources``."""
        async with self._answering("move_repository"):
            kept = self.runs[run].repositories if run in self.runs else {}
            if name not in kept or kept[name].state not in sources:
                return False
            kept[name] = moved_repository(kept[name], change)
            return True

    async def finish_repository(
        self, run: RunId, name: RepositoryName, at: Instant
    ) -> RepositoryRecord:
        """Count the outcomes, write the history, and note the repository as done."""
        async with self._answering("finish_repository"):
            found = self._run(run)
            steps = found.steps.get(name, [])
            for step in steps:
                for entry in history_records(found.record, name, step):
                    self.past[history_key(entry)] = entry
            if name not in found.repositories:
                raise JournalError(f"there is no repository {name} in run {run}")
            record = found.repositories[name]
            if record.state in {RepositoryState.PLANNED, RepositoryState.PURGING}:
                record = replace(record, state=RepositoryState.DONE, updated=at)
            found.repositories[name] = replace(record, outcomes=count_outcomes(steps))
            return found.repositories[name]

    async def note_check(self, run: RunId, check: Check) -> None:
        """Keep what a look back found."""
        async with self._answering("note_check"):
            kept = self.runs[run].repositories if run in self.runs else {}
            if check.repository in kept:
                record = kept[check.repository]
                kept[check.repository] = replace(record, verified=recordable(check))

    # --- Steps ------------------------------------------------------------------------------------

    async def save_plan(self, run: RunId, result: RepositoryResult, at: Instant) -> bool:
        """Keep a judgement, once."""
        async with self._answering("save_plan"):
            found, name = self._run(run), result.repository
            known = found.repositories.get(name)
            if known is not None and known.state is not RepositoryState.QUEUED:
                return False
            attempts = 1 if known is None else known.attempts + 1
            found.steps[name] = list(step_records(result))
            found.kept[name] = tuple(kept_records(result))
            found.repositories[name] = repository_record(run, result, at, attempts=attempts)
            return True

    async def load_plan(self, run: RunId, name: RepositoryName) -> PurgePlan | None:
        """Give the plan as it was saved, or ``None``."""
        async with self._answering("load_plan"):
            found = self.runs.get(run)
            record = None if found is None else found.repositories.get(name)
            if found is None or record is None or record.seal is None:
                return None
            return plan_of(name, record.seal, found.steps[name])

    async def steps(
        self, run: RunId, name: RepositoryName, *, limit: int = MAX_PAGE, after: str | None = None
    ) -> Page[StepRecord]:
        """List the steps of a repository, in order."""
        async with self._answering("steps"):
            kept = self.runs[run].steps if run in self.runs else {}
            return page_of(kept.get(name, []), limit, after)

    async def kept(
        self, run: RunId, name: RepositoryName, *, after: str | None = None
    ) -> Page[Kept]:
        """List what stays."""
        async with self._answering("kept"):
            kept = self.runs[run].kept if run in self.runs else {}
            return page_of(kept.get(name, ()), self.page, after)

    async def open_steps(
        self, run: RunId, name: RepositoryName, indexes: Collection[int], at: Instant
    ) -> None:
        """Note that these steps may be carried out."""
        async with self._answering("open_steps"):
            steps = self._steps(run, name, indexes)
            opened = {index: opened_step(steps[index], at) for index in indexes}
            for index, step in opened.items():
                steps[index] = step

    async def close_steps(
        self, run: RunId, name: RepositoryName, ends: Sequence[StepEnd], at: Instant
    ) -> None:
        """Note how these steps ended."""
        async with self._answering("close_steps"):
            steps = self._steps(run, name, [end.index for end in ends])
            for end in ends:
                steps[end.index] = closed_step(steps[end.index], end, at)

    # --- History, leases, retention ---------------------------------------------------------------

    async def history(
        self,
        registry: str,
        repository: RepositoryName,
        item: tuple[ItemKind, str] | None = None,
        *,
        limit: int = 50,
        after: str | None = None,
    ) -> Page[HistoryRecord]:
        """List what happened, newest first."""
        async with self._answering("history"):
            entries = [
                entry
                for entry in self.past.values()
                if (entry.registry, entry.repository) == (registry, repository)
                and item in {None, (entry.kind, entry.name)}
            ]
            return page_of(sorted(entries, key=lambda e: e.at, reverse=True), limit, after)

    async def take_lease(
        self, registry: str, holder: str, *, slots: int, ttl: Span, now: Instant
    ) -> Lease | None:
        """Take a slot that is free, expired, or the holder's own."""
        async with self._answering("take_lease"):
            mine = [s for s in range(slots) if self._holder(registry, s) == holder]
            for slot in (*mine, *range(slots)):
                held = self.leases.get((registry, slot))
                if held is None or held.holder == holder or held.expires <= now:
                    return self._grant(registry, slot, holder, slots, ttl, now)
            return None

    async def renew_lease(self, lease: Lease, *, ttl: Span, now: Instant) -> Lease | None:
        """Prolong a lease; ``None`` when somebody else has it by now."""
        async with self._answering("renew_lease"):
            if self.leases.get((lease.registry, lease.slot)) != lease:
                return None
            return self._grant(lease.registry, lease.slot, lease.holder, lease.slots, ttl, now)

    async def release_lease(self, lease: Lease) -> None:
        """Give a slot back."""
        async with self._answering("release_lease"):
            if self.leases.get((lease.registry, lease.slot)) == lease:
                del self.leases[lease.registry, lease.slot]

    async def expire(self, before: Instant, *, budget: int = 10_000) -> Expired:
        """Remove what belongs to runs last changed before then."""
        async with self._answering("expire"):
            runs = rows = 0
            for run in [r for r, kept in self.runs.items() if kept.record.updated < before]:
                if rows >= budget:
                    return Expired(runs, rows, complete=False)
                old = self.runs.pop(run)
                past = [key for key, entry in self.past.items() if entry.run == run]
                for key in past:
                    del self.past[key]
                rows += 1 + len(old.repositories) + sum(map(len, old.steps.values())) + len(past)
                runs += 1
            return Expired(runs, rows, complete=True)

    # --- inside -----------------------------------------------------------------------------------

    @asynccontextmanager
    async def _answering(self, method: str) -> AsyncIterator[None]:
        self.calls.append(method)
        await asyncio.sleep(0)  # others get their turn, as on a network
        fault = next((fault for fault in self.faults if fault.strikes(method)), None)
        if fault is not None and not fault.lost_answer:
            raise JournalError(f"{method}: the store does not answer")
        yield
        if fault is not None:
            raise JournalError(f"{method}: the answer of the store was lost")

    def _run(self, run: RunId) -> FakeRun:
        if run not in self.runs:
            raise JournalError(f"there is no run {run}")
        return self.runs[run]

    def _steps(self, run: RunId, name: RepositoryName, indexes: Iterable[int]) -> list[StepRecord]:
        found = self._run(run).steps.get(name, [])
        if not all(0 <= index < len(found) for index in indexes):
            raise JournalError(f"there are no such steps of {name} in run {run}")
        return found

    def _holder(self, registry: str, slot: int) -> str | None:
        held = self.leases.get((registry, slot))
        return None if held is None else held.holder

    def _grant(
        self, registry: str, slot: int, holder: str, slots: int, ttl: Span, now: Instant
    ) -> Lease:
        kept = (self.leases.get((registry, each)) for each in range(slots) if each != slot)
        held = 1 + sum(lease is not None and lease.expires > now for lease in kept)
        token, expires = str(next(self._tokens)), Instant(now + ttl)
        lease = Lease(registry, slot, holder, expires, token, slots, held)
        self.leases[registry, slot] = lease
        return lease
