"""Whatever others do and whatever fails while a plan is carried out, nothing wrong goes."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from purge_core.model import Body, RepositorySnapshot, TagName
from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import CascadeStep, ManifestStep, Step, TagStep, Target, target_of
from purge_core.policies.policy import Policy
from purge_core.records.outcomes import Outcome, StepOutcome
from purge_core.records.results import RepositoryResult, State
from tests.builders import DELETE_LOCKED, NOW
from tests.property.claims import WINDOW, Loss
from tests.property.disturbances import DisturbedRegistry
from tests.property.events import CHANGES, Event, Kind, events
from tests.property.policies import policies
from tests.property.strategies import HONEST, HOSTILE, MANIFESTS, World, repositories
from tests.purges import EVERYTHING, LOCKED_TOO, MemoryJournal, Purge, by_target

FAULTY = (*CHANGES, Kind.FAIL, Kind.LOSE)
REMOVING = (Kind.REMOVE_TAG, Kind.REMOVE_MANIFEST, Kind.WAIT)
TROUBLE = (*FAULTY, *(Kind.FAIL, Kind.LOSE, Kind.STOP) * 4)
PUSHING = (Kind.PUSH_AGAIN, Kind.MOVE_TAG, Kind.TOUCH_TAG)  # what is pushed has no lock
LOCKING = (Kind.LOCK_TAG, Kind.LOCK_MANIFEST)


@dataclass(frozen=True, slots=True)
class Case:
    """A repository, what is wanted of it, and what happens meanwhile."""

    snapshot: RepositorySnapshot
    policy: Policy
    page: int
    stored: bool
    width: int
    schedule: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A plan that was carried out."""

    registry: DisturbedRegistry
    plan: PurgePlan
    outcomes: dict[Target, StepOutcome]
    journal: MemoryJournal

    @property
    def steps(self) -> dict[Target, Step]:
        """The steps by target."""
        return {target_of(step): step for step in self.plan.steps}


@cache
def cases(*kinds: Kind, world: World = HONEST) -> st.SearchStrategy[Case]:
    """Purges among such events; most policies find something to do, so that few are in vain."""
    thorough = [st.sampled_from((EVERYTHING, LOCKED_TOO)) for _ in range(4)]
    return st.builds(
        Case,
        repositories(world, least=1),
        st.one_of(*thorough, policies()),
        st.sampled_from((1000, 1, 3)),
        st.booleans(),
        st.sampled_from((1, 2, 16)),
        events(*kinds).map(tuple),
    )


def with_locks(case: Case) -> Case:
    """Lock everything, and want it to go all the same."""
    tags = tuple(replace(tag, lock=DELETE_LOCKED) for tag in case.snapshot.tags)
    manifests = tuple(replace(m, lock=DELETE_LOCKED) for m in case.snapshot.manifests or ())
    snapshot = replace(case.snapshot, tags=tags, manifests=manifests)
    return replace(case, snapshot=snapshot, policy=LOCKED_TOO)


def carried_out(case: Case) -> Done:
    """Plan in peace, then carry the plan out among the events."""
    return asyncio.run(_carry_out(case))


async def _carry_out(case: Case) -> Done:
    registry = DisturbedRegistry(case.snapshot, NOW, case.page)
    purge = Purge(registry, case.policy, NOW, case.width, case.stored)
    plan = _unguarded(purge, await purge.plan())
    registry.disturb(plan, case.schedule, purge.clock, purge.stop.set)
    for step in plan.steps:
        note(str(step))
    outcomes = by_target(await purge.carry_out())
    for outcome in outcomes.values():
        note(f"{target_of(outcome.step)}: {outcome.outcome} {outcome.detail}")
    for call in registry.calls:
        note(str(call))
    return Done(registry, plan, outcomes, purge.journal)


def _unguarded(purge: Purge, results: tuple[RepositoryResult, ...]) -> PurgePlan:
    """Take the plan of the one repository, also where a guard would refuse it."""
    assume(len(results) == 1)
    plan = results[0].plan
    assume(plan is not None and plan.stages)
    assert plan is not None
    purge.planned = (replace(results[0], state=State.PLANNED),)
    return plan


def wronged(done: Done, loss: Loss) -> list[str]:
    """Give the claims that a loss ignores: older than the window, and still holding."""
    return [
        f"{claim.item} by {loss.call.method} of {loss.call.target}: {claim.kind.value}"
        for claim in done.registry.claims
        if claim.item in loss.manifests | loss.tags
        and claim.since < loss.sent - WINDOW
        and claim.holds(loss.before)
    ]


@pytest.mark.parametrize("kind", [kind for kind in CHANGES if kind not in REMOVING])
@given(data=st.data())
def test_what_others_did_before_the_verifying_read_is_respected(
    kind: Kind, data: st.DataObject
) -> None:
    """What somebody pushed, moved, named or locked more than two seconds ago is not lost."""
    done = carried_out(data.draw(cases(kind, kind, kind, *FAULTY)))
    assert [text for loss in done.registry.losses for text in wronged(done, loss)] == []


