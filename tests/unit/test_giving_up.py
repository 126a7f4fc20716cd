"""Runs end, whatever is lost: messages, time, and the lease of a worker."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from purge_core.errors import JournalError
from purge_core.instants import DAY, Instant, Span
from purge_core.messages import Phase
from purge_core.model import RepositoryName
from purge_core.pace.pace import Pace
from purge_core.pace.quotas import Kind, Sku
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode, RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.store_records import Lease, RepositoryState, RunState
from purge_core.service import leases
from purge_core.service.leases import leased, pause_without_lease
from purge_core.service.views import view_run
from tests.builders import NOW, image, repository
from tests.fake_store import FakeStore
from tests.fakes import FakeRegistry
from tests.service_world import REGISTRY, Process, World, seconds

RULES = """
version: 1
rules: [{repositories: ".*", tags: "pr-.*", older_than: 3d, allow_empty: true}]
untagged: {older_than: 3d}
limits: {max_delete_share: 1}
"""
NAMES = (RepositoryName("shop/api"), RepositoryName("shop/web"))


def world(mode: Mode = Mode.PURGE) -> World:
    """Return a world of two repositories, with two old images each."""
    held = (
        repository(name, *(image(f"{name} {n}", tags=[f"pr-{n}"]) for n in range(2)))
        for name in NAMES
    )
    return World(FakeRegistry(*held, now=NOW), load_policy(RULES), mode=mode)


async def lose(app: World, phase: Phase, name: RepositoryName) -> None:
    """Deliver messages until there is one of this phase and repository, and lose that one."""
    while True:
        for letter in app.outbox.letters:
            if (letter.message.phase, letter.message.repository) == (phase, name):
                app.outbox.letters.remove(letter)
                return
        letter = min(app.outbox.letters, key=lambda each: each.delay)
        app.pass_time(letter.delay)
        await app.deliver(letter)


async def states(app: World, run: RunId) -> dict[RepositoryState, int]:
    """Count the repositories of a run."""
    return dict((await view_run(app.service(), run)).states)


@pytest.mark.parametrize("phase", [Phase.PLAN, Phase.PURGE])
async def test_a_lost_message(phase: Phase) -> None:
    """A repository whose message is lost is given up after a day; the others are done by then."""
    app = world()
    run = await app.start()
    await lose(app, phase, NAMES[0])
    begun = app.now
    await app.run_to_end(most=10_000)
    assert app.run(run.id).state is RunState.DONE
    assert await states(app, run.id) == {RepositoryState.FAILED: 1, RepositoryState.DONE: 1}
    lost = app.store.runs[run.id].repositories[NAMES[0]]
    assert "nobody worked on it" in (lost.error or "")
    assert app.now > begun + DAY
    assert {name for name, _ in app.deleted} == {NAMES[1]}


async def test_time_that_is_never_enough() -> None:
    """A repository on which nothing can be done in the time of a message is ended, in words."""
    app = world()
    run = await app.start()
    while app.outbox.letters:
        letter = min(app.outbox.letters, key=lambda each: each.delay)
        app.pass_time(letter.delay)
        hasty = letter.message.phase is Phase.PURGE
        await app.deliver(letter, Process(time_is_up_at=1) if hasty else None)
        assert app.deliveries < 200, "the run does not end"
    assert app.run(run.id).state is RunState.DONE
    view = await view_run(app.service(), run.id)
    assert [(each.outcome, each.steps) for each in view.outcomes] == [(Outcome.NOT_REACHED, 4)]
    assert app.deleted == []


async def test_planning_that_takes_too_long() -> None:
    """A repository that cannot be judged in the time of a message fails; the others go on."""
    app = world(Mode.PLAN)
    run = await app.start()
    while app.outbox.letters:
        letter = min(app.outbox.letters, key=lambda each: each.delay)
        app.pass_time(letter.delay)
        slow = letter.message.repository == NAMES[0]
        await app.deliver(letter, Process(time_is_up_at=1) if slow else None)
    assert await states(app, run.id) == {RepositoryState.FAILED: 1, RepositoryState.PLANNED: 1}
    failed = app.store.runs[run.id].repositories[NAMES[0]]
    assert "within the time" in (failed.error or "")


class Endless(FakeRegistry):
    """A registry whose catalogue never comes."""

    async def repositories(self) -> AsyncIterator[RepositoryName]:
        """Wait for ever."""
        await asyncio.Event().wait()
        yield NAMES[0]


async def test_a_catalogue_that_takes_too_long() -> None:
    """A run whose repositories cannot be listed in the time of a message is ended, in words."""
    app = World(Endless(now=NOW), load_policy(RULES), mode=Mode.PLAN)
    run = await app.start()
    while app.outbox.letters:
        await app.deliver(app.outbox.letters[0], Process(time_is_up_at=1))
        assert app.deliveries < 200, "the run does not end"
    assert app.run(run.id).state is RunState.FAILED
    assert [message.repository for message in app.poisoned] == [None]


# --- Leases ---------------------------------------------------------------------------------------


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Renew leases at once, again and again."""
    monkeypatch.setattr(leases, "_RENEWAL", 0.0)


