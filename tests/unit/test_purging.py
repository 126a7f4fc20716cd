"""A whole purge: recorded ahead, stopped in good order, and never without its outcomes."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from purge_core.model import Body, Digest, Lock, Manifest, RepositoryName
from purge_core.plans.steps import ManifestStep, target_of
from purge_core.purging import PurgeHalted
from purge_core.records.journal import Record, RepositoryFinished, StepsClosed, StepsOpened
from purge_core.records.outcomes import Outcome
from purge_core.records.results import RepositoryResult, State
from purge_core.registry import Deletion, Listing
from tests.fakes import Call, FakeRegistry
from tests.purges import LOCKED_TOO, OLD, MemoryJournal, Purge, by_target


def filled(count: int, repositories: int = 1) -> FakeRegistry:
    """Fill repositories with old images."""
    registry = FakeRegistry()
    for number in range(count):
        registry.push(f"shop-{number % repositories}", f"v{number}", at=OLD)
    return registry


def deletes(registry: FakeRegistry) -> int:
    """Count the deletes that were sent."""
    return sum(call.method.startswith("delete") for call in registry.calls)


def counted(results: tuple[RepositoryResult, ...]) -> Counter[Outcome]:
    """Count the outcomes of all repositories."""
    return Counter(end.outcome for end in by_target(results).values())


def after_deletes(count: int, act: Callable[[], object]) -> Callable[[Call], None]:
    """Have ``act`` happen once, when the given number of deletes is under way."""
    seen = []

    def happen(call: Call) -> None:
        if call.method == "delete_manifest":
            seen.append(call)
            if len(seen) == count:
                act()

    return happen


async def test_steps_are_recorded_in_batches_of_a_hundred() -> None:
    """Opened before the first request, closed afterwards, and the repository at the end."""
    registry = filled(250)
    purge = Purge(registry)
    await purge.plan()
    await purge.carry_out()
    records = purge.journal.records
    opened = [len(r.steps) for r in records if isinstance(r, StepsOpened)]
    closed = [len(r.outcomes) for r in records if isinstance(r, StepsClosed)]
    assert opened == [100, 100, 50]
    assert sorted(closed) == [50, 100, 100]
    assert isinstance(records[-1], RepositoryFinished)
    assert records[-1].result.state is State.PURGED
    assert len(records[-1].result.outcomes) == 250


async def test_what_goes_along_is_recorded_before_its_root_is_deleted() -> None:
    """150 referrers fill more than a batch; each is on record before the one delete."""
    registry = FakeRegistry()
    image = registry.push("shop", "v1", at=OLD)
    for number in range(150):
        registry.push("shop", digest=Digest(f"sha256:{number}"), body=Body(subject=image), at=OLD)
    registry.push("shop", "young")
    purge = Purge(registry)
    await purge.plan()
    opened: list[int] = []
    registry.before = after_deletes(1, lambda: opened.append(len(purge.journal.opened)))
    assert counted(await purge.carry_out()) == {Outcome.DELETED: 1, Outcome.CASCADED: 150}
    assert opened == [151]
    assert len(purge.journal.closed) == 151


async def test_nothing_is_deleted_when_the_journal_does_not_open() -> None:
    """A record that cannot be written stops the run before its first delete."""
    registry = filled(20, repositories=4)
    purge = Purge(registry, journal=MemoryJournal(lambda r: isinstance(r, StepsOpened)))
    await purge.plan()
    with pytest.raises(PurgeHalted, match="the table is full") as halted:
        await purge.carry_out()
    assert deletes(registry) == 0
    assert counted(halted.value.results) == {Outcome.NOT_REACHED: 20}


@pytest.mark.parametrize("kind", [StepsClosed, RepositoryFinished])
async def test_what_was_done_is_not_lost_when_the_journal_fails_later(kind: type[Record]) -> None:
    """The error carries every outcome, and what was sent before it was announced."""
    registry = filled(400, repositories=2)
    purge = Purge(registry, journal=MemoryJournal(lambda r: isinstance(r, kind)), concurrency=2)
    await purge.plan()
    with pytest.raises(PurgeHalted) as halted:
        await purge.carry_out()
    counts = counted(halted.value.results)
    assert counts[Outcome.DELETED] == deletes(registry) > 0
    assert counts.total() == 400
    gone = {t for t, e in by_target(halted.value.results).items() if e.outcome.is_gone}
    assert gone <= set(purge.journal.opened)


class BrokenJournal(MemoryJournal):
    """A journal with a defect of its own."""

    async def record(self, record: Record) -> None:
        """Fail in a way that nobody expects."""
        if isinstance(record, StepsOpened):
            raise KeyError("no such column")
        await super().record(record)


async def test_a_defect_of_the_journal_halts_the_run_as_well() -> None:
    """Whatever the journal raises, nothing is deleted unrecorded and nothing is lost."""
    purge = Purge(filled(3), journal=BrokenJournal())
    await purge.plan()
    with pytest.raises(PurgeHalted, match="KeyError"):
        await purge.carry_out()
    assert deletes(purge.registry) == 0


async def test_a_stop_finishes_what_is_under_way_and_records_it() -> None:
    """Set in the middle: no new delete, the rest not reached, everything on record."""
    registry = filled(60, repositories=3)
    purge = Purge(registry, concurrency=4)
    await purge.plan()
    registry.before = after_deletes(10, purge.stop.set)
    results = await purge.carry_out()
    counts = counted(results)
    assert counts[Outcome.DELETED] == deletes(registry)
    assert 10 <= deletes(registry) <= 14
    assert counts[Outcome.NOT_REACHED] == 60 - deletes(registry)
    finished = [r.result for r in purge.journal.records if isinstance(r, RepositoryFinished)]
    assert sorted(finished, key=lambda r: r.repository) == list(results)
    assert set(purge.journal.opened) == {target_of(end.step) for end in purge.journal.closed}


async def test_a_run_that_was_stopped_before_sends_nothing() -> None:
    """Not even a read."""
    registry = filled(3)
    purge = Purge(registry, stored=True)
    await purge.plan()
    purge.stop.set()
    assert counted(await purge.carry_out()) == {Outcome.NOT_REACHED: 3}
    assert registry.calls == []


async def test_a_cancellation_finishes_what_is_under_way_and_records_it() -> None:
    """The task ends cancelled, but only after the deletes under way are on record."""
    registry = filled(60, repositories=3)
    purge = Purge(registry, concurrency=4)
    await purge.plan()
    task = asyncio.ensure_future(purge.carry_out())
    registry.before = after_deletes(10, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    ended = Counter(end.outcome for end in purge.journal.closed)
    assert ended[Outcome.DELETED] == deletes(registry) >= 10
    assert set(purge.journal.opened) == {target_of(end.step) for end in purge.journal.closed}
    assert sum(isinstance(r, RepositoryFinished) for r in purge.journal.records) == 3


async def test_a_second_cancellation_does_not_tear_anything() -> None:
    """However often it is cancelled, the end is awaited and nothing stays open."""
    registry = filled(20)
    purge = Purge(registry, concurrency=2)
    await purge.plan()
    task = asyncio.ensure_future(purge.carry_out())

    def cancel(_: Call) -> None:
        task.cancel()

    registry.before = cancel
    with pytest.raises(asyncio.CancelledError):
        await task
    assert set(purge.journal.opened) == {target_of(end.step) for end in purge.journal.closed}


class SlowLocks(FakeRegistry):
    """A registry in which something happens before an unlock is answered."""

    act: Callable[[], object] = bool

    async def lock_manifest(
        self, repository: RepositoryName, digest: Digest, lock: Lock, *, age: float | None = None
    ) -> None:
        """Set the lock, let it happen, and answer late."""
        await super().lock_manifest(repository, digest, lock, age=age)
        if not lock.closed:
            self.act()
            for _ in range(5):
                await asyncio.sleep(0)


async def test_a_cancelled_unlock_is_locked_again() -> None:
    """Cancelled between unlock and delete: the item stays, locked as it was."""
    registry = SlowLocks()
    closed = Lock(delete_enabled=False)
    image = registry.push("shop", "v1", at=OLD, lock=closed)
    purge = Purge(registry, LOCKED_TOO)
    await purge.plan()
    task = asyncio.ensure_future(purge.carry_out())
    registry.act = task.cancel
    with pytest.raises(asyncio.CancelledError):
        await task
    assert deletes(registry) == 0
    assert registry.repos[RepositoryName("shop")].manifests[image].lock == closed
    assert [end.outcome for end in purge.journal.closed] == [Outcome.NOT_REACHED]


class DefectiveRegistry(FakeRegistry):
    """A registry whose client has a defect in one repository."""

    async def delete_manifest(
        self, repository: RepositoryName, digest: Digest, *, age: float = 0.0
    ) -> Deletion:
        """Delete, or crash."""
        if repository == "shop-0":
            raise KeyError("no such header")
        return await super().delete_manifest(repository, digest, age=age)


async def test_a_defect_in_one_repository_costs_no_other_its_outcomes() -> None:
    """It is a failure of its own steps, and named as what it is."""
    registry = DefectiveRegistry()
    registry.repos = filled(20, repositories=4).repos
    purge = Purge(registry)
    await purge.plan()
    results = await purge.carry_out()
    assert counted(results[:1]) == {Outcome.FAILED: 5}
    assert counted(results[1:]) == {Outcome.DELETED: 15}
    assert "KeyError" in results[0].outcomes[0].detail


class DefectiveListing(FakeRegistry):
    """A registry whose client crashes over one listing, after everything was planned."""

    crashes = False

    async def manifests(self, repository: RepositoryName) -> Listing[Manifest]:
        """List, or crash."""
        if self.crashes and repository == "bad":
            raise KeyError("no such column")
        return await super().manifests(repository)


async def test_a_defect_between_steps_keeps_the_outcomes_too() -> None:
    """What was deleted before the defect is told; what has no outcome yet has failed."""
    registry = DefectiveListing()
    for name in ("bad", "good"):
        image = registry.push(name, "v1", at=OLD)
        registry.push(name, body=Body(subject=image), at=OLD)
        registry.push(name, "young")
    purge = Purge(registry)
    await purge.plan()
    registry.crashes = True
    bad, good = await purge.carry_out()
    assert [end.outcome for end in bad.outcomes] == [Outcome.DELETED, Outcome.FAILED]
    assert [end.outcome for end in good.outcomes] == [Outcome.DELETED, Outcome.CASCADED]


async def test_only_what_may_be_purged_is_touched() -> None:
    """Refused, failed and vanished repositories pass through as they are."""
    registry = filled(5, repositories=5)
    purge = Purge(registry)
    planned = await purge.plan()
    states = (State.REFUSED, State.FAILED, State.GONE, State.PLANNED, State.PURGED)
    purge.planned = tuple(
        replace(result, state=state) for result, state in zip(planned, states, strict=True)
    )
    results = await purge.carry_out()
    assert [r.state for r in results] == [*states[:3], State.PURGED, State.PURGED]
    assert {call.repository for call in registry.calls} == {"shop-3"}


async def test_a_plan_without_steps_asks_for_nothing() -> None:
    """Nothing to do costs no request, and the repository still ends."""
    registry = FakeRegistry()
    registry.push("shop", "young")
    purge = Purge(registry, stored=True)
    await purge.plan()
    (result,) = await purge.carry_out()
    assert result.state is State.PURGED
    assert result.outcomes == ()
    assert registry.calls == []


async def test_a_stored_plan_begins_with_one_fresh_listing() -> None:
    """Two listings, which then serve as the first view: nothing is read twice."""
    registry = filled(50)
    purge = Purge(registry, stored=True)
    await purge.plan()
    assert counted(await purge.carry_out()) == {Outcome.DELETED: 50}
    methods = Counter(call.method for call in registry.calls)
    assert methods == {"tags": 1, "manifests": 1, "delete_manifest": 50}


async def test_outcomes_stand_in_the_order_of_the_plan() -> None:
    """Whatever order the answers come in."""
    registry = filled(40)
    purge = Purge(registry)
    (planned,) = await purge.plan()
    (result,) = await purge.carry_out()
    assert planned.plan is not None
    assert [end.step for end in result.outcomes] == list(planned.plan.steps)
    assert all(isinstance(end.step, ManifestStep) for end in result.outcomes)
