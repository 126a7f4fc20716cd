"""Laws of the forecast: the nights come as foretold, and passing over quiet ones loses nothing."""

import asyncio
from itertools import pairwise

from hypothesis import given

from purge_core.forecasting import forecast, forecast_repository
from purge_core.instants import DAY, Instant
from purge_core.model import RepositorySnapshot
from purge_core.planning import RunOrder
from purge_core.policies.policy import Policy
from purge_core.records.forecasts import RepositoryForecast
from purge_core.records.journal import Mode, RunId
from purge_core.run import run
from tests.builders import NOW
from tests.fakes import FakeRegistry
from tests.property.policies import policies
from tests.property.strategies import HONEST, repositories
from tests.unit.planned import Deaf

NIGHTS = 12
TIMES = [Instant(NOW + n * DAY) for n in range(NIGHTS)]
Counts = tuple[int, int]


def order(policy: Policy, now: Instant = NOW, mode: Mode = Mode.PLAN) -> RunOrder:
    """Ask for one night."""
    return RunOrder(RunId("run"), "contoso.azurecr.io", policy, now, mode)


def held(registry: FakeRegistry, name: str) -> Counts:
    """Count the tags and manifests that are there."""
    snapshot = registry.snapshot(name)
    return (len(snapshot.tags), len(snapshot.manifests or ())) if snapshot else (0, 0)


async def lived(snapshot: RepositorySnapshot, policy: Policy) -> list[Counts]:
    """Purge night after night, and count what went in each."""
    registry = FakeRegistry(snapshot)
    counts = [held(registry, snapshot.name)]
    for at in TIMES:
        await run(registry, order(policy, at, Mode.PURGE), Deaf(), asyncio.Event())
        counts.append(held(registry, snapshot.name))
    pairs = pairwise(counts)
    return [(before[0] - after[0], before[1] - after[1]) for before, after in pairs]


@given(repositories(HONEST), policies())
def test_nights_come_as_foretold(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """If nothing is pushed, real purges delete exactly what the forecast said.

    That holds though quiet nights are passed over, and though all is read only once.
    """

    async def both() -> tuple[list[Counts], list[Counts]]:
        told = await forecast(FakeRegistry(snapshot), order(policy), NIGHTS)
        foretold = [(night.tags, night.manifests) for night in told.nights]
        return foretold, await lived(snapshot, policy)

    foretold, happened = asyncio.run(both())
    assert foretold == happened


@given(repositories(), policies())
def test_any_repository_is_foretold_or_says_why_not(
    snapshot: RepositorySnapshot, policy: Policy
) -> None:
    """A whole forecast, or an error: never a part of one."""
    told = asyncio.run(_one(snapshot, policy))
    assert (len(told.nights) == NIGHTS) == (told.error is None)
    if told.error is not None:
        assert told.nights == ()


async def _one(snapshot: RepositorySnapshot, policy: Policy) -> RepositoryForecast:
    return await forecast_repository(FakeRegistry(snapshot), order(policy), snapshot.name, TIMES)
