"""Carrying out a plan that was shown: exactly that one, once, while it is young and unaltered."""

import asyncio
from dataclasses import replace

import pytest

from purge_core.errors import OutboxError, PlanRefused, UseUnknown
from purge_core.instants import DAY, Instant, Span
from purge_core.messages import Message
from purge_core.model import RepositoryName, TagName
from purge_core.outbox import NOW as AT_ONCE
from purge_core.plans.steps import ManifestStep
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode, RunId
from purge_core.records.store_records import RunRecord, RunState
from purge_core.service.applying import NotApplicable, PlanTooOld, UnknownRun, apply_run
from tests.builders import NOW, image, repository
from tests.fake_outbox import FakeOutbox
from tests.fakes import FakeRegistry
from tests.service_world import World

SHOP = RepositoryName("shop")
RULES = """
version: 1
rules: [{repositories: ".*", tags: "pr-.*", older_than: 3d, allow_empty: true}]
untagged: {older_than: 3d}
limits: {max_deletions: 4, max_delete_share: 1}
protect: [{in_use: in-use.txt, max_age: 1d}]
"""


def world(*tags: str) -> World:
    """Return a world whose repository has an old image per tag."""
    shop = repository("shop", *(image(name, tags=[name]) for name in tags or ("pr-1", "pr-2")))
    return World(FakeRegistry(shop, now=NOW), load_policy(RULES), mode=Mode.PLAN)


async def planned(app: World, mode: Mode = Mode.PLAN) -> RunRecord:
    """Let a run be planned."""
    run = await app.start(mode)
    await app.run_to_end()
    return app.run(run.id)


@pytest.mark.parametrize("mode", Mode)
async def test_a_plan_is_carried_out(mode: Mode) -> None:
    """Of a planned run, and of one that was held: whoever applies it has looked at it."""
    app = world(*(["pr-1"] if mode is Mode.PLAN else ["pr-1", "pr-2", "pr-3"]))
    run = await planned(app, mode)
    assert run.state is (RunState.PLANNED if mode is Mode.PLAN else RunState.HELD)
    assert (await apply_run(app.service(), run.id)).state is RunState.PURGING
    await app.run_to_end()
    assert app.run(run.id).state is RunState.DONE
    assert SHOP not in app.registry.repos or not app.registry.repos[SHOP].tags


async def test_what_was_pushed_later_is_no_part_of_it() -> None:
    """Only the steps of the plan are carried out, whatever the rules would say now."""
    app = world("pr-1")
    run = await planned(app)
    later = repository("shop", image("pr-1", tags=["pr-1"]), image("pr-9", tags=["pr-9"]))
    app.registry.repos[SHOP] = FakeRegistry(later, now=NOW).repos[SHOP]
    await apply_run(app.service(), run.id)
    await app.run_to_end()
    assert set(app.registry.repos[SHOP].tags) == {TagName("pr-9")}


async def test_an_unknown_run() -> None:
    """What nobody planned cannot be applied."""
    with pytest.raises(UnknownRun, match="no run 20"):
        await apply_run(world().service(), RunId("20200101T000000.000Z-0000000000"))


async def test_a_run_that_is_not_planned_yet() -> None:
    """A plan that is not whole cannot be applied."""
    app = world()
    run = await app.start()
    with pytest.raises(NotApplicable, match="queued"):
        await apply_run(app.service(), run.id)
    await app.deliver(app.outbox.letters[0])
    assert app.run(run.id).state is RunState.PLANNING
    with pytest.raises(NotApplicable, match="planning"):
        await apply_run(app.service(), run.id)


async def test_a_failed_run() -> None:
    """A run that could not be planned has nothing to apply."""
    app = world()
    app.used = UseUnknown("the list is too old")
    run = await planned(app)
    assert run.state is RunState.FAILED
    with pytest.raises(NotApplicable, match="failed"):
        await apply_run(app.service(), run.id)


async def test_a_plan_is_applied_once() -> None:
    """While it is carried out and afterwards it cannot be applied again."""
    app = world()
    run = await planned(app)
    await apply_run(app.service(), run.id)
    with pytest.raises(NotApplicable, match="already"):
        await apply_run(app.service(), run.id)
    await app.run_to_end()
    with pytest.raises(NotApplicable, match="already"):
        await apply_run(app.service(), run.id)


