"""Many repositories side by side on a slow registry: none waits in vain for a view of its own."""

import asyncio
from collections import Counter

import pytest

from purge_core.execution.pacing import Halt, Slots, Traffic
from purge_core.instants import Instant
from purge_core.model import Manifest, RepositoryName, Tag
from purge_core.pace.pace import Pace
from purge_core.records.outcomes import Outcome
from purge_core.registry import Changes, Deletion
from tests.fakes import FakeRegistry
from tests.purges import OLD, Purge
from tests.virtual import simulate, virtual_clock


class SlowRegistry(FakeRegistry):
    """A registry that takes its time, and more for the first deletion in each repository.

    That one signs in first.
    """

    def __init__(self, *, listing: float, deletion: float, sign_in: float = 0.0) -> None:
        super().__init__()
        self.listing = listing
        self.deletion = deletion
        self.sign_in = sign_in
        self.signed: dict[str, asyncio.Lock | None] = {}

    async def tags_since(self, repository: RepositoryName, mark: Instant | None) -> Changes[Tag]:
        """Answer late."""
        await asyncio.sleep(self.listing)
        return await super().tags_since(repository, mark)

    async def manifests_since(
        self, repository: RepositoryName, mark: Instant | None
    ) -> Changes[Manifest]:
        """Answer late."""
        await asyncio.sleep(self.listing)
        return await super().manifests_since(repository, mark)

    async def delete_manifest(
        self, repository: RepositoryName, digest: str, *, age: float = 0.0
    ) -> Deletion:
        """Sign in, once per repository, and answer late; all others wait for that."""
        lock = self.signed.setdefault(repository, asyncio.Lock())
        if lock is not None:
            async with lock:
                if self.signed[repository] is not None:
                    await asyncio.sleep(self.sign_in)
                    self.signed[repository] = None
        await asyncio.sleep(self.deletion)
        return await super().delete_manifest(repository, digest, age=age)  # type: ignore[arg-type]


def filled(registry: SlowRegistry, repositories: int, images: int) -> SlowRegistry:
    """Push old images."""
    for number in range(repositories):
        for image in range(images):
            registry.push(f"r{number:02}", f"v{image}", at=OLD)
    return registry


def purged(registry: SlowRegistry, concurrency: int = 16) -> tuple[Counter[Outcome], float]:
    """Purge all of it; returns how the steps ended, and how many seconds it took."""

    async def run() -> tuple[Counter[Outcome], float]:
        clock = virtual_clock()
        purge = Purge(registry, concurrency=concurrency, pace=Pace(clock))
        await purge.plan()
        begun = clock.seconds()
        ends = (await purge.all()).values()
        return Counter(end.outcome for end in ends), clock.seconds() - begun

    return simulate(run())


@pytest.mark.parametrize("repositories", [1, 16, 40])
def test_listings_of_more_than_a_second(repositories: int) -> None:
    """A view is two listings; one after the other they would be older than a view may be."""
    registry = filled(SlowRegistry(listing=1.3, deletion=0.3), repositories, 4)
    outcomes, _ = purged(registry)
    assert outcomes == {Outcome.DELETED: 4 * repositories}


def test_repositories_do_not_wait_for_each_others_first_steps() -> None:
    """While one repository looks and signs in, others delete: slots are not held in vain."""
    registry = filled(SlowRegistry(listing=0.02, deletion=0.02, sign_in=0.06), 64, 40)
    outcomes, seconds = purged(registry, concurrency=32)
    assert outcomes == {Outcome.DELETED: 64 * 40}
    busy = 64 * (40 * 0.02 + 0.06 + 2 * 0.02) / 32
    assert seconds < 2 * busy


def test_views_serve_all_steps_of_their_time() -> None:
    """Side by side or not, a repository is looked at about once in two seconds."""
    registry = filled(SlowRegistry(listing=0.02, deletion=0.02), 16, 40)
    _, seconds = purged(registry)
    looks = Counter(call.repository for call in registry.calls if call.method == "tags_since")
    assert max(looks.values()) <= 1 + seconds / 2


@pytest.mark.parametrize("concurrency", [1, 2, 3, 16])
async def test_first_listings_of_stored_plans_keep_the_bound(concurrency: int) -> None:
    """Each lists tags and manifests at once, and holds a slot for either."""
    purge = Purge(FakeRegistry(), concurrency=concurrency, stored=True)
    for number in range(40):
        purge.registry.push(f"r{number:02}", "old", at=OLD)
    await purge.plan()
    assert {end.outcome for end in (await purge.all()).values()} == {Outcome.DELETED}
    assert purge.registry.peak <= concurrency


@pytest.mark.parametrize("limit", [1, 2, 3, 16])
def test_pairs_of_slots_never_wait_for_each_other(limit: int) -> None:
    """However many want two at once, all get theirs, and no more are held than there are."""
    held = most = 0

    async def hold(slots: Slots, number: int) -> None:
        nonlocal held, most
        async with slots:
            held += number
            most = max(most, held)
            await asyncio.sleep(1)
            held -= number

    async def run() -> None:
        traffic = Traffic(Pace(virtual_clock()), Halt(asyncio.Event()), limit)
        pairs = (hold(traffic.two_slots(), min(2, limit)) for _ in range(20))
        singles = (hold(traffic.slots, 1) for _ in range(20))
        await asyncio.gather(*pairs, *singles)

    simulate(run())
    assert (held, most) == (0, limit)
