"""The memories of manifests that the suite of their port runs on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from purge_core.adapters.manifest_file import open_manifest_file
from purge_core.instants import Instant
from purge_core.manifest_memory import ManifestMemory
from tests.fake_memory import FakeMemory


class Memory(ManifestMemory, Protocol):
    """A memory that can also forget."""

    async def forget(self, before: Instant) -> None:
        """Remove the repositories that were last used before then."""
        ...


@asynccontextmanager
async def memory_of(kind: str, folder: Path) -> AsyncIterator[Memory]:
    """Open an empty memory by name."""
    if kind == "fake":
        yield FakeMemory()
        return
    async with open_manifest_file(folder / "cache" / "manifests.db") as opened:
        yield opened
