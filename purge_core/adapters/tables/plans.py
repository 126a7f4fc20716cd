"""Plans and their steps in table storage. See ``purge_core.records.store.Steps``.

Two deliveries of one message may write a plan at the same time. So each writes rows of
its own (an attempt), and the repository's row, changed last and by its ETag, says which
attempt counts: steps of a plan that is being carried out are never written over.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace
from itertools import chain
from typing import Final

from purge_core.adapters.tables.codec import PLAN, AlteredRow, read_repository, repository_row
from purge_core.adapters.tables.documents import Document, gathered
from purge_core.adapters.tables.kept import kept_rows, read_kept
from purge_core.adapters.tables.keys import (
    KEEP,
    REPOSITORIES,
    STEP,
    STEPS,
    between,
    repository_key,
    steps_partition,
    verdict_row,
)
from purge_core.adapters.tables.pages import first_page, position
from purge_core.adapters.tables.rows import Row, int64, read_int
from purge_core.adapters.tables.service import TablePart, Tables
from purge_core.adapters.tables.steps import read_step, step_rows
from purge_core.errors import PlanRefused
from purge_core.instants import Instant
from purge_core.model import RepositoryName
from purge_core.plans.plan import PurgePlan
from purge_core.records.journal import RunId
from purge_core.records.results import RepositoryResult
from purge_core.records.step_records import Kept, StepRecord
from purge_core.records.store_making import kept_records, repository_record, step_records
from purge_core.records.store_records import MAX_PAGE, Page, RepositoryRecord, RepositoryState
from purge_core.records.store_rules import plan_of

_ALL: Final = 1_000
"""Rows of an answer where all are wanted: the most that the service gives."""
_MORE: Final = 2
"""Rows behind those that are wanted: the beginning of one shows that the last is whole, and
that there are more."""


class PlanTables(TablePart):
    """Remembers plans."""

    def __init__(self, tables: Tables) -> None:
        """Keep nothing of its own but which attempt counts, which never changes."""
        super().__init__(tables)
        self._counting: dict[tuple[RunId, RepositoryName], int] = {}

    async def save_plan(self, run: RunId, result: RepositoryResult, at: Instant) -> bool:
        """Keep a judgement; false when the repository was no longer queued."""
        name = result.repository
        attempt = await self._begin(run, name, at)
        if attempt is None:
            return False
        partition = steps_partition(run, name)
        steps = step_rows(run, name, attempt, step_records(result))
        kept = kept_rows(run, name, attempt, kept_records(result))
        await self._tables.put(STEPS, partition, chain(steps, kept))
        won = await self._count(run, result, at, attempt)
        await self._tidy(partition, attempt, won=won)
        return won

    async def _begin(self, run: RunId, name: RepositoryName, at: Instant) -> int | None:
        """Number one more attempt; ``None`` when there is a plan already."""
        key = repository_key(run, name)
        queued = RepositoryRecord(
            run=run, repository=name, state=RepositoryState.QUEUED, updated=at, attempts=1
        )
        if await self._tables.insert(REPOSITORIES, key, repository_row(queued)) is not None:
            return 1

        def decide(row: Row) -> Row | None:
            record = read_repository(row)
            if record.state is not RepositoryState.QUEUED:
                return None
            return repository_row(replace(record, attempts=record.attempts + 1))

        row = await self._tables.change(REPOSITORIES, key, decide)
        return None if row is None else read_int(row, "attempts")

    async def _count(self, run: RunId, result: RepositoryResult, at: Instant, attempt: int) -> bool:
        """Make this attempt the one that counts, unless another does.

        A write whose answer was lost is not known as our own once the repository has moved on.
        So the row has the last word: it keeps the number of the attempt, which is ours alone.
        """

        def decide(row: Row) -> Row | None:
            record = read_repository(row)
            if record.state is not RepositoryState.QUEUED:
                return None
            judged = repository_record(run, result, at, attempts=record.attempts)
            return repository_row(judged) | {PLAN: int64(attempt)}

        key = repository_key(run, result.repository)
        if await self._tables.change(REPOSITORIES, key, decide) is not None:
            return True
        found = await self._tables.get(REPOSITORIES, key)
        return found is not None and read_int(found.row, PLAN) == attempt

    async def _tidy(self, partition: str, attempt: int, *, won: bool) -> None:
        """Remove the rows of attempts that do not count: earlier ones, or this one."""
        last = attempt - 1 if won else attempt
        first = 1 if won else attempt
        if first <= last:
            where = between(partition, f"{first:04d},", f"{last:04d},")
            keys = [s.row["RowKey"] async for s in self._tables.rows(STEPS, where)]
            await self._tables.remove(STEPS, partition, keys)

    async def load_plan(self, run: RunId, name: RepositoryName) -> PurgePlan | None:
        """Give the plan as it was saved, or ``None``."""
        found = await self._tables.get(REPOSITORIES, repository_key(run, name))
        attempt = None if found is None else read_int(found.row, PLAN)
        if found is None or attempt is None:
            return None
        try:
            record = read_repository(found.row)
            documents = self._documents(run, name, attempt, STEP)
            steps = [read_step(document) async for document in documents]
        except AlteredRow as error:
            raise PlanRefused(f"the plan of {name} was altered: {error}") from None
        return None if record.seal is None else plan_of(name, record.seal, steps)

    async def steps(
        self, run: RunId, name: RepositoryName, *, limit: int = MAX_PAGE, after: str | None = None
    ) -> Page[StepRecord]:
        """List the steps of a repository, in the order of the plan."""
        records = self.step_stream(run, name, position(after), page=limit + _MORE)
        return await first_page(records, limit, lambda record: str(record.index + 1))

    async def step_stream(
        self, run: RunId, name: RepositoryName, first: int = 0, *, page: int = _ALL
    ) -> AsyncGenerator[StepRecord, None]:
        """Give all steps of a repository, one by one, from one on; read in such pages."""
        attempt = await self.attempt_of(run, name)
        if attempt is not None:
            documents = self._documents(run, name, attempt, STEP, first, page=page)
            async for document in documents:
                yield read_step(document)

    async def kept(
        self, run: RunId, name: RepositoryName, *, after: str | None = None
    ) -> Page[Kept]:
        """List what stays and why; a page is a row."""
        number = position(after)
        attempt = await self.attempt_of(run, name)
        if attempt is None:
            return Page((), None)
        documents = self._documents(run, name, attempt, KEEP, number, page=1 + _MORE)
        page = await first_page(documents, 1, lambda _: str(number + 1))
        items = (kept for document in page.items for kept in read_kept(document))
        return Page(tuple(items), page.next)

    async def attempt_of(self, run: RunId, name: RepositoryName) -> int | None:
        """Give the attempt that counts; ``None`` without a plan."""
        known = self._counting.get((run, name))
        if known is not None:
            return known
        found = await self._tables.get(REPOSITORIES, repository_key(run, name))
        return None if found is None else self.note_attempt(run, name, found.row)

    def note_attempt(self, run: RunId, name: RepositoryName, row: Row) -> int | None:
        """Remember which attempt counts, from the row of a repository that was read anyway."""
        attempt = read_int(row, PLAN)
        if attempt is not None:
            self._counting[run, name] = attempt
        return attempt

    def _documents(
        self,
        run: RunId,
        name: RepositoryName,
        attempt: int,
        kind: str,
        first: int = 0,
        *,
        page: int = _ALL,
    ) -> AsyncGenerator[Document, None]:
        start = verdict_row(attempt, kind, first)
        where = between(steps_partition(run, name), start, f"{attempt:04d},{kind},")
        return gathered(self._tables.rows(STEPS, where, page=page))
