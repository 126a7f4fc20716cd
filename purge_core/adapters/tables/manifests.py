"""Manifests remembered in table storage. See ``purge_core.manifest_memory``.

A repository is a partition, so that it is recalled with one request per 1,000 manifests. The
row that says when it was last used is written first: no entry is without one.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import contextmanager

from purge_core.adapters.tables.keys import MANIFESTS, manifests_partition, used_key, within
from purge_core.adapters.tables.rows import moment
from purge_core.adapters.tables.service import TablePart
from purge_core.errors import JournalError, MemoryLost
from purge_core.instants import Instant
from purge_core.model import Digest, RepositoryName

CONTENT = "content"


class ManifestTables(TablePart):
    """Remembers manifests. Implements ``purge_core.manifest_memory.ManifestMemory``."""

    async def recall(
        self, registry: str, repository: RepositoryName
    ) -> AsyncIterator[tuple[Digest, bytes]]:
        """Give all entries of a repository, in the order of their digests."""
        where = within(manifests_partition(registry, repository))
        with _lost():
            async for stored in self._tables.rows(MANIFESTS, where):
                entry = stored.row.get(CONTENT)
                if isinstance(entry, bytes):
                    yield Digest(stored.row["RowKey"]), entry

    async def remember(
        self,
        registry: str,
        repository: RepositoryName,
        learnt: Mapping[Digest, bytes],
        stale: Collection[Digest],
        at: Instant,
    ) -> None:
        """Add entries, remove ``stale`` ones, and note that the repository was used ``at``."""
        all_used, partition = used_key(registry, repository)
        used = {"registry": registry, "repository": repository, "used": moment(at)}
        with _lost():
            await self._tables.put(MANIFESTS, all_used, [(partition, used)])
            await self._tables.remove(MANIFESTS, partition, stale)
            rows = ((digest, {CONTENT: entry}) for digest, entry in learnt.items())
            await self._tables.put(MANIFESTS, partition, rows)


@contextmanager
def _lost() -> Iterator[None]:
    """Tell of tables that cannot be used as of a memory that is lost."""
    try:
        yield
    except JournalError as error:
        raise MemoryLost(str(error)) from error
