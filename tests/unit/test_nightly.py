"""Nightly runs: one per occurrence and registry, and what becomes of those of long ago."""

from dataclasses import replace

import pytest

from purge_core.instants import DAY, Instant, Span, format_instant, parse_instant
from purge_core.messages import Phase
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode, RunId
from purge_core.records.store_records import Expired, RunState, Trigger
from purge_core.service.ports import Service
from purge_core.service.starting import start_nightly
from tests.builders import NOW, image, repository
from tests.fake_store import FakeStore
from tests.fakes import FakeRegistry
from tests.service_world import REGISTRY, Process, World, seconds

POLICY = load_policy(
    "{version: 1, rules: [{tags: pr-.*, older_than: 3d, repositories: .*, allow_empty: true}]}"
)
DUE = parse_instant("2026-11-21T01:00:00Z")


def world(now: int = DUE, mode: Mode = Mode.PLAN) -> World:
    """Return a world whose schedule is every night at one o'clock."""
    shop = repository("shop", image("pr-1", tags=["pr-1"]))
    return World(FakeRegistry(shop, now=NOW), POLICY, now=Instant(now), mode=mode)


def moment(run: RunId) -> str:
    """Return the instant that a run's id begins with, to the second."""
    return run[:15]


def with_registries(service: Service, *names: str) -> Service:
    """Return the service of an app with these registries."""
    return replace(service, options=replace(service.options, registries=names))


@pytest.mark.parametrize("late", [-60, -1, 0, 0.5, 30, 599])
async def test_a_tick_is_a_run_of_its_occurrence(late: float) -> None:
    """A tick that is early or late by a little is this night's, and however often it comes."""
    app = world(DUE + seconds(late))
    (first,) = await start_nightly(app.service())
    app.pass_time(seconds(1))
    assert await start_nightly(app.service()) == [first]
    assert moment(first) == "20261121T010000"
    assert len(app.store.runs) == 1
    assert app.run(first).trigger is Trigger.TIMER


async def test_nights_are_apart() -> None:
    """The next night is another run, even when its tick is early."""
    app = world()
    (first,) = await start_nightly(app.service())
    app.pass_time(Span(DAY - seconds(60)))
    (second,) = await start_nightly(app.service())
    assert [moment(first), moment(second)] == ["20261121T010000", "20261122T010000"]


async def test_a_start_by_hand_is_a_run_of_its_own() -> None:
    """Whoever starts the timer at noon gets a run each time, not last night's."""
    app = world(NOW)
    (first,) = await start_nightly(app.service())
    (second,) = await start_nightly(app.service())
    assert first != second
    assert moment(first) == "20261121T120000"


async def test_a_missed_tick_is_made_up_for() -> None:
    """A tick that the host says is past due is the night's run, once."""
    app = world(NOW)
    (first,) = await start_nightly(app.service(), past_due=True)
    assert moment(first) == "20261121T010000"
    assert await start_nightly(app.service(), past_due=True) == [first]


async def test_one_run_for_each_registry() -> None:
    """All registries have their run; trouble with one keeps no other from it."""
    app = world()
    names = ("broken.azurecr.io", REGISTRY)
    app.store.fail("create_run")
    with pytest.raises(ExceptionGroup, match="some registries have no run") as caught:
        await start_nightly(with_registries(app.service(), *names))
    assert len(caught.value.exceptions) == 1
    assert [each.record.registry for each in app.store.runs.values()] == [REGISTRY]
    started = await start_nightly(with_registries(app.service(), *names))
    assert {app.run(run).registry for run in started} == set(names)
    assert len(app.store.runs) == 2


async def test_a_lost_message_is_sent_by_the_next_tick() -> None:
    """A run whose first message did not reach the queue is begun by the doubled tick."""
    app = world()
    app.outbox.failures = 1
    with pytest.raises(ExceptionGroup):
        await start_nightly(app.service())
    assert app.outbox.letters == []
    (run,) = await start_nightly(app.service())
    await app.run_to_end()
    assert app.run(run).state is RunState.PLANNED


async def test_a_run_that_was_never_begun_is_given_up() -> None:
    """What was queued for over an hour, with nobody at work on it, does not start tomorrow."""
    app = world()
    app.outbox.failures = 1
    with pytest.raises(ExceptionGroup):
        await start_nightly(app.service())
    (lost,) = app.store.runs
    app.pass_time(DAY)
    (tonight,) = await start_nightly(app.service())
    assert app.run(lost).state is RunState.FAILED
    assert "interrupted" in (app.run(lost).error or "")
    assert app.run(tonight).state is RunState.QUEUED


@pytest.mark.parametrize("mode", Mode)
async def test_old_records_go_after_a_night(mode: Mode) -> None:
    """Whether nights plan or purge, records go when they are older than PURGE_RETENTION."""
    app = world(mode=mode)
    (old,) = await start_nightly(app.service())
    await app.run_to_end()
    app.now = Instant(DUE + 400 * DAY)
    (kept,) = await start_nightly(app.service())
    await app.run_to_end()
    assert set(app.store.runs) == {old, kept}
    app.now = Instant(DUE + 401 * DAY)
    (new,) = await start_nightly(app.service())
    await app.run_to_end()
    assert set(app.store.runs) == {kept, new}, format_instant(app.now)


class Sparing(FakeStore):
    """A store in which one run is all that a call removes."""

    async def expire(self, before: Instant, *, budget: int = 1) -> Expired:
        """Remove the first of what is old."""
        return await super().expire(before, budget=budget)


@pytest.mark.parametrize(("time_is_up_at", "left"), [(None, 1), (1, 3)])
async def test_as_much_goes_as_time_allows(time_is_up_at: int | None, left: int) -> None:
    """Where nights write more than one call removes it is called again, while there is time."""
    app = world()
    app.store = Sparing()
    for night in range(3):
        app.now = Instant(DUE + night * DAY)
        await start_nightly(app.service())
        await app.run_to_end()
    app.now = Instant(DUE + 1000 * DAY)
    await start_nightly(app.service())
    while app.outbox.letters:
        letter = min(app.outbox.letters, key=lambda each: each.delay)
        app.pass_time(letter.delay)
        last = letter.message.phase is Phase.GATE
        await app.deliver(letter, Process(time_is_up_at=time_is_up_at) if last else None)
    assert len(app.store.runs) == left


async def test_a_run_that_is_asked_for_removes_nothing() -> None:
    """Somebody who waits for an answer does not wait for that."""
    app = world()
    await start_nightly(app.service())
    await app.run_to_end()
    app.now = Instant(DUE + 1000 * DAY)
    await app.start()
    await app.run_to_end()
    assert len(app.store.runs) == 2
