"""What every store does with history, leases and what is old."""

import asyncio
from dataclasses import replace

import pytest

from purge_core.errors import InputError
from purge_core.instants import Span
from purge_core.judgement.reasons import LastTagGoes, Selected
from purge_core.model import RepositoryName, RepositorySnapshot
from purge_core.records.journal import RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import HistoryRecord, ItemKind, StepEnd
from purge_core.records.store import RunStore
from purge_core.records.store_records import Expired, RunChange, RunRecord, RunState, Trigger
from tests.builders import days, image, minutes, repository
from tests.stores import REGISTRY, SHOP, a_run, images, judged, kept_image, later, planned, started


async def purged(
    store: RunStore,
    minute: float,
    snapshot: RepositorySnapshot,
    *,
    outcome: Outcome = Outcome.DELETED,
    registry: str = REGISTRY,
) -> RunId:
    """Do a whole run over one repository, in which every step ends the same way."""
    run = await started(store, a_run(minute, registry=registry))
    await planned(store, judged(snapshot), run)
    steps = (await store.steps(run, snapshot.name)).items
    indexes = [step.index for step in steps]
    await store.open_steps(run, snapshot.name, indexes, later(minute + 1))
    ends = [StepEnd(index, outcome, "so it was") for index in indexes]
    await store.close_steps(run, snapshot.name, ends, later(minute + 2))
    await store.finish_repository(run, snapshot.name, later(minute + 3))
    done = RunChange(RunState.DONE, later(minute + 4))
    assert await store.move_run(run, {RunState.QUEUED}, done)
    return run


async def whole_history(
    store: RunStore, item: tuple[ItemKind, str] | None = None, *, limit: int = 1000
) -> list[HistoryRecord]:
    """Read all of a repository's history, in pages of so many."""
    found: list[HistoryRecord] = []
    after: str | None = None
    while True:
        page = await store.history(REGISTRY, SHOP, item, limit=limit, after=after)
        assert len(page.items) <= limit
        found += page.items
        after = page.next
        if after is None:
            return found


async def test_history_tells_all(store: RunStore) -> None:
    """What, when, how it ended, by which rule and why, in which run, started by what."""
    old = image("i", tags=["v1"], size=5_000_000_000)
    run = await purged(store, 0, repository(SHOP, old, kept_image()))
    tag, manifest = sorted(await whole_history(store), key=lambda entry: entry.kind.value)[::-1]
    assert tag == HistoryRecord(
        registry=REGISTRY,
        repository=SHOP,
        kind=ItemKind.TAG,
        name="v1",
        digest=old.digest,
        outcome=Outcome.DELETED,
        detail="so it was",
        at=later(1),
        run=run,
        step=0,
        trigger=Trigger.TIMER,
        policy_name="default",
        rules=("old ones",),
        reasons=tag.reasons,
        bytes=0,
    )
    assert isinstance(tag.reasons[0], Selected)
    assert (manifest.name, manifest.bytes) == (old.digest, 5_000_000_000)
    assert isinstance(manifest.reasons[0], LastTagGoes)
    assert manifest.rules == ("untagged",)


async def test_history_of_several_runs(store: RunStore) -> None:
    """Everything that ever happened to a repository, newest first."""
    runs = [await purged(store, n * 1000, images(n + 1)) for n in range(3)]
    found = await whole_history(store)
    assert [entry.run for entry in found] == [runs[2]] * 6 + [runs[1]] * 4 + [runs[0]] * 2
    assert [entry.at for entry in found] == sorted((e.at for e in found), reverse=True)


@pytest.mark.parametrize("limit", [1, 3, 7])
async def test_history_in_pages(store: RunStore, limit: int) -> None:
    """Pages join without a gap."""
    for minute in (0, 1000):
        await purged(store, minute, images(4))
    found = await whole_history(store, limit=limit)
    assert len({(e.run, e.kind, e.name) for e in found}) == len(found) == 16


async def test_history_of_a_tag(store: RunStore) -> None:
    """Who deleted this tag: every time it happened, newest first, and no other tag's."""
    runs = [await purged(store, n * 1000, images(12)) for n in range(3)]
    found = await whole_history(store, (ItemKind.TAG, "v1"), limit=2)
    assert [(entry.name, entry.run) for entry in found] == [("v1", run) for run in reversed(runs)]


