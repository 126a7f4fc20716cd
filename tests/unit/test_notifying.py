"""Somebody is told of a run's end: once it is recorded, and never in the purge's way."""

from dataclasses import replace

import pytest

from purge_core.errors import AccessDenied, Malformed
from purge_core.instants import Span
from purge_core.messages import Message, Phase
from purge_core.notices.sending import NotTaken, pause_after
from purge_core.notices.webhook import Event
from purge_core.outbox import NOW as NO_DELAY
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode, RunId
from purge_core.records.store_records import RunState
from purge_core.records.told import Told
from purge_core.service.applying import apply_run
from tests.builders import NOW, image, repository
from tests.fake_outbox import FakeOutbox
from tests.fakes import FakeRegistry
from tests.service_world import REGISTRY, Process, World, seconds

POLICY = load_policy("""
version: 1
rules: [{repositories: ".*", tags: "pr-.*", older_than: 3d, allow_empty: true}]
untagged: {older_than: 3d}
limits: {max_deletions: 4, max_delete_share: 1}
""")
EVERY = frozenset(Event)


class Choosy(FakeOutbox):
    """A queue that takes no message about telling."""

    async def send(self, message: Message, delay: Span = NO_DELAY) -> None:
        """Keep a message, unless it is one about telling."""
        if message.phase is Phase.TELL:
            self.failures += 1
        await super().send(message, delay)


def world(*tags: str, mode: Mode = Mode.PURGE, told_of: frozenset[Event] = EVERY) -> World:
    """Return a world whose repository has an old image per tag."""
    shop = repository("shop", *(image(name, tags=[name]) for name in tags))
    return World(FakeRegistry(shop, now=NOW), POLICY, mode=mode, told_of=told_of)


def busy(times: int, *, wait: float = 0) -> list[NotTaken]:
    """Return what a webhook says that is busy so often."""
    return [NotTaken("the webhook answered 429", final=False, wait=seconds(wait))] * times


async def ended(app: World) -> RunId:
    """Have a run come to its end."""
    run = await app.start()
    await app.run_to_end()
    return run.id


async def test_a_purge_is_told_of_once() -> None:
    """With what it deleted, after its end; and that is noted with the run."""
    app = world("pr-1", "pr-2")
    run = await ended(app)
    [notice] = app.told
    assert (notice.id, notice.registry, notice.state) == (f"{run}/done", REGISTRY, RunState.DONE)
    assert (notice.deleted.tags, notice.deleted.manifests) == (2, 2)
    told = app.run(run).told
    assert told is not None
    assert told.error is None


async def test_held_then_applied() -> None:
    """Each is an end of its own; a plan that deletes nothing is told to nobody."""
    app = world("pr-1", "pr-2", "pr-3")
    run = await ended(app)
    assert [set(each.events) for each in app.told] == [{Event.HELD}]
    await apply_run(app.service(), run)
    await app.run_to_end()
    assert [each.id for each in app.told] == [f"{run}/held", f"{run}/done"]
    quiet = world("pr-1", mode=Mode.PLAN)
    plan = await ended(quiet)
    assert quiet.told == []
    assert quiet.run(plan).told is None


async def test_trouble_is_told() -> None:
    """A repository that cannot be read, a step that is denied, a run that could not begin."""
    app = world("pr-1")
    app.registry.fail("tags", Malformed("no JSON"), times=None)
    await ended(app)
    app.registry.faults.clear()
    app.registry.fail("delete_manifest", AccessDenied("AcrDelete is missing"), times=None)
    await ended(app)
    app.registry.fail("repositories", AccessDenied("no role"), times=None)
    await ended(app)
    assert [set(each.events) for each in app.told] == [{Event.FAILED}] * 3
    assert [len(each.troubled) for each in app.told] == [1, 1, 0]
    assert app.told[2].error == "no role"


@pytest.mark.parametrize("told_of", [frozenset(), frozenset({Event.HELD, Event.FAILED})])
async def test_nobody_wants_to_know(told_of: frozenset[Event]) -> None:
    """Of what was not asked for nothing is told; without anybody to tell there is no message."""
    app = world("pr-1", told_of=told_of)
    run = await app.start()
    phases = set()
    while app.outbox.letters:
        letter = min(app.outbox.letters, key=lambda each: each.delay)
        phases.add(letter.message.phase)
        app.pass_time(letter.delay)
        await app.deliver(letter)
    assert app.told == []
    assert app.run(run.id).state is RunState.DONE
    assert (Phase.TELL in phases) is bool(told_of)