async def test_one_of_two_who_apply_wins() -> None:
    """Two at the same moment: one of them carries it out, the other one is told."""
    app = world()
    run = await planned(app)
    attempts = (apply_run(app.service(), run.id) for _ in range(2))
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert {type(result) for result in results} == {RunRecord, NotApplicable}


class Delaying(FakeOutbox):
    """A queue that takes what may wait, and fails for what has to come at once."""

    async def send(self, message: Message, delay: Span = AT_ONCE) -> None:
        """Keep a message that is delayed."""
        if not delay:
            raise OutboxError("the queue does not answer")
        await super().send(message, delay)


async def test_nobody_can_be_told() -> None:
    """Who is told that it failed can rely on it: nothing is deleted, then or later."""
    app = world()
    run = await planned(app)
    app.outbox.failures = 1
    with pytest.raises(OutboxError):
        await apply_run(app.service(), run.id)
    await _nothing_happened(app, run)


async def test_nobody_can_be_told_at_once() -> None:
    """Once it is sure that the plan is carried out, whoever applied it hears just that."""
    app = world()
    run = await planned(app)
    service = replace(app.service(), outbox=Delaying(app.outbox.letters))
    assert (await apply_run(service, run.id)).state is RunState.PURGING
    await app.run_to_end()
    assert app.run(run.id).state is RunState.DONE
    assert app.deleted


async def test_a_plan_gets_old() -> None:
    """Up to PURGE_PLAN_MAX_AGE after it was judged it may be applied, and not later."""
    app = world()
    run = await planned(app)
    app.now = Instant(run.now + DAY + 1)
    with pytest.raises(PlanTooOld, match="PURGE_PLAN_MAX_AGE"):
        await apply_run(app.service(), run.id)
    app.now = Instant(run.now + DAY)
    assert (await apply_run(app.service(), run.id)).state is RunState.PURGING


async def test_an_altered_step() -> None:
    """A plan of which a single value was changed deletes nothing."""
    app = world()
    run = await planned(app)
    steps = app.store.runs[run.id].steps[SHOP]
    first = steps[0].step
    assert isinstance(first, ManifestStep)
    steps[0] = replace(steps[0], step=replace(first, tags=()))
    with pytest.raises(PlanRefused, match="altered"):
        await apply_run(app.service(), run.id)
    await _nothing_happened(app, run)


async def test_a_step_that_was_taken_out() -> None:
    """The plan is what was shown, not less."""
    app = world()
    run = await planned(app)
    del app.store.runs[run.id].steps[SHOP][0]
    with pytest.raises(PlanRefused, match="altered"):
        await apply_run(app.service(), run.id)
    await _nothing_happened(app, run)


@pytest.mark.parametrize("policy", ["{version: 1}", "nonsense", RULES.replace("3d", "1d")])
async def test_an_altered_policy(policy: str) -> None:
    """A plan that was made by another policy than the run's deletes nothing."""
    app = world()
    run = await planned(app)
    app.store.runs[run.id].record = replace(run, policy=policy)
    with pytest.raises(PlanRefused, match="altered"):
        await apply_run(app.service(), run.id)
    await _nothing_happened(app, app.run(run.id))


async def test_what_came_into_use_is_asked_again() -> None:
    """If the lists cannot be read now, nothing goes, and the plan can be applied later."""
    app = world()
    run = await planned(app)
    app.used = UseUnknown("the list is too old")
    with pytest.raises(UseUnknown):
        await apply_run(app.service(), run.id)
    await _nothing_happened(app, run)


async def test_a_registry_that_is_not_the_apps_any_more() -> None:
    """A run of a registry that was taken from PURGE_REGISTRIES deletes nothing."""
    app = world()
    run = await planned(app)
    service = app.service()
    service = replace(service, options=replace(service.options, registries=("other",)))
    with pytest.raises(NotApplicable, match="no registry of this app"):
        await apply_run(service, run.id)
    await _nothing_happened(app, run)


async def _nothing_happened(app: World, run: RunRecord) -> None:
    await app.run_to_end()
    assert app.run(run.id) == run
    assert app.deleted == []
