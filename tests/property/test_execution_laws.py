"""Whatever others do and whatever fails while a plan is carried out, nothing wrong goes."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import Target, target_of
from purge_core.policies.policy import Policy
from purge_core.records.outcomes import StepOutcome
from purge_core.records.results import RepositoryResult, State
from tests.builders import NOW
from tests.fake_state import FakeRepository
from tests.property import fault_laws
from tests.property.cases import FAULTY, LOCK_SAVING, TROUBLE, UNCLAIMED, Case, cases, with_locks
from tests.property.disturbances import DisturbedRegistry
from tests.property.events import CHANGES, Kind
from tests.property.fault_laws import Done
from tests.property.strategies import HOSTILE
from tests.purges import Purge, by_target


def carried_out(case: Case) -> tuple[Done, DisturbedRegistry]:
    """Plan in peace, then carry the plan out among the events."""
    return asyncio.run(_carry_out(case))


async def _carry_out(case: Case) -> tuple[Done, DisturbedRegistry]:
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
    return Done(registry, plan, outcomes, purge.journal), registry


def _unguarded(purge: Purge, results: tuple[RepositoryResult, ...]) -> PurgePlan:
    """Take the plan of the one repository, also where a guard would refuse it."""
    assume(len(results) == 1)
    plan = results[0].plan
    assume(plan is not None and plan.stages)
    assert plan is not None
    purge.planned = (replace(results[0], state=State.PLANNED),)
    return plan


@pytest.mark.parametrize("kind", [kind for kind in CHANGES if kind not in UNCLAIMED])
@given(data=st.data())
def test_what_others_did_before_the_verifying_read_is_respected(
    kind: Kind, data: st.DataObject
) -> None:
    """What somebody pushed, moved, named or locked more than two seconds ago is not lost."""
    done, _ = carried_out(data.draw(cases(*(kind, Kind.WAIT) * 4, *FAULTY)))
    fault_laws.require_respect(done)


@given(cases(*FAULTY))
def test_only_what_is_planned_is_named_and_lost(case: Case) -> None:
    """Requests name the plan's own items; of what was there in the beginning, no other goes."""
    fault_laws.require_planned(carried_out(case)[0])


@given(cases(*FAULTY, *(Kind.FAIL,) * 12))
def test_no_index_loses_a_child_and_no_image_goes_before_its_time(case: Case) -> None:
    """Whenever the run ends, no index has lost a child, and what must go first has gone."""
    fault_laws.require_order(carried_out(case)[0])


@given(cases(*TROUBLE))
def test_every_step_ends_once_and_the_outcome_is_true(case: Case) -> None:
    """One outcome for each step, in the order of the plan, that agrees with the registry."""
    fault_laws.require_truth(carried_out(case)[0], case)


@given(cases(*(Kind.MOVE_TAG, Kind.WAIT) * 3, *FAULTY))
def test_a_tag_that_had_moved_is_recorded_as_such(case: Case) -> None:
    """The digest that a deletion answers is compared with the planned one."""
    fault_laws.require_moves_told(carried_out(case)[0])


@given(cases(*FAULTY, Kind.STOP))
def test_nothing_is_sent_that_was_not_recorded_before(case: Case) -> None:
    """Each step is opened before its first change, and what was opened is closed once."""
    fault_laws.require_record(carried_out(case)[0])


@given(cases(*FAULTY))
def test_requests_are_bounded(case: Case) -> None:
    """No fault and no change by others makes a storm of requests: a look, a view, a repetition."""
    sent = len(carried_out(case)[1].calls)
    quiet = len(carried_out(replace(case, schedule=()))[1].calls)
    fault_laws.require_few(sent, quiet, case, each=6)


@given(cases(*FAULTY, Kind.STOP))
def test_a_quiet_run_finishes_the_work(case: Case) -> None:
    """Afterwards, in peace, a second plan is carried out wholly, and a third is empty."""
    _, registry = carried_out(case)
    registry.calm()
    runs = fault_laws.runs_until_done(case.policy)
    later = [asyncio.run(_in_peace(registry, case.policy)) for _ in range(runs)]
    fault_laws.require_finished(later)


async def _in_peace(registry: DisturbedRegistry, policy: Policy) -> dict[Target, StepOutcome]:
    purge = Purge(registry, policy, NOW)
    results = await purge.plan()
    purge.planned = tuple(replace(r, state=State.PLANNED) for r in results if r.plan)
    return await purge.all()


@given(cases(*LOCK_SAVING).map(with_locks))
def test_what_stays_is_locked_again(case: Case) -> None:
    """A lock that was opened for a delete that did not happen is closed as it was."""
    done, registry = carried_out(case)
    fault_laws.require_locks(done, registry.repos.get(registry.name, FakeRepository()))


@given(cases(*FAULTY, Kind.STOP, world=HOSTILE))
def test_a_hostile_registry_is_survived(case: Case) -> None:
    """Missing fields, unreadable bodies and circles end in outcomes, not in exceptions."""
    done, _ = carried_out(case)
    assert list(done.outcomes) == [target_of(step) for step in done.plan.steps]
    assert not [end for end in done.outcomes.values() if "Error:" in end.detail]
