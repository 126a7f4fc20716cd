"""History in table storage. See ``purge_core.records.store.History``."""

from purge_core.adapters.tables.keys import AT, HISTORY, history_partition, item_prefix, within
from purge_core.adapters.tables.pages import first_page, no_token
from purge_core.adapters.tables.past import read_entry
from purge_core.adapters.tables.service import TablePart
from purge_core.model import RepositoryName
from purge_core.records.step_records import HistoryRecord, ItemKind
from purge_core.records.store_records import Page


class HistoryTables(TablePart):
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
        prefix = f"{AT}," if item is None else item_prefix(*item)
        if after is not None and not after.startswith(prefix):
            raise no_token(after)
        where = within(history_partition(registry, repository), prefix, after or "")
        rows = self._tables.rows(HISTORY, where, page=limit + 1)
        page = await first_page(rows, limit, lambda stored: str(stored.row["RowKey"]))
        return Page(tuple(read_entry(stored.row) for stored in page.items), page.next)
