"""What a night frees, counted between its planning and its purge, and never in their way."""

from dataclasses import replace

import pytest

from purge_core.errors import AccessDenied, Malformed
from purge_core.messages import Message, Phase
from purge_core.model import RepositoryName, Unread
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode, RunId
from purge_core.records.results import Exact
from purge_core.records.store_records import RunState
from purge_core.service.applying import apply_run
from purge_core.service.starting import start_nightly
from tests.builders import NOW, days, image, repository
from tests.fake_outbox import Letter
from tests.service_world import REGISTRY, Process, World, seconds
from tests.unit.parted import APP, BASE, OTHER, OWN, Parted

POLICY = load_policy("""
version: 1
rules: [{repositories: ".*", tags: "pr-.*", older_than: 3d, allow_empty: true}]
untagged: {older_than: 3d}
limits: {max_deletions: 4, max_delete_share: 1}
""")
ONE, TWO = image("one", tags=["pr-1"], age=days(40)), image("two", tags=["pr-2"], age=days(40))
THREE = image("three", tags=["pr-3"], age=days(40))
KEPT, FAR = image("kept", tags=["v1"]), image("far", tags=["v1", "v2"])
LAYERS = {
    ONE.digest: (BASE, APP),
    TWO.digest: (BASE, OTHER),
    THREE.digest: (BASE,),
    FAR.digest: (OTHER,),
}
FREED = 1_000 + 20 + 2 * OWN
"""What ONE and TWO leave behind: OTHER belongs to FAR as well."""


def world(*more: object, mode: Mode = Mode.PURGE, exact_bytes: bool = True) -> World:
    """Return a world of two repositories, in which two images go."""
    shop = repository("shop", ONE, TWO, KEPT, *more)  # type: ignore[arg-type]
    registry = Parted(shop, repository("lab", FAR), layers=LAYERS)
    registry.clock = NOW
    return World(registry, POLICY, mode=mode, exact_bytes=exact_bytes)


async def begun(app: World) -> RunId:
    """Begin the night."""
    [run] = await start_nightly(app.service())
    return run


async def until(app: World, phase: Phase) -> Letter:
    """Deliver until a message of a phase waits, and return it undelivered."""
    while True:
        for letter in app.outbox.letters:
            if letter.message.phase is phase:
                return letter
        letter = min(app.outbox.letters, key=lambda each: each.delay)
        app.pass_time(letter.delay)
        await app.deliver(letter)


def exact(app: World, run: RunId) -> int | None:
    """Return what the record says that a run frees."""
    sums = app.run(run).sums
    assert sums is not None
    return sums.exact_bytes


async def test_a_night_says_what_it_frees() -> None:
    """To the byte, counted before anything went."""
    app = world()
    run = await begun(app)
    await until(app, Phase.MEASURE)
    assert app.deleted == []
    await app.run_to_end()
    assert app.run(run).state is RunState.DONE
    assert app.run(run).exact == Exact(FREED, manifests=4, unread=0)
    assert exact(app, run) == FREED


@pytest.mark.parametrize("nightly", [False, True])
async def test_only_where_it_is_wanted(*, nightly: bool) -> None:
    """Not unless it is set, and not for runs that somebody waits for."""
    app = world(exact_bytes=not nightly)
    run = await begun(app) if nightly else (await app.start()).id
    await app.run_to_end()
    assert isinstance(app.registry, Parted)
    assert app.registry.asked == []
    assert app.run(run).exact is None
    assert exact(app, run) is None


async def test_a_night_without_deletions_is_not_counted() -> None:
    """There is nothing to look at the whole registry for."""
    app = world()
    app.policy = replace(POLICY, rules=(), untagged=None, protect=())
    run = await begun(app)
    await app.run_to_end()
    assert (app.run(run).state, app.run(run).exact) == (RunState.DONE, None)


@pytest.mark.parametrize("mode", [Mode.PLAN, Mode.PURGE])
async def test_a_plan_and_a_held_night(mode: Mode) -> None:
    """They say what they would free; once applied, what they freed."""
    app = world(THREE, mode=mode)
    run = await begun(app)
    await app.run_to_end()
    assert app.run(run).state is (RunState.HELD if mode is Mode.PURGE else RunState.PLANNED)
    assert exact(app, run) == FREED + OWN
    await apply_run(app.service(), run)
    await app.run_to_end()
    assert app.run(run).state is RunState.DONE
    assert exact(app, run) == FREED + OWN


