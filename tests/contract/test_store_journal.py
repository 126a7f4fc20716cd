"""Whole runs, recorded in a store: what is written, and when."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from purge_core.errors import JournalError, Unavailable
from purge_core.instants import Instant
from purge_core.model import OPEN, Digest, RepositoryName, TagName
from purge_core.planning import RunOrder
from purge_core.plans.steps import TagStep, target_of
from purge_core.policies.acr_dialect import AcrPurgeFlags, acr_policy
from purge_core.policies.policy import Limits, Policy
from purge_core.records.journal import Mode, Record, StepsClosed, StepsOpened
from purge_core.records.outcomes import Outcome
from purge_core.records.results import RepositoryResult, RunResult, State
from purge_core.records.step_records import Pending, StepRecord
from purge_core.records.store import RunStore
from purge_core.records.store_journal import RunDetails, StepJournal, StoreJournal
from purge_core.records.store_records import RepositoryState, RunState, Trigger
from purge_core.records.sums import sums_of
from purge_core.run import carry_out, run
from tests.builders import NOW
from tests.fake_store import FakeStore
from tests.fakes import Call, FakeRegistry
from tests.stores import REGISTRY, SHOP, a_run, images

POLICY = acr_policy(AcrPurgeFlags(filters=(".*:v.*",), ago="7d", untagged=True))
DETAILS = RunDetails("acr purge --ago 7d", "the command line", Trigger.CLI)
RUN = a_run().id


class Clock:
    """Tells a later time whenever it is asked."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> Instant:
        """Tell the time."""
        self.now = Instant(self.now + 10)
        return self.now


def order(*, policy: Policy = POLICY, mode: Mode = Mode.PURGE) -> RunOrder:
    """Return what the runs of these tests are asked to do."""
    return RunOrder(RUN, REGISTRY, policy, NOW, mode)


async def recorded(
    store: RunStore,
    registry: FakeRegistry,
    asked: RunOrder | None = None,
    stop: asyncio.Event | None = None,
) -> RunResult:
    """Do a whole run with the store as its journal."""
    journal = StoreJournal(store, DETAILS, Clock())
    return await run(registry, asked or order(), journal, stop or asyncio.Event())


def shop(count: int = 12) -> FakeRegistry:
    """Return a registry of two repositories, one of so many images."""
    return FakeRegistry(images(count), images(3, name="base"))


async def steps_of(store: RunStore, name: RepositoryName = SHOP) -> tuple[StepRecord, ...]:
    """Return all steps of a repository."""
    return (await store.steps(RUN, name)).items


async def test_a_purge(store: RunStore) -> None:
    """The run, its repositories and every step, to the end."""
    result = await recorded(store, shop())
    found = await store.get_run(RUN)
    assert found is not None
    assert (found.state, found.mode, found.repositories) == (RunState.DONE, Mode.PURGE, 2)
    assert (found.policy, found.policy_name) == (DETAILS.policy, DETAILS.policy_name)
    assert (found.trigger, found.now, found.finished) == (Trigger.CLI, NOW, found.updated)
    for each in result.repositories:
        record = await store.repository(RUN, each.repository)
        assert record is not None
        assert record.state is RepositoryState.DONE
        steps = await steps_of(store, each.repository)
        ends = [(o.step, o.outcome, o.detail) for o in each.outcomes]
        assert [(s.step, s.status, s.detail) for s in steps] == ends
        history = (await store.history(REGISTRY, each.repository)).items
        assert len(history) == 2 * len(steps)
    assert found.sums == sums_of((await store.repositories(RUN)).items)
    assert found.sums is not None
    assert [count.steps for count in found.sums.outcomes] == [15]


async def test_a_plan(store: RunStore) -> None:
    """Planned, and nothing more: it can be applied."""
    await recorded(store, shop(), order(mode=Mode.PLAN))
    found = await store.get_run(RUN)
    assert found is not None
    assert (found.state, found.mode, found.finished) == (RunState.PLANNED, Mode.PLAN, None)
    assert {step.status for step in await steps_of(store)} == {Pending.PLANNED}
    assert (await store.history(REGISTRY, SHOP)).items == ()


async def test_a_held_run(store: RunStore) -> None:
    """Over its limit: the record says by how much."""
    tight = replace(POLICY, limits=Limits(max_deletions=3))
    result = await recorded(store, shop(), order(policy=tight))
    found = await store.get_run(RUN)
    assert found is not None
    assert found.state is RunState.HELD
    assert found.held == result.held


