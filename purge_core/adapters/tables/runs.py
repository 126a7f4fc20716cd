"""Runs in table storage. See ``purge_core.records.store.Runs``.

A run's row lies in the partition of its registry; a pointer from its id to its registry
is written before it, so a run that can be listed can be found.
"""

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing

from purge_core.adapters.tables.codec import read_run, run_row
from purge_core.adapters.tables.keys import (
    ALL_RUNS,
    RUNS,
    pointer_key,
    run_key,
    within,
)
from purge_core.adapters.tables.keys import run_row as run_row_key
from purge_core.adapters.tables.pages import first_page
from purge_core.adapters.tables.rows import Row
from purge_core.adapters.tables.service import TablePart
from purge_core.errors import JournalError
from purge_core.records.journal import RunId
from purge_core.records.results import Exact
from purge_core.records.store_records import MAX_PAGE, Page, RunChange, RunRecord, RunState
from purge_core.records.store_rules import measured_run, moved_run, told_run
from purge_core.records.told import Told

_POINTER = "pointer"


class RunTables(TablePart):
    """Remembers runs."""

    async def create_run(self, run: RunRecord) -> bool:
        """Begin a run; false, and nothing changes, when one of this id exists."""
        pointer: Row = {"entry": _POINTER, "run": run.id, "registry": run.registry}
        if await self._tables.insert(RUNS, pointer_key(run.id), pointer) is None:
            registry = await self._registry_of(run.id)
            if registry != run.registry:
                raise JournalError(f"the id {run.id} is that of a run of {registry}")
        key = run_key(run.registry, run.id)
        return await self._tables.insert(RUNS, key, run_row(run)) is not None

    async def get_run(self, run: RunId) -> RunRecord | None:
        """Give a run, or ``None`` when there is none."""
        registry = await self._registry_of(run)
        if registry is None:
            return None
        found = await self._tables.get(RUNS, run_key(registry, run))
        return None if found is None else read_run(found.row)

    async def move_run(self, run: RunId, sources: Collection[RunState], change: RunChange) -> bool:
        """Move a run out of one of the ``sources``; false when it is in none of them."""

        def decide(row: Row) -> Row | None:
            record = read_run(row)
            return run_row(moved_run(record, change)) if record.state in sources else None

        return await self._change_run(run, decide)

    async def note_told(self, run: RunId, state: RunState, told: Told) -> bool:
        """Note whether somebody was told that a run ended in a state."""

        def decide(row: Row) -> Row | None:
            record = told_run(read_run(row), state, told)
            return None if record is None else run_row(record)

        return await self._change_run(run, decide)

    async def note_exact(self, run: RunId, exact: Exact) -> bool:
        """Note what the plans of a run free, once and while it is planned; whether it was."""

        def decide(row: Row) -> Row | None:
            record = measured_run(read_run(row), exact)
            return None if record is None else run_row(record)

        return await self._change_run(run, decide)

    async def _change_run(self, run: RunId, decide: Callable[[Row], Row | None]) -> bool:
        """Replace the row of a run; false when there is none or ``decide`` does not want to."""
        registry = await self._registry_of(run)
        if registry is None:
            return False
        return await self._tables.change(RUNS, run_key(registry, run), decide) is not None

    async def list_runs(
        self, registry: str | None = None, *, limit: int = 50, after: str | None = None
    ) -> Page[RunRecord]:
        """List the runs of a registry, or of all, newest first."""
        behind = "" if after is None else run_row_key(RunId(after))
        records = (
            self._all(behind, limit) if registry is None else self._of(registry, behind, limit)
        )
        return await first_page(records, limit, lambda record: record.id)

    async def registries(self) -> list[str]:
        """Name the registries of the latest runs, sorted."""
        rows = self._tables.rows(RUNS, within(ALL_RUNS), page=MAX_PAGE)
        page = await first_page(rows, MAX_PAGE, lambda _: "")
        return sorted({str(stored.row["registry"]) for stored in page.items})

    async def _of(self, registry: str, behind: str, limit: int) -> AsyncGenerator[RunRecord, None]:
        partition = run_key(registry, RunId(""))[0]
        where = within(partition, after=behind)
        async for stored in self._tables.rows(RUNS, where, page=limit + 1):
            yield read_run(stored.row)

    async def _all(self, behind: str, limit: int) -> AsyncGenerator[RunRecord, None]:
        rows = self._tables.rows(RUNS, within(ALL_RUNS, after=behind), page=limit + 1)
        async with aclosing(rows):
            async for stored in rows:
                key = run_key(stored.row["registry"], RunId(stored.row["run"]))
                found = await self._tables.get(RUNS, key)
                if found is not None:
                    yield read_run(found.row)

    async def _registry_of(self, run: RunId) -> str | None:
        found = await self._tables.get(RUNS, pointer_key(run))
        return None if found is None else str(found.row["registry"])
