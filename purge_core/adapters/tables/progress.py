"""Steps as they are opened and closed, in table storage. See ``purge_core.records.store.Steps``.

Rows are changed as they were read, in transactions of at most 100: where somebody else was
quicker, all of them are read and judged again.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from purge_core.adapters.tables.documents import Document, gathered
from purge_core.adapters.tables.keys import STEP, STEPS, between, steps_partition, verdict_row
from purge_core.adapters.tables.operations import MAX_OPERATIONS, merge
from purge_core.adapters.tables.plans import PlanTables
from purge_core.adapters.tables.steps import progress, read_step
from purge_core.errors import JournalError
from purge_core.instants import Instant
from purge_core.model import RepositoryName
from purge_core.records.journal import RunId
from purge_core.records.step_records import StepEnd, StepRecord
from purge_core.records.store_rules import closed_step, opened_step

Decide = Callable[[StepRecord], StepRecord]

_SPAN: Final = 1000
"""How far apart the steps of one transaction may lie: what lies between is read, too."""
_TURNS: Final = 20


class ProgressTables(PlanTables):
    """Remembers how far steps are."""

    async def open_steps(
        self, run: RunId, name: RepositoryName, indexes: Collection[int], at: Instant
    ) -> None:
        """Note that these steps may be carried out from now on, before any of them is."""
        await self._change(run, name, indexes, lambda step: opened_step(step, at))

    async def close_steps(
        self, run: RunId, name: RepositoryName, ends: Sequence[StepEnd], at: Instant
    ) -> None:
        """Note how these steps ended."""
        by_index = {end.index: end for end in ends}
        await self._change(
            run, name, by_index, lambda step: closed_step(step, by_index[step.index], at)
        )

    async def _change(
        self, run: RunId, name: RepositoryName, indexes: Collection[int], decide: Decide
    ) -> None:
        if not indexes:
            return
        attempt = await self.attempt_of(run, name)
        if attempt is None:
            raise JournalError(f"the journal has no plan of {name} in run {run}")
        partition = steps_partition(run, name)
        for group in _groups(indexes):
            await self._change_group(partition, attempt, group, decide)

    async def _change_group(
        self, partition: str, attempt: int, group: Sequence[int], decide: Decide
    ) -> None:
        for _ in range(_TURNS):
            found = await self._read_group(partition, attempt, group)
            operations = []
            for document in found:
                before = read_step(document)
                after = decide(before)
                if after is not before:
                    key = partition, document.head.row["RowKey"]
                    operations.append(merge(key, progress(after), document.head.etag))
            if await self._tables.transact(STEPS, operations):
                return
        raise JournalError("steps in the journal keep being changed by others")

    async def _read_group(
        self, partition: str, attempt: int, group: Sequence[int]
    ) -> list[Document]:
        rows = {verdict_row(attempt, STEP, index) for index in group}
        where = between(partition, min(rows), max(rows))
        documents = gathered(self._tables.rows(STEPS, where))
        found = [each async for each in documents if each.head.row["RowKey"] in rows]
        if len(found) < len(rows):
            raise JournalError(f"steps are missing in the journal: {len(rows) - len(found)}")
        return found


def _groups(indexes: Collection[int]) -> Iterator[list[int]]:
    """Cut indexes into transactions."""
    group: list[int] = []
    for index in sorted(set(indexes)):
        if group and (len(group) == MAX_OPERATIONS or index - group[0] >= _SPAN):
            yield group
            group = []
        group.append(index)
    yield group
