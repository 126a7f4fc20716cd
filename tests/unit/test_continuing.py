"""What one delivery ended, the next neither does again nor takes for its own."""

from dataclasses import replace

import pytest

from purge_core.instants import TICKS_PER_SECOND, Instant
from purge_core.messages import Phase
from purge_core.model import Digest, Lock, RepositoryName, TagName
from purge_core.policies.source import load_policy
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import StepRecord
from purge_core.records.store_records import RunState
from tests.builders import NOW, ago, days
from tests.fakes import Call, FakeRegistry
from tests.service_world import DELETES, Process, World

SHOP = RepositoryName("shop")
OLD = ago(days(30))
CLOSED = Lock(delete_enabled=False, write_enabled=True)
LOCKED_TOO = "acr purge --filter 'shop:pr-.*' --ago 7d --include-locked --untagged"


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