async def test_history_of_a_digest(store: RunStore) -> None:
    """Who deleted this digest."""
    snapshot = images(3)
    run = await purged(store, 0, snapshot)
    assert snapshot.manifests is not None
    digest = snapshot.manifests[1].digest
    (entry,) = await whole_history(store, (ItemKind.MANIFEST, digest))
    assert (entry.kind, entry.name, entry.run) == (ItemKind.MANIFEST, digest, run)
    assert await whole_history(store, (ItemKind.TAG, digest)) == []


async def test_history_of_another_place(store: RunStore) -> None:
    """Registries and repositories of like names are told apart."""
    await purged(store, 0, images(1, name="shop"))
    await purged(store, 10, images(1), registry="other")
    assert await whole_history(store) == []
    assert len((await store.history("other", SHOP)).items) == 2


@pytest.mark.parametrize("outcome", list(Outcome))
async def test_what_becomes_history(store: RunStore, outcome: Outcome) -> None:
    """Every end but one: where nothing was tried nothing happened."""
    await purged(store, 0, images(1), outcome=outcome)
    found = await whole_history(store)
    expected = [] if outcome is Outcome.NOT_REACHED else [outcome, outcome]
    assert [entry.outcome for entry in found] == expected


async def test_history_is_rebuilt_from_the_steps(store: RunStore) -> None:
    """Finishing again writes the same again, and what was missing."""
    run = await started(store)
    await planned(store, judged(images(3)), run)
    await store.open_steps(run, SHOP, [0, 1], later(1))
    await store.close_steps(run, SHOP, [StepEnd(0, Outcome.DELETED)], later(2))
    first = await store.finish_repository(run, SHOP, later(3))
    assert [(c.outcome, c.steps) for c in first.outcomes] == [(Outcome.DELETED, 1)]
    assert len(await whole_history(store)) == 2
    ends = [StepEnd(1, Outcome.ALREADY_GONE), StepEnd(2, Outcome.LOCKED)]
    await store.close_steps(run, SHOP, ends, later(4))
    await store.finish_repository(run, SHOP, later(5))
    second = await store.finish_repository(run, SHOP, later(6))
    assert {c.outcome for c in second.outcomes} == {
        Outcome.DELETED,
        Outcome.ALREADY_GONE,
        Outcome.LOCKED,
    }
    assert len(await whole_history(store)) == 6


async def test_history_of_an_end_that_was_corrected(store: RunStore) -> None:
    """When two deliveries crossed, the better report takes the place of the other."""
    run = await started(store)
    await planned(store, judged(images(1)), run)
    await store.open_steps(run, SHOP, [0], later(1))
    await store.close_steps(run, SHOP, [StepEnd(0, Outcome.ALREADY_GONE)], later(2))
    await store.finish_repository(run, SHOP, later(3))
    await store.close_steps(run, SHOP, [StepEnd(0, Outcome.DELETED)], later(4))
    await store.finish_repository(run, SHOP, later(5))
    assert [entry.outcome for entry in await whole_history(store)] == [Outcome.DELETED] * 2


async def test_history_of_hostile_names(store: RunStore) -> None:
    """Tags of any form, told apart."""
    names = ["a/b", "a|b", "a~2fb", "it's", "x" * 300, "x" * 301, "#?\\\x01", "ü", "v1", "v10"]
    snapshot = repository(SHOP, *(image(n, tags=[n]) for n in names), kept_image())
    await purged(store, 0, snapshot)
    for name in names:
        (entry,) = await whole_history(store, (ItemKind.TAG, name))
        assert entry.name == name


async def test_a_token_of_another_question(store: RunStore) -> None:
    """A continuation is that of the same question, or none."""
    await purged(store, 0, images(3))
    with pytest.raises(InputError):
        await store.history(REGISTRY, SHOP, after="x' or RowKey gt '")


TTL = Span(minutes(1))


