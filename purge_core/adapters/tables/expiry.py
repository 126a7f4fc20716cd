"""What is old leaves table storage, whole runs at a time: the store's ``Retention``.

So do the manifests that are remembered of repositories that no run has used for as long.

Only the columns that say where things are get read: a row that cannot be read otherwise
must not keep everything behind it.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from purge_core.adapters.tables.codec import RUN, reading
from purge_core.adapters.tables.keys import (
    ALL_USED,
    AT,
    HISTORY,
    MANIFESTS,
    REPOSITORIES,
    RUNS,
    STEPS,
    between,
    history_partition,
    invert_time,
    pointer_key,
    quoted,
    repository_key,
    run_key,
    steps_partition,
    within,
)
from purge_core.adapters.tables.operations import Stored
from purge_core.adapters.tables.past import twin_of
from purge_core.adapters.tables.rows import Row, read_moment
from purge_core.adapters.tables.service import TablePart
from purge_core.instants import DAY, Instant, format_instant
from purge_core.model import RepositoryName
from purge_core.records.journal import RunId
from purge_core.records.store_records import Expired

_CHUNK: Final = 100
"""Rows that are removed between two looks at the budget; history is removed in pairs."""


@dataclass(frozen=True, slots=True)
class _OldRun:
    """A run that goes, and the time within which it can have made history."""

    run: RunId
    registry: str
    first: Instant
    last: Instant


@dataclass(slots=True)
class _Budget:
    left: int
    spent: int = 0

    def spend(self, rows: int) -> None:
        self.left -= rows
        self.spent += rows

    @property
    def over(self) -> bool:
        return self.left <= 0


class ExpiryTables(TablePart):
    """Forgets what is old."""

    async def expire(self, before: Instant, *, budget: int = 10_000) -> Expired:
        """Remove what belongs to runs last changed before then, about ``budget`` rows."""
        allowance = _Budget(budget)
        runs = 0
        where = f"entry eq {quoted(RUN)} and updated lt datetime'{format_instant(before)}'"
        async for stored in self._tables.rows(RUNS, where):
            if not await self._remove_run(_old_run(stored.row), allowance):
                return Expired(runs, allowance.spent, complete=False)
            runs += 1
        complete = await self._forget_manifests(before, allowance)
        return Expired(runs, allowance.spent, complete=complete)

    async def _forget_manifests(self, before: Instant, budget: _Budget) -> bool:
        """Forget the manifests of repositories that no run has used since; as ``_remove``."""
        where = f"{within(ALL_USED)} and used lt datetime'{format_instant(before)}'"
        async for stored in self._tables.rows(MANIFESTS, where):
            partition = stored.row["RowKey"]
            keys = self._keys(self._tables.rows(MANIFESTS, within(partition)))
            if not await self._remove(MANIFESTS, partition, keys, budget):
                return False
            await self._tables.delete(MANIFESTS, (ALL_USED, partition), stored.etag)
            budget.spend(1)
        return True

    async def _remove_run(self, old: _OldRun, budget: _Budget) -> bool:
        """Remove a run, its own row last; false when the budget was over before."""
        where = within(repository_key(old.run, RepositoryName(""))[0])
        async for stored in self._tables.rows(REPOSITORIES, where):
            name = RepositoryName(stored.row["repository"])
            if not await self._remove_repository(old, name, budget):
                return False
        if budget.over:
            return False
        await self._tables.delete(RUNS, pointer_key(old.run))
        await self._tables.delete(RUNS, run_key(old.registry, old.run))
        budget.spend(2)
        return True

    async def _remove_repository(self, old: _OldRun, name: RepositoryName, budget: _Budget) -> bool:
        history = self._history_of(old, name)
        partition = history_partition(old.registry, name)
        steps = steps_partition(old.run, name)
        keys = self._keys(self._tables.rows(STEPS, within(steps)))
        if not await self._remove(HISTORY, partition, history, budget):
            return False
        if not await self._remove(STEPS, steps, keys, budget):
            return False
        await self._tables.delete(REPOSITORIES, repository_key(old.run, name))
        budget.spend(1)
        return True

    async def _remove(
        self, table: str, partition: str, keys: AsyncGenerator[str, None], budget: _Budget
    ) -> bool:
        """Remove rows as long as the budget lasts; false when some may be left."""
        chunk: list[str] = []
        async for key in keys:
            if budget.over:
                return False
            chunk.append(key)
            if len(chunk) == _CHUNK:
                budget.spend(await self._tables.remove(table, partition, chunk))
                chunk = []
        budget.spend(await self._tables.remove(table, partition, chunk))
        return True

    async def _history_of(self, old: _OldRun, name: RepositoryName) -> AsyncGenerator[str, None]:
        """Give the RowKeys of all entries that the run made, each with its twin."""
        partition = history_partition(old.registry, name)
        first, last = (f"{AT},{invert_time(at)}," for at in (old.last, old.first))
        where = f"{between(partition, first, last)} and run eq {quoted(old.run)}"
        async for stored in self._tables.rows(HISTORY, where):
            # By name first: what is found by time can still be removed next time.
            yield twin_of(stored.row)
            yield stored.row["RowKey"]

    @staticmethod
    async def _keys(rows: AsyncGenerator[Stored, None]) -> AsyncGenerator[str, None]:
        async for stored in rows:
            yield stored.row["RowKey"]


def _old_run(row: Row) -> _OldRun:
    """Take a day more on both sides: the clocks of several workers differ."""
    with reading("a run"):
        created, updated = read_moment(row, "created"), read_moment(row, "updated")
        if created is None or updated is None:
            raise KeyError("created")
        first, last = Instant(created - DAY), Instant(updated + DAY)
        return _OldRun(RunId(row["run"]), row["registry"], first, last)