async def test_a_purge_that_went_otherwise() -> None:
    """A step that failed, or that somebody else was quicker with: no figure, only the bound."""
    app = world()
    app.registry.fail("delete_manifest", AccessDenied("no role"), target=ONE.digest, times=None)
    run = await begun(app)
    await app.run_to_end()
    assert app.run(run).exact == Exact(FREED, 4, 0)
    assert exact(app, run) is None
    other = world()
    run = await begun(other)
    await until(other, Phase.PURGE)
    other.registry.remove("shop", TWO.digest)
    await other.run_to_end()
    assert other.run(run).state is RunState.DONE
    assert exact(other, run) is None


async def test_what_cannot_be_read() -> None:
    """One manifest that could need anything: not known; the purge is the same."""
    app = world()
    assert isinstance(app.registry, Parted)
    app.registry.unread = {KEPT.digest: Unread.FAILED}
    run = await begun(app)
    await app.run_to_end()
    assert app.run(run).state is RunState.DONE
    assert app.run(run).exact == Exact(None, 4, 1)
    assert exact(app, run) is None
    assert len(app.deleted) == 2


async def test_a_registry_that_fails_meanwhile() -> None:
    """Listing and catalogue may fail: not known, and nothing else is different."""
    for method in ("repositories", "manifests"):
        app = world()
        run = await begun(app)
        letter = await until(app, Phase.MEASURE)
        app.registry.fail(method, Malformed("no JSON"), repository=None, times=None)
        await app.deliver(letter)
        app.registry.faults.clear()
        await app.run_to_end()
        assert (app.run(run).state, exact(app, run)) == (RunState.DONE, None)
        assert len(app.deleted) == 2


async def test_the_time_is_up(caplog: pytest.LogCaptureFixture) -> None:
    """What takes longer than a message may is given up."""
    app = world()
    run = await begun(app)
    await app.deliver(await until(app, Phase.MEASURE), Process(time_is_up_at=4))
    assert app.run(run).exact == Exact(None, 0, 0)
    assert "is not known: there was no time for it" in caplog.text
    await app.run_to_end()
    assert (app.run(run).state, exact(app, run)) == (RunState.DONE, None)


async def test_the_message_is_lost() -> None:
    """The run goes on after an hour, as if nobody had asked."""
    app = world()
    run = await begun(app)
    app.outbox.letters.remove(await until(app, Phase.MEASURE))
    before = app.now
    await app.run_to_end(most=600)
    assert app.now - before >= seconds(3_600)
    assert (app.run(run).state, app.run(run).exact) == (RunState.DONE, None)
    assert len(app.deleted) == 2


async def test_poison() -> None:
    """A message that fails again and again leaves the figure unknown."""
    app = world()
    app.store.fail("note_exact", times=5)
    run = await begun(app)
    await app.run_to_end()
    assert [message.phase for message in app.poisoned] == [Phase.MEASURE]
    assert app.run(run).exact == Exact(None, 0, 0)
    assert app.run(run).state is RunState.DONE


async def test_a_message_that_comes_late_or_twice() -> None:
    """It counts nothing again, and says nothing of a purge that has begun."""
    app = world()
    run = await begun(app)
    letter = await until(app, Phase.MEASURE)
    message = Message(phase=Phase.MEASURE, run=run, registry=REGISTRY)
    await app.outbox.send(message)
    await app.deliver(letter)
    assert isinstance(app.registry, Parted)
    asked = len(app.registry.asked)
    await app.run_to_end()
    await app.outbox.send(message)
    await app.run_to_end()
    assert len(app.registry.asked) == asked
    assert exact(app, run) == FREED


@pytest.mark.parametrize("late", [False, True])
async def test_whoever_dies_the_figure_is_true(*, late: bool) -> None:
    """Killed at any call, the night ends, and what it says is right."""
    at = 1
    while True:
        app = world()
        run = await begun(app)
        process = Process(dies_at=at, too_late=late)
        while app.outbox.letters and not process.dead:
            letter = min(app.outbox.letters, key=lambda each: each.delay)
            app.pass_time(letter.delay)
            await app.deliver(letter, process)
        await app.run_to_end()
        assert app.run(run).state is RunState.DONE
        assert exact(app, run) == FREED
        assert {target for _, target in app.deleted} == {ONE.digest, TWO.digest}
        if not process.dead:
            break
        at += 1
    assert at > 20


async def test_a_refused_repository_frees_nothing() -> None:
    """What a guard keeps counts as staying, and does not make the figure unknown."""
    app = world()
    lab = repository("lab", image("x", tags=["pr-1"], age=days(40)))
    app.registry = Parted(repository("shop", ONE, TWO, KEPT), lab, layers=LAYERS)
    app.policy = replace(POLICY, rules=tuple(replace(r, allow_empty=False) for r in POLICY.rules))
    app.__post_init__()
    run = await begun(app)
    await app.run_to_end()
    record = app.store.runs[run].repositories[RepositoryName("lab")]
    assert record.state.value == "refused"
    assert exact(app, run) == FREED + 300
