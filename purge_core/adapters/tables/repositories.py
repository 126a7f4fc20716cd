"""The repositories of runs in table storage. See ``purge_core.records.store.Repositories``."""

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable
from dataclasses import replace
from typing import Final

from purge_core.adapters.tables.codec import PLAN, read_repository, repository_row
from purge_core.adapters.tables.keys import (
    HISTORY,
    REPOSITORIES,
    history_partition,
    repository_key,
    within,
)
from purge_core.adapters.tables.pages import first_page
from purge_core.adapters.tables.past import past_rows
from purge_core.adapters.tables.progress import ProgressTables
from purge_core.adapters.tables.rows import Row
from purge_core.adapters.tables.runs import RunTables
from purge_core.errors import JournalError
from purge_core.instants import Instant
from purge_core.model import RepositoryName
from purge_core.records.journal import RunId
from purge_core.records.losses import Check, recordable
from purge_core.records.step_records import StepRecord
from purge_core.records.store_records import (
    MAX_PAGE,
    OutcomeCount,
    Page,
    RepositoryChange,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
)
from purge_core.records.store_rules import count_outcomes, moved_repository, sum_outcomes

_UNFINISHED: Final = frozenset({RepositoryState.PLANNED, RepositoryState.PURGING})
_TURNS: Final = 20
_FLUSH: Final = 500
"""Steps whose history is written at a time."""


class RepositoryTables(RunTables, ProgressTables):
    """Remembers the repositories of runs."""

    async def add_repositories(
        self, run: RunId, names: Iterable[RepositoryName], at: Instant
    ) -> None:
        """Note repositories as queued; those that are there already stay as they are."""
        wanted = {repository_key(run, name): _queued(run, name, at) for name in names}
        partition = repository_key(run, RepositoryName(""))[0]
        for _ in range(_TURNS):
            where = within(partition)
            there = {s.row["RowKey"] async for s in self._tables.rows(REPOSITORIES, where)}
            missing = {key[1]: row for key, row in wanted.items() if key[1] not in there}
            if await self._tables.add(REPOSITORIES, partition, missing.items()):
                return
        raise JournalError(f"others keep adding repositories to run {run}")

    async def repositories(
        self, run: RunId, *, limit: int = MAX_PAGE, after: str | None = None
    ) -> Page[RepositoryRecord]:
        """List the repositories of a run, in a fixed order."""
        behind = "" if after is None else repository_key(run, RepositoryName(after))[1]
        partition = repository_key(run, RepositoryName(""))[0]

        async def records() -> AsyncGenerator[RepositoryRecord, None]:
            rows = self._tables.rows(REPOSITORIES, within(partition, after=behind), page=limit + 1)
            async for stored in rows:
                record = read_repository(stored.row)
                self.note_attempt(run, record.repository, stored.row)
                yield record

        return await first_page(records(), limit, lambda record: record.repository)

    async def repository(self, run: RunId, name: RepositoryName) -> RepositoryRecord | None:
        """Give one repository of a run, or ``None`` when it has no such one."""
        found = await self._tables.get(REPOSITORIES, repository_key(run, name))
        if found is None:
            return None
        self.note_attempt(run, name, found.row)
        return read_repository(found.row)

    async def move_repository(
        self,
        run: RunId,
        name: RepositoryName,
        sources: Collection[RepositoryState],
        change: RepositoryChange,
    ) -> bool:
        """Move a repository out of one of the ``sources``."""

        def decide(row: Row) -> Row | None:
            record = read_repository(row)
            if record.state not in sources:
                return None
            return _with_plan(moved_repository(record, change), row)

        key = repository_key(run, name)
        return await self._tables.change(REPOSITORIES, key, decide) is not None

    async def finish_repository(
        self, run: RunId, name: RepositoryName, at: Instant
    ) -> RepositoryRecord:
        """Count the outcomes, write the history, and note the repository as done."""
        found = await self.get_run(run)
        if found is None:
            raise JournalError(f"the journal has no run {run}")
        outcomes = await self._write_history(found, name)
        finished: RepositoryRecord | None = None

        def decide(row: Row) -> Row:
            nonlocal finished
            finished = replace(read_repository(row), outcomes=outcomes)
            if finished.state in _UNFINISHED:
                finished = replace(finished, state=RepositoryState.DONE, updated=at)
            return _with_plan(finished, row)

        await self._tables.change(REPOSITORIES, repository_key(run, name), decide)
        if finished is None:
            raise JournalError(f"the journal has no repository {name} in run {run}")
        return finished

    async def note_check(self, run: RunId, check: Check) -> None:
        """Keep what a look back at one repository found."""

        def decide(row: Row) -> Row:
            record = replace(read_repository(row), verified=recordable(check))
            return _with_plan(record, row)

        await self._tables.change(REPOSITORIES, repository_key(run, check.repository), decide)

    async def _write_history(
        self, run: RunRecord, name: RepositoryName
    ) -> tuple[OutcomeCount, ...]:
        """Write what became of each step, and count it."""
        partition = history_partition(run.registry, name)
        counts: tuple[OutcomeCount, ...] = ()
        async for steps in _batches(self.step_stream(run.id, name)):
            rows = (row for step in steps for row in past_rows(run, name, step))
            await self._tables.put(HISTORY, partition, rows)
            counts = sum_outcomes((*counts, *count_outcomes(steps)))
        return counts


def _queued(run: RunId, name: RepositoryName, at: Instant) -> Row:
    state = RepositoryState.QUEUED
    return repository_row(RepositoryRecord(run=run, repository=name, state=state, updated=at))


def _with_plan(record: RepositoryRecord, row: Row) -> Row:
    """Write a record, and keep which attempt counts."""
    plan = {PLAN: row[PLAN]} if PLAN in row else {}
    return repository_row(record) | plan


async def _batches(
    steps: AsyncIterator[StepRecord],
) -> AsyncIterator[list[StepRecord]]:
    batch: list[StepRecord] = []
    async for step in steps:
        batch.append(step)
        if len(batch) == _FLUSH:
            yield batch
            batch = []
    yield batch
