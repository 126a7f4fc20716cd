"""The memories of manifests that the suite of their port runs on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from azure.data.tables.aio import TableServiceClient

from purge_core.adapters.manifest_file import open_manifest_file
from purge_core.adapters.table_store import TableStore
from purge_core.adapters.tables.service import Tables
from purge_core.instants import Instant
from purge_core.manifest_memory import ManifestMemory
from tests.fake_memory import FakeMemory
from tests.stores import QUICK


class Memory(ManifestMemory, Protocol):
    """A memory that can also forget."""

    async def forget(self, before: Instant) -> None:
        """Remove the repositories that were last used before then."""
        ...


class TableMemory(TableStore):
    """The tables, which forget together with the records of runs."""

    async def forget(self, before: Instant) -> None:
        """Let everything expire, a little at a time."""
        while not (await self.expire(before, budget=50)).complete:
            pass


@asynccontextmanager
async def table_memory(connection_string: str) -> AsyncIterator[Memory]:
    """Open the tables on a running Azurite."""
    async with TableServiceClient.from_connection_string(connection_string) as client:
        yield TableMemory(Tables(client, QUICK))


@asynccontextmanager
async def memory_of(kind: str, folder: Path) -> AsyncIterator[Memory]:
    """Open an empty memory that needs no server, by name."""
    if kind == "fake":
        yield FakeMemory()
        return
    async with open_manifest_file(folder / "cache" / "manifests.db") as opened:
        yield opened
