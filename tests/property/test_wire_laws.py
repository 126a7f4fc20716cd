"""The laws of carrying a plan out, on the wire: Azure's client, and a registry that fails.

Half of an answer, a torn connection, garbage and tokens that end mean something only here. The
schedule strikes any request, those that sign in included.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from hypothesis import assume, given, note, settings

from acr_emulator import Options
from purge_core.adapters.acr import AcrOptions, AcrRegistry
from purge_core.pace.pace import Pace
from purge_core.planning import RunOrder, plan_repositories
from purge_core.plans.steps import Target, target_of
from purge_core.purging import purge_repositories
from purge_core.records.journal import Mode
from purge_core.records.outcomes import StepOutcome
from purge_core.records.results import RepositoryResult, State
from tests.builders import NOW
from tests.fake_state import FakeRepository
from tests.inside import InsideEmulator, reached
from tests.property import fault_laws
from tests.property.cases import FAULTY, LOCK_SAVING, TROUBLE, Case, cases, with_locks
from tests.property.events import Kind
from tests.property.fault_laws import Done
from tests.property.wire_ground import WireGround
from tests.property.wired import LATENCY, Wire
from tests.purges import RUN, MemoryJournal
from tests.virtual import simulate, virtual_clock

REQUESTS: Final = 40
"""Among so many requests things happen: with those that sign in, twice as many as without."""

few = settings(max_examples=max(5, min(100, settings().max_examples // 5)))
"""A purge on the wire takes longer than one on the fake."""


@dataclass(frozen=True, slots=True)
class Wired:
    """What a purge on the wire came to, and quiet ones after it."""

    done: Done
    held: FakeRepository
    later: Sequence[dict[Target, StepOutcome]]
    sent: int
    """Requests of the purge among the events."""


def carried_out(case: Case, *, later: int = 0) -> Wired:
    """Plan in peace, carry the plan out among the events, and then so many more in peace."""
    return simulate(_carry_out(case, later))


async def _carry_out(case: Case, later: int) -> Wired:
    async with InsideEmulator(options=Options(latency=LATENCY)) as emulator:
        ground = WireGround(emulator.registry, case.snapshot, case.page)
        wire, journal, stop = Wire(emulator, ground), MemoryJournal(), asyncio.Event()
        order = RunOrder(RUN, "contoso", case.policy, NOW, Mode.PURGE, concurrency=case.width)
        planned = await _planned(emulator, order, case)
        (plan,) = (result.plan for result in planned if result.plan is not None)
        await wire.disturb(plan, case.schedule, stop.set)
        pace = Pace(virtual_clock())
        async with reached(emulator, pace, _options(case)) as registry:
            results = await purge_repositories(
                registry, order, planned, journal, stop, stored=case.stored, pace=pace
            )
        done = Done(wire, plan, _outcomes(results), journal)
        _note(done)
        wire.calm()
        held = ground.held
        quiet = [await _in_peace(emulator, order, case) for _ in range(later)]
        return Wired(done, held, quiet, wire.requests)


async def _planned(
    emulator: InsideEmulator, order: RunOrder, case: Case
) -> tuple[RepositoryResult, ...]:
    async with reached(emulator, Pace(virtual_clock()), _options(case)) as registry:
        results = await _unguarded(registry, order)
    assume(results and all(r.plan is not None and r.plan.stages for r in results))
    return tuple(replace(r, snapshot=None) if case.stored else r for r in results)


async def _unguarded(registry: AcrRegistry, order: RunOrder) -> tuple[RepositoryResult, ...]:
    """Plan, also where a guard would refuse it."""
    results = await plan_repositories(registry, order, MemoryJournal())
    return tuple(replace(r, state=State.PLANNED) for r in results if r.plan is not None)


async def _in_peace(
    emulator: InsideEmulator, order: RunOrder, case: Case
) -> dict[Target, StepOutcome]:
    pace = Pace(virtual_clock())
    async with reached(emulator, pace, _options(case)) as registry:
        planned = await _unguarded(registry, order)
        results = await purge_repositories(
            registry, order, planned, MemoryJournal(), asyncio.Event(), stored=False, pace=pace
        )
    return _outcomes(results)


def _options(case: Case) -> AcrOptions:
    return AcrOptions(page_size=case.page)


def _outcomes(results: Sequence[RepositoryResult]) -> dict[Target, StepOutcome]:
    return {target_of(end.step): end for result in results for end in result.outcomes}


def _note(done: Done) -> None:
    for step in done.plan.steps:
        note(str(step))
    for end in done.outcomes.values():
        note(f"{target_of(end.step)}: {end.outcome} {end.detail}")
    for call, trouble in done.registry.troubles:
        note(f"{call}: {trouble}")


@given(cases(*(Kind.WAIT,) * 4, *FAULTY, requests=REQUESTS))
@few
def test_what_others_did_before_the_verifying_read_is_respected(case: Case) -> None:
    """What somebody pushed, moved, named or locked more than two seconds ago is not lost."""
    fault_laws.require_respect(carried_out(case).done)


@given(cases(*FAULTY, requests=REQUESTS))
@few
def test_only_what_is_planned_is_named_and_lost(case: Case) -> None:
    """Requests name the plan's own items; of what was there in the beginning, no other goes."""
    fault_laws.require_planned(carried_out(case).done)


@given(cases(*FAULTY, *(Kind.FAIL,) * 12, requests=REQUESTS))
@few
def test_no_index_loses_a_child_and_no_image_goes_before_its_time(case: Case) -> None:
    """Whenever the run ends, no index has lost a child, and what must go first has gone."""
    fault_laws.require_order(carried_out(case).done)


@given(cases(*TROUBLE, requests=REQUESTS))
@few
def test_every_step_ends_once_and_the_outcome_is_true(case: Case) -> None:
    """One outcome for each step, that agrees with the registry; each on record, ahead."""
    done = carried_out(case).done
    fault_laws.require_truth(done, case)
    fault_laws.require_record(done)


@given(cases(*(Kind.MOVE_TAG, Kind.WAIT) * 3, *FAULTY, requests=REQUESTS))
@few
def test_a_tag_that_had_moved_is_recorded_as_such(case: Case) -> None:
    """The digest that a deletion answers is compared with the planned one."""
    fault_laws.require_moves_told(carried_out(case).done)


@given(cases(*FAULTY, requests=REQUESTS))
@few
def test_requests_are_bounded(case: Case) -> None:
    """No fault and no change by others makes a storm of requests, those that sign in included."""
    sent = carried_out(case).sent
    quiet = carried_out(replace(case, schedule=())).sent
    fault_laws.require_few(sent, quiet, case, each=15)


@given(cases(*FAULTY, Kind.STOP, requests=REQUESTS))
@few
def test_a_quiet_run_finishes_the_work(case: Case) -> None:
    """Afterwards, in peace, a second plan is carried out wholly, and a third is empty."""
    runs = fault_laws.runs_until_done(case.policy)
    fault_laws.require_finished(carried_out(case, later=runs).later)


@given(cases(*LOCK_SAVING, requests=REQUESTS).map(with_locks))
@few
def test_what_stays_is_locked_again(case: Case) -> None:
    """A lock that was opened for a delete that did not happen is closed as it was."""
    wired = carried_out(case)
    fault_laws.require_locks(wired.done, wired.held)