async def test_a_busy_webhook_is_asked_again() -> None:
    """Later each time, and as late as it asks for; the purge is done long before."""
    app = world("pr-1")
    app.not_taken = busy(2) + busy(1, wait=900)
    run = await app.start()
    while app.run(run.id).state is not RunState.DONE:
        await app.deliver(min(app.outbox.letters, key=lambda each: each.delay))
    done = app.now
    await app.run_to_end()
    assert len(app.told) == 1
    assert app.now - done >= seconds(10 + 30 + 900)
    assert app.run(run.id).error is None


@pytest.mark.parametrize(
    ("refusals", "attempts"),
    [(busy(100), 8), ([NotTaken("the webhook answered 410", final=True)], 1)],
)
async def test_telling_is_given_up(
    refusals: list[NotTaken], attempts: int, caplog: pytest.LogCaptureFixture
) -> None:
    """That is in the log and with the run, which is no worse for it."""
    app = world("pr-1")
    app.not_taken = list(refusals)
    run = await ended(app)
    why = str(refusals[0])
    assert len(refusals) - len(app.not_taken) == attempts
    assert app.told == []
    found = app.run(run)
    assert (found.state, found.error) == (RunState.DONE, None)
    assert found.told is not None
    assert found.told.error == why
    errors = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert errors == [f"nobody was told of the end of run {run}: {why}"]


def test_pauses() -> None:
    """They grow, what was asked for counts up to an hour, and there is an end."""
    pauses = [pause_after(attempt, Span(0)) for attempt in range(9)]
    known = [pause for pause in pauses if pause is not None]
    assert known == sorted(known)
    assert pauses[7:] == [None, None]
    assert pause_after(0, seconds(10**6)) == seconds(3_600)


async def test_the_queue_fails() -> None:
    """A run ends as it would without anybody to tell."""
    app = world("pr-1")
    app.outbox = Choosy()
    run = await ended(app)
    assert (app.run(run).state, app.told) == (RunState.DONE, [])


async def test_a_message_before_the_end() -> None:
    """The process may die between the message and the record of the end: the gate comes again."""
    app = world("pr-1")
    app.store.fail("move_run", good=2)
    run = await ended(app)
    assert app.run(run).state is RunState.DONE
    assert len(app.told) == 1


async def test_a_message_twice() -> None:
    """What was told is not told again; two at once send the same id."""
    app = world("pr-1")
    run = await ended(app)
    message = Message(phase=Phase.TELL, run=run, registry=REGISTRY)
    await app.outbox.send(message)
    await app.run_to_end()
    assert len(app.told) == 1
    app.store.runs[run].record = replace(app.run(run), told=None)
    await app.outbox.send(message)
    await app.run_to_end()
    assert len({notice.id for notice in app.told}) == 1


async def test_it_cannot_be_noted() -> None:
    """Then it is told again with the same id, until the store takes the note."""
    app = world("pr-1")
    app.store.fail("note_told", times=2)
    run = await ended(app)
    assert [notice.id for notice in app.told] == [f"{run}/done"] * 3
    assert app.run(run).told == Told(app.now)


async def test_poison() -> None:
    """A message that fails for a reason of our own is noted as what nobody was told of."""
    app = world("pr-1")
    app.store.fail("note_told", times=5)
    run = await ended(app)
    assert [message.phase for message in app.poisoned] == [Phase.TELL]
    told = app.run(run).told
    assert told is not None
    assert told.error == "its message failed again and again; the log of the app says why"


@pytest.mark.parametrize("late", [False, True])
async def test_whoever_dies_somebody_is_told(*, late: bool) -> None:
    """Killed at any call of any delivery, the run ends, and its end is told of."""
    at = 1
    while True:
        app = world("pr-1")
        run = await app.start()
        process = Process(dies_at=at, too_late=late)
        await _until_dead(app, process)
        await app.run_to_end()
        assert app.run(run.id).state is RunState.DONE
        assert {notice.id for notice in app.told} == {f"{run.id}/done"}
        if not process.dead:
            break
        at += 1
    assert at > 20


async def _until_dead(app: World, process: Process) -> None:
    """Let one process do what there is to do, until it dies."""
    while app.outbox.letters and not process.dead:
        letter = min(app.outbox.letters, key=lambda each: each.delay)
        app.pass_time(letter.delay)
        await app.deliver(letter, process)