async def test_a_lease_is_taken_once(store: RunStore) -> None:
    """While one holds the only slot, nobody else gets it."""
    lease = await store.take_lease(REGISTRY, "a", slots=1, ttl=TTL, now=later(0))
    assert lease is not None
    assert (lease.registry, lease.slot, lease.holder) == (REGISTRY, 0, "a")
    assert lease.expires == later(1)
    assert await store.take_lease(REGISTRY, "b", slots=1, ttl=TTL, now=later(0.5)) is None
    assert await store.take_lease("other", "b", slots=1, ttl=TTL, now=later(0.5)) is not None


async def test_slots(store: RunStore) -> None:
    """As many workers as there are slots, each with its own."""
    names = "abcde"
    taken = await asyncio.gather(
        *(store.take_lease(REGISTRY, n, slots=3, ttl=TTL, now=later(0)) for n in names)
    )
    slots = [lease.slot for lease in taken if lease is not None]
    assert len(slots) == len(set(slots)) <= 3
    for name in names:
        await store.take_lease(REGISTRY, name, slots=3, ttl=TTL, now=later(0))
    assert await store.take_lease(REGISTRY, "z", slots=3, ttl=TTL, now=later(0)) is None


async def test_a_lease_tells_how_many_are_held(store: RunStore) -> None:
    """When it is taken, and again when it is renewed; those that have ended do not count."""
    first = await store.take_lease(REGISTRY, "a", slots=3, ttl=TTL, now=later(0))
    second = await store.take_lease(REGISTRY, "b", slots=3, ttl=TTL, now=later(0.5))
    assert first is not None
    assert second is not None
    assert (first.held, second.held) == (1, 2)
    again = await store.take_lease(REGISTRY, "a", slots=3, ttl=TTL, now=later(0.6))
    assert again is not None
    assert again.held == 2
    longer = await store.renew_lease(again, ttl=TTL, now=later(0.7))
    assert longer is not None
    assert longer.held == 2
    alone = await store.renew_lease(longer, ttl=TTL, now=later(1.5))
    assert alone is not None
    assert alone.held == 1


async def test_no_slot(store: RunStore) -> None:
    """Without slots there is no lease."""
    assert await store.take_lease(REGISTRY, "a", slots=0, ttl=TTL, now=later(0)) is None


async def test_an_expired_lease_is_free(store: RunStore) -> None:
    """From the very instant of its end on, and then the old holder has lost it."""
    lease = await store.take_lease(REGISTRY, "a", slots=1, ttl=TTL, now=later(0))
    assert lease is not None
    other = await store.take_lease(REGISTRY, "b", slots=1, ttl=TTL, now=later(1))
    assert other is not None
    assert await store.renew_lease(lease, ttl=TTL, now=later(1)) is None
    await store.release_lease(lease)
    assert await store.take_lease(REGISTRY, "c", slots=1, ttl=TTL, now=later(1)) is None


async def test_of_many_takers_of_an_expired_lease_one_wins(store: RunStore) -> None:
    """Two never hold one slot."""
    await store.take_lease(REGISTRY, "a", slots=1, ttl=TTL, now=later(0))
    taken = await asyncio.gather(
        *(store.take_lease(REGISTRY, f"w{n}", slots=1, ttl=TTL, now=later(2)) for n in range(6))
    )
    assert sum(lease is not None for lease in taken) == 1


async def test_a_lease_is_renewed_and_given_back(store: RunStore) -> None:
    """Renewed it lasts longer; given back it is free at once, also after a renewal."""
    lease = await store.take_lease(REGISTRY, "a", slots=1, ttl=TTL, now=later(0))
    assert lease is not None
    longer = await store.renew_lease(lease, ttl=TTL, now=later(0.5))
    assert longer is not None
    assert longer.expires == later(1.5)
    assert await store.take_lease(REGISTRY, "b", slots=1, ttl=TTL, now=later(1.2)) is None
    await store.release_lease(longer)
    await store.release_lease(longer)
    assert await store.take_lease(REGISTRY, "b", slots=1, ttl=TTL, now=later(1.2)) is not None


