"""Laws of the limiter, against the development registry's quota, in a time of its own."""

import asyncio
import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acr_emulator import Sku
from acr_emulator.errors import RegistryAnswer
from acr_emulator.kinds import Traffic
from purge_core.pace import quotas
from purge_core.pace.limiter import Limiter
from purge_core.pace.quotas import Kind, Share
from tests.paced import Client, Wall
from tests.virtual import simulate, virtual_clock

SKUS = st.sampled_from(list(Sku))
LATENCIES = st.floats(0.0, 0.5)
WIDTHS = st.integers(1, 64)
RATES = {Sku.BASIC: 500 / 60, Sku.STANDARD: 500 / 60, Sku.PREMIUM: 2000 / 60}


def limiter(sku: Sku, workers: int = 1) -> Limiter:
    """Give a worker's limiter of deletions for a registry of this tier."""
    share = Share(workers=workers)
    return Limiter(virtual_clock(), share.of(quotas.Sku(sku.value), Kind.DELETE))


@pytest.mark.parametrize("sku", [Sku.STANDARD, Sku.PREMIUM])
@pytest.mark.parametrize(("latency", "width"), [(0.0, 16), (0.02, 32), (0.2, 16), (0.5, 64)])
def test_ten_thousand_deletions_take_what_the_quota_takes(
    sku: Sku, latency: float, width: int
) -> None:
    """At most 1.05 times ((deletions - burst) / rate), and nothing is refused."""

    async def scene() -> Wall:
        wall = Wall(sku)
        await Client(wall, limiter(sku), latency, width).send(10_000)
        return wall

    wall = simulate(scene())
    bound = (10_000 - 60 * RATES[sku]) / RATES[sku]
    assert wall.served[-1] <= 1.05 * bound
    assert wall.refused == []


@given(SKUS, LATENCIES, WIDTHS, st.floats(1.0, 120.0), st.booleans())
@settings(max_examples=60)
def test_a_registry_of_its_own_never_refuses(
    sku: Sku, latency: float, width: int, burst: float, shows: bool
) -> None:
    """Whatever the bucket holds: what is shown is respected, what is not shown is not assumed."""
    burst = burst if shows else max(burst, 60.0)

    async def scene() -> Wall:
        wall = Wall(sku, burst, shows)
        await Client(wall, limiter(sku), latency, width).send(600)
        return wall

    wall = simulate(scene())
    assert len(wall.served) == 600
    few = burst * RATES[sku] < 20 + 3 * width  # spent before the first answer tells so
    assert few or wall.refused == []


@given(SKUS, LATENCIES, WIDTHS, st.integers(2, 4))
@settings(max_examples=20)
def test_workers_share_one_quota(sku: Sku, latency: float, width: int, workers: int) -> None:
    """Together they are as fast as one, and the registry refuses none of them."""

    async def scene() -> Wall:
        wall = Wall(sku)
        clients = [Client(wall, limiter(sku, workers), latency, width) for _ in range(workers)]
        await asyncio.gather(*(client.send(3_000 // workers) for client in clients))
        return wall

    wall = simulate(scene())
    assert wall.refused == []
    quota = (3_000 - 60 * RATES[sku]) / RATES[sku]
    network = 3_000 * latency / width / workers
    assert wall.served[-1] <= 1.05 * (quota + network) + 5


@pytest.mark.parametrize("theirs", [0.25, 0.5, 0.75])
@pytest.mark.parametrize("latency", [0.02, 0.3])
def test_others_slow_it_down_and_are_not_fought(latency: float, theirs: float) -> None:
    """Who shares the identity is seen in what is left: hardly a request is refused."""
    chance = random.Random(1)

    async def other(wall: Wall) -> None:
        while True:
            await asyncio.sleep(chance.expovariate(theirs * RATES[Sku.STANDARD]))
            with suppress(RegistryAnswer):
                wall.quota.take(Traffic.DELETE, "us")

    async def scene() -> Wall:
        wall = Wall(Sku.STANDARD)
        noise = asyncio.create_task(other(wall))
        await Client(wall, limiter(Sku.STANDARD), latency).send(2_000)
        noise.cancel()
        return wall

    wall = simulate(scene())
    assert len(wall.refused) <= 0.02 * len(wall.served)


@pytest.mark.parametrize("latency", [0.02, 0.3])
def test_a_registry_slower_than_told_is_found_out(latency: float) -> None:
    """A Standard registry that is said to be Premium, and shows nothing, is not stormed."""

    async def scene() -> Wall:
        wall = Wall(Sku.STANDARD, shows=False)
        await Client(wall, limiter(Sku.PREMIUM), latency).send(5_000)
        return wall

    wall = simulate(scene())
    assert len(wall.refused) <= 0.05 * len(wall.served)
