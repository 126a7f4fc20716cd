"""A purge in a time of its own: along the quota, through pauses, and to its end in time."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import pytest

from purge_core.errors import Unavailable
from purge_core.execution.pacing import GRACE
from purge_core.model import Digest, RepositoryName, Tag
from purge_core.pace.pace import Pace
from purge_core.pace.quotas import Sku
from purge_core.records.outcomes import Outcome
from purge_core.registry import Changes, Deletion
from tests.fakes import NOW, FakeRegistry
from tests.purges import OLD, Purge, by_target
from tests.virtual import simulate, virtual_clock


class SlowRegistry(FakeRegistry):
    """A registry whose answers take time: a tenth of a second each, or as long as is set."""

    def __init__(self) -> None:
        super().__init__(now=NOW)
        self.reading = self.deleting = 0.1

    async def tags_since(self, repository: RepositoryName, mark: object) -> Changes[Tag]:
        """Read after a while."""
        await asyncio.sleep(self.reading)
        return await super().tags_since(repository, None)

    async def delete_manifest(
        self, repository: RepositoryName, digest: Digest, *, age: float = 0.0
    ) -> Deletion:
        """Delete after a while."""
        await asyncio.sleep(self.deleting)
        return await super().delete_manifest(repository, digest, age=age)


@dataclass
class Scene:
    """A purge of so many images that is told to stop after so many seconds."""

    images: int
    stop_after: float = 1e6
    sku: Sku = Sku.STANDARD
    repositories: int = 4
    registry: SlowRegistry = field(default_factory=SlowRegistry)

    def run(self) -> tuple[float, Counter[Outcome]]:
        """Purge; return when it ended, and how its steps did."""
        return simulate(self._run())

    async def _run(self) -> tuple[float, Counter[Outcome]]:
        for number in range(self.images):
            name = f"shop-{number % self.repositories}"
            self.registry.push(name, f"v{number}", at=OLD)
        clock = virtual_clock()
        purge = Purge(self.registry)
        await purge.plan()
        purge.pace = Pace(clock, self.sku)
        asyncio.get_running_loop().call_later(self.stop_after, purge.stop.set)
        outcomes = by_target(await purge.carry_out())
        return clock.seconds(), Counter(end.outcome for end in outcomes.values())

    @property
    def deletes(self) -> int:
        """The deletions that were sent."""
        return sum(call.method == "delete_manifest" for call in self.registry.calls)


@pytest.mark.parametrize(("sku", "per_minute"), [(Sku.STANDARD, 500), (Sku.PREMIUM, 2_000)])
def test_a_purge_runs_along_the_quota(sku: Sku, per_minute: int) -> None:
    """Verification costs it nothing: the turn is waited for before the view is read."""
    seconds, outcomes = Scene(2_000, sku=sku).run()
    assert outcomes == {Outcome.DELETED: 2_000}
    alone = (2_000 - per_minute / 6) / (per_minute / 60)
    assert alone <= seconds <= 1.05 * alone + 1


def test_a_view_is_not_too_old_when_its_turn_comes() -> None:
    """At a slow pace a view serves what it can, and nothing is read for nothing."""
    scene = Scene(300)
    seconds, outcomes = scene.run()
    assert outcomes == {Outcome.DELETED: 300}
    views = sum(call.method == "tags_since" for call in scene.registry.calls)
    assert views <= scene.repositories * (seconds / 2 + 2)


def test_a_wait_of_thirty_seconds_costs_thirty_seconds() -> None:
    """It pauses all deletions, and fails none; they go on one after the other."""
    calm, _ = Scene(200).run()
    scene = Scene(200)
    busy = Unavailable("busy", status=429, retry_after=30.0)
    scene.registry.fail("delete_manifest", busy, times=1)
    seconds, outcomes = scene.run()
    assert outcomes == {Outcome.DELETED: 200}
    assert 30 <= seconds - calm <= 75
    assert scene.deletes == 201


@pytest.mark.parametrize("error", [Unavailable("down", status=500), Unavailable("reset")])
def test_a_single_fault_costs_less_than_two_seconds(error: Unavailable) -> None:
    """One 500 or torn connection is repeated at once, verified anew."""
    calm, _ = Scene(200).run()
    scene = Scene(200)
    scene.registry.fail("delete_manifest", error, times=1)
    seconds, outcomes = scene.run()
    assert outcomes == {Outcome.DELETED: 200}
    assert seconds - calm < 2


def test_the_end_comes_in_time_at_the_quota() -> None:
    """Hundreds wait for their turn when the time is up: they are not reached, none has failed."""
    scene = Scene(2_000, stop_after=60.0)
    seconds, outcomes = scene.run()
    assert seconds <= 60.0 + 0.1 + GRACE
    assert outcomes.keys() == {Outcome.DELETED, Outcome.NOT_REACHED}
    assert outcomes[Outcome.DELETED] == scene.deletes


@pytest.mark.parametrize("method", ["delete_manifest", "tags_since"])
def test_the_end_comes_in_time_while_the_registry_is_busy(method: str) -> None:
    """A pause of five minutes does not outlast the time; what was not sent has not failed."""
    scene = Scene(50, stop_after=60.0)
    busy = Unavailable("busy", status=429, retry_after=300.0)
    scene.registry.fail(method, busy, times=None)
    seconds, outcomes = scene.run()
    assert seconds <= 60.0 + GRACE
    assert outcomes == {Outcome.NOT_REACHED: 50}


def test_the_end_comes_in_time_while_a_read_hangs() -> None:
    """A view that never comes is given up; its steps are not reached."""
    scene = Scene(50, stop_after=60.0)
    scene.registry.reading = 3_600.0
    seconds, outcomes = scene.run()
    assert seconds <= 60.0 + GRACE
    assert outcomes == {Outcome.NOT_REACHED: 50}


def test_a_deletion_that_is_under_way_is_not_abandoned() -> None:
    """Its outcome is known and told, also when it comes a little after the end."""
    scene = Scene(50, stop_after=60.0)
    scene.registry.deleting = 59.0
    seconds, outcomes = scene.run()
    assert seconds <= 60.0 + 59.0 + 0.2
    assert outcomes[Outcome.DELETED] == scene.deletes
    assert outcomes[Outcome.NOT_REACHED] == 50 - scene.deletes