async def test_an_interrupted_run(store: RunStore) -> None:
    """What was not reached says so, and the run was not done."""
    registry = shop(250)
    stop = asyncio.Event()

    def interrupt(call: Call) -> None:
        if call.method == "delete_manifest":
            stop.set()

    registry.before = interrupt
    result = await recorded(store, registry, stop=stop)
    found = await store.get_run(RUN)
    assert found is not None
    assert (found.state, found.error) == (RunState.FAILED, "interrupted before its end")
    outcomes = {each.repository: [o.outcome for o in each.outcomes] for each in result.repositories}
    assert Outcome.NOT_REACHED in outcomes[SHOP]
    for name, ends in outcomes.items():
        assert [step.status for step in await steps_of(store, name)] == ends


async def test_trouble_in_a_repository(store: RunStore) -> None:
    """What cannot be read, or deleted, is recorded with its why."""
    registry = shop()
    registry.fail("tags", Unavailable("503"), repository="base", times=None)
    registry.fail("delete_manifest", Unavailable("no answer"), repository=SHOP, times=None)
    await recorded(store, registry)
    base = await store.repository(RUN, RepositoryName("base"))
    assert base is not None
    assert (base.state, base.error) == (RepositoryState.FAILED, "503")
    assert {step.status for step in await steps_of(store)} == {Outcome.FAILED}


async def test_one_id_is_one_run(store: RunStore) -> None:
    """A run whose id is taken does not begin, and deletes nothing."""
    await recorded(store, shop())
    registry = shop()
    with pytest.raises(JournalError, match="already"):
        await recorded(store, registry)
    assert not [call for call in registry.calls if call.method.startswith("delete")]


class Worker:
    """Records steps only, as a worker does that carries out a stored plan."""

    def __init__(self, store: RunStore) -> None:
        self.journal = StepJournal(store, Clock())

    async def record(self, record: Record) -> None:
        """Keep what concerns steps."""
        match record:
            case StepsOpened():
                await self.journal.opened(record)
            case StepsClosed():
                await self.journal.closed(record.run, record.repository, record.outcomes)
            case _:
                pass


async def test_another_process_carries_a_plan_out(store: RunStore) -> None:
    """It knows the places of the steps from the store."""
    registry = shop()
    await recorded(store, registry, order(mode=Mode.PLAN))
    plan = await store.load_plan(RUN, SHOP)
    planned = (RepositoryResult(SHOP, State.PLANNED, plan=plan),)
    await carry_out(registry, order(), planned, Worker(store), asyncio.Event(), stored=True)
    assert {step.status for step in await steps_of(store)} == {Outcome.DELETED}
    assert {step.closed for step in await steps_of(store)} != {None}


async def test_steps_of_another_plan(store: RunStore) -> None:
    """What the journal has no plan of cannot be opened, and so is not deleted."""
    registry = shop()
    await recorded(store, registry, order(mode=Mode.PLAN))
    for name, why in ((RepositoryName("none"), "no plan"), (SHOP, "no step")):
        other = TagStep(TagName("v999"), Digest("sha256:" + "0" * 64), NOW, OPEN)
        record = StepsOpened(RUN, name, (other,))
        with pytest.raises(JournalError, match=why):
            await Worker(store).record(record)


METHODS = ("create_run", "save_plan", "open_steps", "close_steps", "move_run", "finish_repository")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("good", range(5))
@pytest.mark.parametrize("lost_answer", [False, True])
async def test_no_deletion_without_a_record(method: str, good: int, lost_answer: bool) -> None:
    """Whichever call of the store fails: what is deleted was recorded before."""
    store, registry = FakeStore(), shop(130)
    store.fail(method, times=None, lost_answer=lost_answer, good=good)
    deleted: list[Pending | Outcome] = []

    def look(call: Call) -> None:
        if call.method.startswith("delete"):
            steps = store.runs[RUN].steps[RepositoryName(call.repository)]
            deleted.extend(s.status for s in steps if target_of(s.step) == call.target)

    registry.before = look
    with suppress(JournalError):
        await recorded(store, registry)
    assert set(deleted) <= {Pending.DELETING}
    first = method in {"create_run", "save_plan"} or (method == "open_steps" and not lost_answer)
    if first and good == 0:
        assert deleted == []


async def test_a_dead_store_stops_the_run_before_it_begins() -> None:
    """Nothing is asked of the registry beyond its catalogue."""
    store, registry = FakeStore(), shop()
    store.fail("create_run", times=None)
    with pytest.raises(JournalError):
        await recorded(store, registry)
    assert {call.method for call in registry.calls} == {"repositories"}
