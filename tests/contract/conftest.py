"""The stages of the registry ports."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contract.stages import Stage, stage_of


@pytest_asyncio.fixture(params=["fake", "emulator"])
async def stage(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """Give an empty registry: the fake, then the adapter on the development registry."""
    async with stage_of(request.param, monkeypatch) as opened:
        yield opened
