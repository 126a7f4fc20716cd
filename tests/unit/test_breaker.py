"""The circuit breaker: a night that would delete far more than the nights before waits."""

from dataclasses import replace

import pytest

from purge_core.errors import AccessDenied
from purge_core.instants import DAY, TICKS_PER_SECOND, Instant, Span
from purge_core.judgement.breaker import Breaker, FarMoreThanUsual, check_night
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode, RunId
from purge_core.records.run_ids import make_run_id
from purge_core.records.store_records import RunRecord, RunState, Trigger
from purge_core.report.outcomes import refusal_advice, refusal_sentence
from purge_core.service.applying import apply_run
from purge_core.service.starting import start_nightly
from tests.builders import NOW
from tests.fake_store_state import FakeRun
from tests.fakes import FakeRegistry, Fault
from tests.service_world import REGISTRY, World
from tests.stores import a_run

STRICT = Breaker(factor=2, floor=10)


@pytest.mark.parametrize(
    ("deletions", "past", "limit"),
    [
        (10, (0, 0, 0), None),
        (11, (0, 0, 0), 10),
        (12, (6, 0, 1), None),
        (13, (6, 0, 1), 12),
        (40, (1, 20, 1, 1), None),
        (41, (1, 20, 1, 1), 40),
        (9_999, (), None),
        (9_999, (1, 1), None),
        (9_999, (1, 1, 1), 10),
    ],
)
def test_judgement(deletions: int, past: tuple[int, ...], limit: int | None) -> None:
    """Above the floor and above so many times the most; never by fewer than three nights."""
    found = check_night(deletions, past, STRICT)
    expected = limit and FarMoreThanUsual(deletions, limit, max(past, default=0), len(past))
    assert found == (expected or None)


def test_words() -> None:
    """What is unusual, by which measure, and what to do."""
    reason = FarMoreThanUsual(4_000, 700, 70, 30)
    assert refusal_sentence(reason) == (
        "4,000 deletions in one night; the most in 30 past nights was 70, and 700 pass"
    )
    assert refusal_advice(reason) == "if this is meant, apply the run"


POLICY = load_policy(
    """
    version: 1
    rules: [{repositories: ".*", tags: "pr-.*", older_than: 3d, allow_empty: true}]
    untagged: {older_than: 3d}
    limits: {max_delete_share: 1}
    """
)
OTHER = load_policy("{version: 1, rules: [{repositories: a, tags: pr-x, older_than: 3d}]}")


def world(breaker: Breaker = STRICT) -> World:
    """Give a registry with one image that always stays."""
    app = World(FakeRegistry(now=NOW), POLICY, breaker=breaker)
    app.registry.push("shop", "latest")
    return app


async def night(app: World, images: int) -> RunRecord:
    """Let so many images become old, and a nightly run come; each is a tag and a manifest."""
    app.now = Instant(app.now + DAY)
    for number in range(images):
        app.registry.push("shop", f"pr-{app.now}-{number}", at=Instant(app.now - Span(9 * DAY)))
    (run,) = await start_nightly(app.service())
    app.deliveries = 0
    await app.run_to_end()
    return app.run(run)


async def nights(app: World, *images: int) -> list[RunState]:
    """Let several nights pass, and give the states of their runs."""
    return [(await night(app, number)).state for number in images]


async def test_a_night_far_above_the_others_is_held() -> None:
    """Nothing is deleted, and the run says why; once applied, exactly its plan goes."""
    app = world()
    assert await nights(app, 3, 1, 4) == [RunState.DONE] * 3
    before = len(app.deleted)
    held = await night(app, 9)
    assert held.state is RunState.HELD
    assert held.held == FarMoreThanUsual(deletions=18, limit=16, most=8, nights=3)
    assert len(app.deleted) == before
    await apply_run(app.service(), held.id)
    await app.run_to_end()
    assert app.run(held.id).state is RunState.DONE
    assert len(app.deleted) == before + 9