async def test_the_same_holder_takes_its_slot_again(store: RunStore) -> None:
    """A message that is delivered again does not wait for its own lease."""
    await store.take_lease(REGISTRY, "a", slots=2, ttl=TTL, now=later(0))
    mine = await store.take_lease(REGISTRY, "b", slots=2, ttl=TTL, now=later(0))
    again = await store.take_lease(REGISTRY, "b", slots=2, ttl=TTL, now=later(0.5))
    assert mine is not None
    assert again is not None
    assert (again.slot, again.expires) == (mine.slot, later(1.5))
    assert await store.renew_lease(mine, ttl=TTL, now=later(0.6)) is None


async def count_runs(store: RunStore) -> int:
    """Count all runs that are listed."""
    return len((await store.list_runs()).items)


async def test_what_is_old_goes(store: RunStore) -> None:
    """A run with its repositories, steps and history, and no other's."""
    old = await purged(store, 0, images(3))
    new = await purged(store, days_later(10), images(2))
    expired = await store.expire(later(days_later(5)))
    assert (expired.runs, expired.complete) == (1, True)
    assert expired.rows > 3
    assert await store.get_run(old) is None
    assert await store.repository(old, SHOP) is None
    assert (await store.steps(old, SHOP)).items == ()
    assert {entry.run for entry in await whole_history(store)} == {new}
    assert {e.run for e in await whole_history(store, (ItemKind.TAG, "v1"))} == {new}
    assert len((await store.steps(new, SHOP)).items) == 2
    assert [run.id for run in (await store.list_runs()).items] == [new]


async def test_nothing_is_old(store: RunStore) -> None:
    """What was changed at the very instant stays."""
    await purged(store, 0, images(3))
    found = (await store.list_runs()).items[0]
    assert await store.expire(found.updated) == Expired(0, 0, complete=True)
    assert await count_runs(store) == 1


async def test_an_old_run_that_was_changed_lately_stays(store: RunStore) -> None:
    """A plan that was applied late is kept from then on."""
    run = await started(store)
    change = RunChange(RunState.DONE, later(days_later(10)))
    assert await store.move_run(run, {RunState.QUEUED}, change)
    assert (await store.expire(later(days_later(5)))).runs == 0


async def test_removal_is_bounded_and_goes_on(store: RunStore) -> None:
    """Each call removes a little, and in the end all is gone and nothing else."""
    for n in range(4):
        await purged(store, n * 10, images(60))
    recent = await purged(store, days_later(10), images(5))
    before = len(await whole_history(store))
    calls = 0
    while True:
        expired = await store.expire(later(days_later(5)), budget=300)
        calls += 1
        if expired.complete:
            break
        assert expired.rows >= 300
        assert calls < 50
    assert calls > 1
    found = await whole_history(store)
    assert {entry.run for entry in found} == {recent}
    assert len(found) == 10 < before
    assert await count_runs(store) == 1


async def test_several_clean_up_at_once(store: RunStore) -> None:
    """What another has removed already is no error."""
    for n in range(3):
        await purged(store, n * 10, images(20))
    await asyncio.gather(*(store.expire(later(days_later(5))) for _ in range(3)))
    assert await count_runs(store) == 0
    assert await whole_history(store) == []


async def test_nothing_to_clean_up(store: RunStore) -> None:
    """A store that was never written to is clean."""
    assert await store.expire(later(1)) == Expired(0, 0, complete=True)
    assert await count_runs(store) == 0
    assert await whole_history(store) == []


def days_later(count: float) -> float:
    """Return so many days, in minutes."""
    return days(count) / minutes(1)


async def test_history_names_the_policy_and_the_trigger(store: RunStore) -> None:
    """An apply is told from a nightly run."""
    run: RunRecord = replace(a_run(), trigger=Trigger.APPLY, policy_name="by hand; x")
    await started(store, run)
    await planned(store, judged(images(1, name="b")), run.id)
    await store.close_steps(run.id, RepositoryName("b"), [StepEnd(0, Outcome.DELETED)], later(1))
    await store.finish_repository(run.id, RepositoryName("b"), later(2))
    found = (await store.history(REGISTRY, RepositoryName("b"))).items
    assert {(e.trigger, e.policy_name, e.at) for e in found} == {
        (Trigger.APPLY, "by hand; x", later(1))
    }
