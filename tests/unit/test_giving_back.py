"""Giving a registry's slot back to a storage that does not answer."""

import asyncio

import pytest

from purge_core.instants import Instant, Span
from purge_core.policies.source import load_policy
from purge_core.records.store_records import Lease
from purge_core.service import leases
from purge_core.service.leases import leased
from tests.builders import NOW, repository
from tests.fake_store import FakeStore
from tests.fakes import FakeRegistry
from tests.service_world import REGISTRY, World


class Deaf(FakeStore):
    """A store that never says whether it took a slot back."""

    asked = 0

    async def release_lease(self, lease: Lease) -> None:
        """Wait for ever."""
        self.asked += 1
        await asyncio.Event().wait()


async def test_a_release_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it for long, and what is lost is not given back at all."""
    monkeypatch.setattr(leases, "_LONGEST_RELEASE", 0.05)
    store = Deaf()
    app = World(FakeRegistry(repository("shop"), now=NOW), load_policy("version: 1"))
    app.store = store
    async with leased(app.service(), REGISTRY, "one", asyncio.Event()) as held:
        assert held is not None
    assert store.asked == 1
    async with leased(app.service(), REGISTRY, "one", asyncio.Event()) as held:
        assert held is not None
        held.lost = True
    assert store.asked == 1


class Slow(FakeStore):
    """A store that renews a lease at once, and says so only later."""

    def __init__(self) -> None:
        super().__init__()
        self.renewed = asyncio.Event()

    async def renew_lease(self, lease: Lease, *, ttl: Span, now: Instant) -> Lease | None:
        """Renew, then take some time."""
        renewed = await super().renew_lease(lease, ttl=ttl, now=now)
        self.renewed.set()
        for _ in range(5):
            await asyncio.sleep(0)
        return renewed


async def test_a_renewal_under_way_when_the_work_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given back is the lease as it was renewed, so the next one need not wait for it."""
    monkeypatch.setattr(leases, "_RENEWAL", 0.0)
    store = Slow()
    app = World(FakeRegistry(repository("shop"), now=NOW), load_policy("version: 1"))
    app.store = store
    async with leased(app.service(), REGISTRY, "one", asyncio.Event()) as held:
        assert held is not None
        app.now = Instant(app.now + 1)
        await store.renewed.wait()
    assert store.leases == {}