@given(cases(*FAULTY))
def test_only_what_is_planned_is_named_and_lost(case: Case) -> None:
    """Requests name the plan's own items; of what was there in the beginning, no other goes."""
    done = carried_out(case)
    steps, first = done.steps, done.registry.first_state
    for call in done.registry.calls:
        if call.method in {"delete_tag", "lock_tag"}:
            assert isinstance(steps[TagName(call.target)], TagStep)
        elif call.method in {"delete_manifest", "lock_manifest"}:
            assert isinstance(steps[TagName(call.target)], ManifestStep | CascadeStep)
    along = {name for step in steps.values() if not isinstance(step, TagStep) for name in step.tags}
    for loss in done.registry.losses:
        assert loss.manifests & set(first.manifests) <= set(steps)
        kept = {n for n, tag in first.tags.items() if n not in along and n not in steps}
        unmoved = {n for n in kept if loss.before.tags.get(n) == first.tags[n]}
        assert not loss.tags & unmoved


@given(cases(*FAULTY))
def test_no_index_loses_a_child_and_no_image_goes_before_its_time(case: Case) -> None:
    """Whenever the run ends, no index has lost a child, and what must go first has gone."""
    done = carried_out(case)
    first = done.registry.first_state
    for loss in done.registry.losses:
        for digest in loss.before.manifests.keys() - loss.manifests:
            body = loss.before.bodies[digest]
            known = loss.before.manifests[digest] == first.manifests.get(digest)
            if known and isinstance(body, Body):
                assert not loss.manifests & set(body.children)
        step = done.steps[TagName(loss.call.target)]
        for digest in () if isinstance(step, CascadeStep) else step.after:
            same = first.manifests[digest].updated
            there = loss.before.manifests.get(digest)
            went = loss.manifests or loss.tags
            assert not went or there is None or there.updated != same


def vanished_unseen(done: Done, case: Case, step: Step) -> bool:
    """Tell whether somebody deleted what goes along with its subject, and no read showed it.

    The registry tells of no deletion: what is gone is missing in a listing, and of a long one
    only the newest entries are read again. A stored plan begins with a whole one.
    """
    if not isinstance(step, CascadeStep):
        return False
    since = done.registry.absent[step.digest]
    sent = [loss.sent for loss in done.registry.losses if step.root in loss.manifests]
    whole = case.page > MANIFESTS + len(case.schedule) or (case.stored and since == 0)
    return not whole or since >= max(sent) - WINDOW


@given(cases(*FAULTY, Kind.STOP))
def test_every_step_ends_once_and_the_outcome_is_true(case: Case) -> None:
    """One outcome for each step, in the order of the plan, that agrees with the registry."""
    done = carried_out(case)
    assert list(done.outcomes) == [target_of(step) for step in done.plan.steps]
    lost = {target for loss in done.registry.losses for target in loss.manifests | loss.tags}
    for target, outcome in done.outcomes.items():
        if outcome.outcome.is_deleted:
            assert target in lost or vanished_unseen(done, case, outcome.step)
        if outcome.outcome is Outcome.ALREADY_GONE:
            assert target in done.registry.absent


@given(cases(*FAULTY, Kind.STOP))
def test_nothing_is_sent_that_was_not_recorded_before(case: Case) -> None:
    """Each step is opened before its first change, and what was opened is closed once."""
    done = carried_out(case)
    opened = Counter(done.journal.opened)
    assert set(opened.values()) <= {1}
    assert opened == Counter(target_of(end.step) for end in done.journal.closed)
    lost = {target for loss in done.registry.losses for target in loss.manifests | loss.tags}
    assert lost & set(done.steps) <= set(opened)
    assert {end for end in done.outcomes.values() if target_of(end.step) in opened} == set(
        done.journal.closed
    )


@given(cases(*FAULTY, Kind.STOP))
def test_a_quiet_run_finishes_the_work(case: Case) -> None:
    """Afterwards, in peace, a second plan is carried out wholly, and a third is empty."""
    registry = carried_out(case).registry
    registry.calm()
    second = asyncio.run(_in_peace(registry, case.policy))
    assert [end for end in second.values() if not end.outcome.is_gone] == []
    assert asyncio.run(_in_peace(registry, case.policy)) == {}


async def _in_peace(registry: DisturbedRegistry, policy: Policy) -> dict[Target, StepOutcome]:
    purge = Purge(registry, policy, NOW)
    results = await purge.plan()
    purge.planned = tuple(replace(r, state=State.PLANNED) for r in results if r.plan)
    return await purge.all()


@given(cases(*(kind for kind in TROUBLE if kind not in LOCKING + PUSHING)).map(with_locks))
def test_what_stays_is_locked_again(case: Case) -> None:
    """A lock that was opened for a delete that did not happen is closed as it was."""
    done = carried_out(case)
    repo = done.registry.snapshot(done.registry.name)
    assume(repo is not None)
    assert repo is not None
    locks = {t.name: t.lock for t in repo.tags} | {m.digest: m.lock for m in repo.manifests or ()}
    for target, end in done.outcomes.items():
        if target in locks and "locked again" not in end.detail:
            assert locks[target] == end.step.lock


@given(cases(*FAULTY, Kind.STOP, world=HOSTILE))
def test_a_hostile_registry_is_survived(case: Case) -> None:
    """Missing fields, unreadable bodies and circles end in outcomes, not in exceptions."""
    done = carried_out(case)
    assert list(done.outcomes) == [target_of(step) for step in done.plan.steps]
    assert not [end for end in done.outcomes.values() if "Error:" in end.detail]
