"""What one delivery ended, the next neither does again nor takes for its own."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from purge_core.errors import JournalError
from purge_core.instants import TICKS_PER_SECOND, Instant
from purge_core.messages import Phase
from purge_core.model import OPEN, Body, Digest, Lock, RepositoryName, TagName
from purge_core.policies.source import load_policy
from purge_core.records.journal import RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import Pending, StepEnd, StepRecord
from purge_core.records.store_records import RunState
from purge_core.service.failing import mark_failed
from tests.builders import NOW, ago, days
from tests.fake_store import FakeStore
from tests.fakes import Call, FakeRegistry
from tests.service_world import DELETES, Process, World

SHOP = RepositoryName("shop")
OLD = ago(days(30))
CLOSED = Lock(delete_enabled=False, write_enabled=True)
LOCKED_TOO = "acr purge --filter 'shop:pr-.*' --ago 7d --include-locked --untagged"

UNTAGGED = """
version: 1
rules: [{repositories: shop, tags: none, older_than: 7d}]
untagged: {older_than: 7d}
"""


def steps(app: World) -> list[StepRecord]:
    """Give what is stored of the only repository of the only run."""
    (kept,) = app.store.runs.values()
    return list(kept.steps[SHOP])


async def deliver_next(app: World, process: Process | None = None) -> Phase:
    """Deliver the next message; which phase it was of."""
    letter = min(app.outbox.letters, key=lambda each: each.delay)
    app.pass_time(letter.delay)
    await app.deliver(letter, process)
    return letter.message.phase


async def until_time_is_up(app: World) -> None:
    """Carry out a run until time is up, with its first deletion."""
    process = Process()
    watch = app.registry.before

    def is_over(call: Call) -> None:
        assert watch is not None
        watch(call)
        if call.method in DELETES and process.stop is not None:
            process.stop.set()

    app.registry.before = is_over
    while not app.deleted:
        await deliver_next(app, process)
    app.registry.before = watch


def filled(*, tags: bool) -> FakeRegistry:
    """Hold a dozen old locked tags of a young image, or as many locked manifests without any."""
    registry = FakeRegistry(now=NOW)
    keep = registry.push("shop", "keep", at=ago(days(1)))
    for number in range(12):
        if tags:
            registry.tag("shop", f"pr-{number:02}", keep, at=OLD, lock=CLOSED)
        else:
            lock(registry, registry.push("shop", digest=Digest(f"sha256:{number:064}"), at=OLD))
    return registry


def lock(registry: FakeRegistry, digest: Digest) -> None:
    """Lock a manifest."""
    held = registry.repos[SHOP].manifests
    held[digest] = replace(held[digest], lock=CLOSED)


def restore(registry: FakeRegistry, target: str, *, tags: bool) -> None:
    """Push again, a minute later, what was deleted."""
    registry.clock = Instant(registry.clock + 60 * TICKS_PER_SECOND)
    if tags:
        registry.tag("shop", target, registry.repos[SHOP].tags[TagName("keep")].digest)
    else:
        registry.push("shop", digest=Digest(target))


@pytest.mark.parametrize("tags", [True, False])
async def test_what_was_deleted_and_is_restored_stays(*, tags: bool) -> None:
    """A locked tag, or a locked manifest, that is pushed again between two deliveries is kept."""
    app = World(filled(tags=tags), load_policy(LOCKED_TOO))
    run = await app.start()
    await until_time_is_up(app)
    assert 0 < sum(step.status is Outcome.DELETED for step in steps(app)) < 12
    restored = app.deleted[0][1]
    restore(app.registry, restored, tags=tags)
    await app.run_to_end()
    assert app.run(run.id).state is RunState.DONE
    assert [target for _, target in app.deleted].count(restored) == 1
    assert len(app.deleted) == 12
    assert app.unrecorded == []


class NoEnds(FakeStore):
    """Answers the first request that ends steps with a failure; it is carried out if ``late``."""

    def __init__(self, *, late: bool) -> None:
        super().__init__()
        self.late = late
        self.failed = False

    async def close_steps(
        self, run: RunId, name: RepositoryName, ends: Sequence[StepEnd], at: Instant
    ) -> None:
        """Fail once."""
        failing, self.failed = not self.failed, True
        if self.late or not failing:
            await super().close_steps(run, name, ends, at)
        if failing:
            raise JournalError("no answer")


async def with_referrer(*, late: bool) -> tuple[World, Digest, Digest]:
    """Plan to delete an image with its referrer, and lock that one before it is done."""
    registry = FakeRegistry(now=NOW)
    registry.push("shop", "keep", at=ago(days(1)))
    root = registry.push("shop", at=OLD)
    referrer = registry.push("shop", at=OLD, body=Body((), root))
    app = World(registry, load_policy(UNTAGGED), NoEnds(late=late))
    await app.start()
    while app.outbox.letters[0].message.phase is not Phase.PURGE:
        await deliver_next(app)
    lock(registry, referrer)
    await deliver_next(app)
    return app, root, referrer


async def test_a_root_stays_with_its_changed_referrer_when_its_end_was_not_recorded() -> None:
    """The referrer has no end before its root has, and is looked at again with it."""
    app, root, referrer = await with_referrer(late=False)
    status = {step.step.digest: step.status for step in steps(app)}
    assert status == {root: Pending.DELETING, referrer: Outcome.NOT_REACHED}
    await app.run_to_end()
    assert {step.status for step in steps(app)} == {Outcome.SKIPPED_CHANGED}
    assert app.deleted == []
    assert {root, referrer} <= set(app.registry.repos[SHOP].manifests)


async def test_a_referrer_whose_root_is_known_to_stay() -> None:
    """Its root's end was kept after all, unanswered: it stays with it, and has not failed."""
    app, root, referrer = await with_referrer(late=True)
    await app.run_to_end()
    ends = {step.step.digest: (step.status, step.detail) for step in steps(app)}
    assert ends[root][0] is Outcome.SKIPPED_CHANGED
    assert ends[referrer] == (Outcome.SKIPPED_CHANGED, f"{root} stays: skipped: changed")
    assert app.deleted == []


