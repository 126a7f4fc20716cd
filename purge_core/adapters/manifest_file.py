"""Manifests remembered in a file, for the command line: an SQLite database.

One thread does all that touches it, so the event loop never waits for the disk. Several
programs may use one file at the same time.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from purge_core.errors import MemoryLost
from purge_core.instants import Instant
from purge_core.model import Digest, RepositoryName

Value = TypeVar("Value")
_Row = tuple[object, object]

_APPLICATION: Final = 0x61637270
"""Marks our files (``acrp``): a database of something else is left alone."""
_VERSION: Final = 1
_PAGE: Final = 500
_PATIENCE: Final = 10.0
"""Seconds to wait while another program writes."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS repositories (
    id INTEGER PRIMARY KEY,
    registry TEXT NOT NULL,
    name TEXT NOT NULL,
    used INTEGER NOT NULL,
    UNIQUE (registry, name)
);
CREATE TABLE IF NOT EXISTS manifests (
    repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (repository, digest)
) WITHOUT ROWID;
"""
_RECALL: Final = """
SELECT digest, content FROM manifests JOIN repositories ON repository = id
WHERE registry = ? AND name = ? AND digest > ? ORDER BY digest LIMIT ?
"""
_USE: Final = """
INSERT INTO repositories (registry, name, used) VALUES (?, ?, ?)
ON CONFLICT (registry, name) DO UPDATE SET used = max(used, excluded.used)
"""
_NUMBER: Final = "SELECT id FROM repositories WHERE registry = ? AND name = ?"


class ManifestFile:
    """An open file. Implements ``purge_core.manifest_memory.ManifestMemory``."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, thread: ThreadPoolExecutor
    ) -> None:
        """Use a connection that belongs to ``thread``, which is the only one of its pool."""
        self._path = path
        self._connection = connection
        self._thread = thread

    async def recall(
        self, registry: str, repository: RepositoryName
    ) -> AsyncIterator[tuple[Digest, bytes]]:
        """Give all entries of a repository, in the order of their digests."""
        after: object = ""
        while True:
            found = await self._do(partial(self._page, registry, repository, after))
            for digest, content in found:
                if isinstance(digest, str) and isinstance(content, bytes):
                    yield Digest(digest), content
            if len(found) < _PAGE:
                return
            after = found[-1][0]

    async def remember(
        self,
        registry: str,
        repository: RepositoryName,
        learnt: Mapping[Digest, bytes],
        stale: Collection[Digest],
        at: Instant,
    ) -> None:
        """Add entries, remove ``stale`` ones, and note that the repository was used ``at``."""
        await self._do(partial(self._write, (registry, repository, at), learnt, stale))

    async def forget(self, before: Instant) -> None:
        """Remove the repositories that were last used before then, with all their entries."""
        await self._do(partial(self._forget, before))

    async def _do(self, work: Callable[[], Value]) -> Value:
        return await _in_thread(self._thread, work, self._path)

    def _page(self, registry: str, repository: str, after: object) -> list[_Row]:
        wanted = (registry, repository, after, _PAGE)
        return self._connection.execute(_RECALL, wanted).fetchall()

    def _write(
        self,
        use: tuple[str, str, int],
        learnt: Mapping[Digest, bytes],
        stale: Collection[Digest],
    ) -> None:
        with self._connection as transaction:
            transaction.execute(_USE, use)
            (number,) = transaction.execute(_NUMBER, use[:2]).fetchone()
            transaction.executemany(
                "DELETE FROM manifests WHERE repository = ? AND digest = ?",
                ((number, digest) for digest in stale),
            )
            transaction.executemany(
                "INSERT OR REPLACE INTO manifests VALUES (?, ?, ?)",
                ((number, digest, content) for digest, content in learnt.items()),
            )

    def _forget(self, before: Instant) -> None:
        with self._connection as transaction:
            transaction.execute("DELETE FROM repositories WHERE used < ?", (before,))


@asynccontextmanager
async def open_manifest_file(path: Path) -> AsyncIterator[ManifestFile]:
    """Open the file at ``path``; it is made, with its folder, where there is none.

    Raises:
        MemoryLost: it cannot be opened, or holds something else.

    """
    with ThreadPoolExecutor(1, thread_name_prefix="manifests") as thread:
        connection = await _in_thread(thread, partial(_opened, path), path)
        try:
            yield ManifestFile(path, connection, thread)
        finally:
            thread.submit(connection.close)


async def _in_thread(thread: ThreadPoolExecutor, work: Callable[[], Value], path: Path) -> Value:
    try:
        return await asyncio.get_running_loop().run_in_executor(thread, work)
    except (sqlite3.Error, OSError) as error:
        raise MemoryLost(f"the memory of manifests in {path} cannot be used: {error}") from error


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=_PATIENCE)
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables in a file that is empty; leave any other database alone."""
    with closing(connection.execute("SELECT count(*) FROM sqlite_master")) as found:
        empty = found.fetchone() == (0,)
    if not empty and _mark(connection) != (_APPLICATION, _VERSION):
        raise sqlite3.DatabaseError("the file holds something else, or is of another version")
    # Nothing is lost that could not be read again, and a commit need not wait for the disk.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    if empty:
        connection.executescript(
            f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA application_id = {_APPLICATION};"
            f"PRAGMA user_version = {_VERSION}; COMMIT;"
        )


def _mark(connection: sqlite3.Connection) -> tuple[int, int]:
    """Read what a database says that it is."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return application, version
