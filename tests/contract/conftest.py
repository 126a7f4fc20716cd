"""What the suites of the ports run on: fakes, and the adapters on real servers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from purge_core.records.store import RunStore
from tests.contract.memories import Memory, memory_of, table_memory
from tests.contract.stages import Stage, stage_of
from tests.fake_store import FakeStore
from tests.stores import empty_tables, table_store


@pytest_asyncio.fixture(params=["fake", "emulator"])
async def stage(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """Give an empty registry: the fake, then the adapter on the development registry."""
    async with stage_of(request.param, monkeypatch) as opened:
        yield opened


@pytest_asyncio.fixture(params=["fake", "azurite"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[RunStore]:
    """Give an empty store: the fake, then the adapter on Azurite."""
    if request.param == "fake":
        yield FakeStore()
        return
    storage = request.getfixturevalue("storage")
    empty_tables(storage)
    async with table_store(storage) as opened:
        yield opened


@pytest_asyncio.fixture(params=["fake", "file", "azurite"])
async def memory(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Memory]:
    """Give an empty memory of manifests: the fake, the file, then the tables on Azurite."""
    if request.param == "azurite":
        storage = request.getfixturevalue("storage")
        empty_tables(storage)
        async with table_memory(storage) as opened:
            yield opened
        return
    async with memory_of(request.param, tmp_path) as opened:
        yield opened