async def test_a_root_stays_when_its_referrer_has_ended_before() -> None:
    """What is on record as staying does not go along, though nothing about it is odd any more."""
    app, root, referrer = await with_referrer(late=False)
    (kept,) = app.store.runs.values()
    (index,) = (s.index for s in steps(app) if s.step.digest == referrer)
    end = StepEnd(index, Outcome.SKIPPED_CHANGED, "as an earlier version recorded it")
    await app.store.close_steps(kept.record.id, SHOP, [end], app.now)
    held = app.registry.repos[SHOP].manifests
    held[referrer] = replace(held[referrer], lock=OPEN)
    await app.run_to_end()
    assert {step.status for step in steps(app)} == {Outcome.SKIPPED_CHANGED}
    assert app.deleted == []
    assert {root, referrer} <= set(held)


async def test_a_registry_that_is_no_longer_ours_is_not_asked() -> None:
    """A step whose end is not known stays so: nobody looks where the app may not look any more."""
    app = World(filled(tags=False), load_policy(LOCKED_TOO))
    await app.start()
    process = Process()
    watch = app.registry.before

    def die(call: Call) -> None:
        assert watch is not None
        watch(call)
        process.dead = process.dead or call.method in DELETES

    app.registry.before = die
    letter = app.outbox.letters[0]
    while not process.dead:
        letter = app.outbox.letters[0]
        await deliver_next(app, process)
    asked = len(app.registry.calls)
    service = app.service()
    moved = replace(service, options=replace(service.options, registries=("fabrikam.azurecr.io",)))
    await mark_failed(moved, letter.message)
    assert len(app.registry.calls) == asked
    ends = [step for step in steps(app) if step.detail]
    assert {step.status for step in steps(app)} <= {Outcome.FAILED, Outcome.NOT_REACHED}
    assert any("is no registry of this app any more" in step.detail for step in ends)