async def turns(number: int = 20) -> None:
    """Let other tasks work."""
    for _ in range(number):
        await asyncio.sleep(0)


@pytest.mark.usefixtures("often")
async def test_a_lease_is_kept() -> None:
    """While somebody works, nobody else gets the slot, however long it takes; then it is free."""
    app, stop = world(), asyncio.Event()
    async with leased(app.service(), REGISTRY, "one", stop) as held:
        assert held is not None
        for _ in range(5):
            app.now = Instant(app.now + seconds(60))
            await turns()
        async with leased(app.service(), REGISTRY, "other", stop) as none:
            assert none is None
        assert not held.lost
    async with leased(app.service(), REGISTRY, "other", stop) as held:
        assert held is not None
    assert app.store.leases == {}


@pytest.mark.usefixtures("often")
async def test_the_lease_tells_the_share_of_the_quota() -> None:
    """Who works alone uses all of it; who is joined by another takes half from then on."""
    app, stop = world(), asyncio.Event()
    app.workers = 3
    pace = Pace(sku=Sku.STANDARD)
    service = replace(app.service(), pace=lambda _: pace)
    other = replace(app.service(), pace=lambda _: Pace())
    async with leased(service, REGISTRY, "one", stop):
        assert pace[Kind.DELETE].per_second == pytest.approx(500 / 60)
        async with leased(other, REGISTRY, "other", stop):
            await turns()
            assert pace[Kind.DELETE].per_second == pytest.approx(500 / 60 / 2)
        await turns()
        assert pace[Kind.DELETE].per_second == pytest.approx(500 / 60)


@pytest.mark.usefixtures("often")
async def test_a_lease_that_is_lost_stops_the_work() -> None:
    """Who slept for too long finds the slot taken, and leaves it to the other one."""
    app, stop = world(), asyncio.Event()
    async with leased(app.service(), REGISTRY, "one", stop) as held:
        assert held is not None
        await app.store.take_lease(
            REGISTRY, "other", slots=1, ttl=DAY, now=Instant(app.now + seconds(91))
        )
        await turns()
        assert held.lost
        assert stop.is_set()
    assert [lease.holder for lease in app.store.leases.values()] == ["other"]


@pytest.mark.usefixtures("often")
async def test_a_store_that_does_not_answer() -> None:
    """The work goes on as long as the lease holds, and stops when it has ended."""
    app, stop = world(), asyncio.Event()
    async with leased(app.service(), REGISTRY, "one", stop) as held:
        assert held is not None
        app.store.fail("renew_lease", times=None)
        app.now = Instant(app.now + seconds(80))
        await turns()
        assert not stop.is_set()
        app.now = Instant(app.now + seconds(30))
        await turns()
        assert held.lost
        assert stop.is_set()


class Silent(FakeStore):
    """A store that takes a renewal and never says what became of it."""

    async def renew_lease(self, lease: Lease, *, ttl: Span, now: Instant) -> Lease | None:
        """Wait for ever."""
        await asyncio.Event().wait()
        return None


async def test_a_renewal_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work stops when the lease ends: neither a pause nor an answer is waited for."""
    monkeypatch.setattr(leases, "_TTL", seconds(0.05))
    app, stop = world(), asyncio.Event()
    app.store = Silent()
    async with leased(app.service(), REGISTRY, "one", stop) as held:
        assert held is not None
        await asyncio.wait_for(stop.wait(), 10)
        assert held.lost


async def test_a_lease_that_cannot_be_given_back() -> None:
    """It ends by itself; the work was done all the same."""
    app = world()
    app.store.fail("release_lease")
    async with leased(app.service(), REGISTRY, "one", asyncio.Event()) as held:
        assert held is not None
    assert len(app.store.leases) == 1
    app.store.fail("take_lease")
    with pytest.raises(JournalError):
        async with leased(app.service(), REGISTRY, "one", asyncio.Event()):
            pytest.fail("there is no lease")


def test_pauses_grow_and_differ() -> None:
    """Who waits for a slot does not come at the same time as the others, nor too often."""
    first = {pause_without_lease(f"message {number}", 0) for number in range(50)}
    assert len(first) > 40
    assert min(first) >= seconds(1)
    assert max(first) <= seconds(2)
    assert max(pause_without_lease(f"message {n}", 1000) for n in range(50)) <= seconds(16)