async def test_an_applied_night_has_shown_that_so_much_is_right() -> None:
    """It counts among the past nights from then on."""
    app = world()
    await nights(app, 1, 1, 1)
    await nights(app, 9)
    held = await night(app, 0)
    assert held.state is RunState.HELD  # what was held goes on waiting
    await apply_run(app.service(), held.id)
    await app.run_to_end()
    assert await nights(app, 18) == [RunState.DONE]


async def test_first_nights_pass() -> None:
    """There is nothing to compare them with; only the policy's limits hold them."""
    assert await nights(world(), 20, 40, 60) == [RunState.DONE] * 3


async def test_the_floor() -> None:
    """Up to the floor no night is held, whatever was before."""
    app = world(Breaker(factor=1, floor=10))
    assert await nights(app, 0, 0, 0, 5) == [RunState.DONE] * 4
    assert await nights(app, 6) == [RunState.HELD]


@pytest.mark.parametrize("mode", Mode)
async def test_whoever_asks_is_not_held(mode: Mode) -> None:
    """A run that somebody asks for is meant; a plan deletes nothing anyway."""
    app = world()
    await nights(app, 1, 1, 1)
    for number in range(9):
        app.registry.push("shop", f"pr-{number}", at=Instant(app.now - Span(9 * DAY)))
    run = await app.start(mode)
    await app.run_to_end()
    assert app.run(run.id).state is (RunState.PLANNED if mode is Mode.PLAN else RunState.DONE)


async def test_only_nights_that_purged_are_a_measure() -> None:
    """Neither runs that were asked for, nor plans, count among them."""
    app = world()
    await nights(app, 1, 1)
    for _ in range(3):
        await app.start(Mode.PURGE)
        await app.run_to_end()
    assert await nights(app, 9, 1, 40) == [RunState.DONE, RunState.DONE, RunState.HELD]


async def test_no_number_of_other_runs_hides_the_past_nights() -> None:
    """However many plans somebody asks for, the nights before them are still the measure."""
    app = world()
    await nights(app, 1, 1, 1)
    for number in range(1_100):
        at = Instant(app.now + number * TICKS_PER_SECOND)
        asked = replace(a_run(), id=make_run_id(at, REGISTRY, "asked"), mode=Mode.PLAN)
        app.store.runs[asked.id] = FakeRun(
            replace(asked, trigger=Trigger.HTTP, state=RunState.PLANNED, created=at, updated=at)
        )
    assert await nights(app, 9) == [RunState.HELD]


async def test_what_the_registry_denied_was_not_deleted() -> None:
    """A night counts by what went, not by what it had planned."""
    app = world()
    for method in ("delete_tag", "delete_manifest"):
        app.registry.faults.append(Fault(method, AccessDenied("no"), times=None))
    assert await nights(app, 9, 0, 0) == [RunState.DONE] * 3
    found = await night(app, 0)
    assert found.held == FarMoreThanUsual(deletions=18, limit=10, most=0, nights=3)


async def test_a_changed_policy_is_measured_by_its_own_past() -> None:
    """The deployed policy is known by its name: a change that takes far more is held."""
    app = world()
    app.policy = OTHER
    await nights(app, 1, 1, 1)
    app.policy = POLICY
    assert await nights(app, 9) == [RunState.HELD]


async def test_thirty_nights_are_looked_at() -> None:
    """An exception is forgotten after a month."""
    app = world(Breaker(factor=2, floor=1))
    await nights(app, 8, *[1] * 29)
    assert (await night(app, 8)).state is RunState.DONE
    app = world(Breaker(factor=2, floor=1))
    await nights(app, 8, *[1] * 30)
    found = await night(app, 8)
    assert found.held == FarMoreThanUsual(deletions=16, limit=4, most=2, nights=30)
    assert app.store.runs[RunId(found.id)].record.state is RunState.HELD
