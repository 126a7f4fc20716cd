"""Carrying out a plan that was shown before: exactly that one, or not at all."""

import logging
from typing import Final

from purge_core.bounded import map_bounded
from purge_core.errors import InputError, OutboxError, PlanRefused, PurgeError
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.messages import Message, Phase
from purge_core.policies.policy import Policy
from purge_core.records.journal import RunId
from purge_core.records.lists import all_repositories
from purge_core.records.store_records import (
    RepositoryRecord,
    RepositoryState,
    RunChange,
    RunRecord,
    RunState,
)
from purge_core.service.orders import order_with_use, read_task, require_unaltered
from purge_core.service.ports import Service

_LOG: Final = logging.getLogger(__name__)
_APPLICABLE: Final = (RunState.PLANNED, RunState.HELD)
_READING: Final = 8
"""Plans that are read at once."""
_AFTER_CRASH: Final = Span(30 * TICKS_PER_SECOND)


class UnknownRun(PurgeError):
    """There is no such run."""


class NotApplicable(PurgeError):
    """The run has no plan that could be carried out: it is applied already, or not planned."""


class PlanTooOld(PurgeError):
    """The plan is older than the owner allows."""


async def apply_run(service: Service, run: RunId) -> RunRecord:
    """Have the stored plan of a run carried out, and give the run as it is then.

    Raises:
        UnknownRun: there is no such run.
        NotApplicable: it is not planned, or somebody was quicker.
        PlanTooOld: it has to be planned anew.
        PlanRefused: the plan, or the policy behind it, was altered.
        UseUnknown: it is not known what is in use; the run stays as it is.
        JournalError: the store could not be read or written.
        OutboxError: nobody could be told, and the run stays as it is. Once it is moved there
            is no such error: the delayed message, which went out before, carries it on.

    """
    known = await service.store.get_run(run)
    if known is None:
        raise UnknownRun(f"there is no run {run}")
    _require_applicable(service, known)
    await _require_unaltered(service, known)
    await order_with_use(service, known)
    gate = Message(phase=Phase.GATE, run=run, registry=known.registry)
    # Should this process die right after the run was moved, somebody still looks at it.
    await service.outbox.send(gate, _AFTER_CRASH)
    change = RunChange(state=RunState.PURGING, at=service.clock())
    if not await service.store.move_run(run, _APPLICABLE, change):
        raise NotApplicable(f"run {run} was applied by somebody else in this moment")
    await _hurry(service, gate)
    return await service.store.get_run(run) or known


async def _hurry(service: Service, gate: Message) -> None:
    """Have the run looked at now instead of after the delay, if that can be said."""
    try:
        await service.outbox.send(gate)
    except OutboxError as error:
        # It goes on all the same: who hears of an error would think that nothing is deleted.
        _LOG.warning("run %s is carried out a little later: %s", gate.run, error)


def _require_applicable(service: Service, run: RunRecord) -> None:
    if run.state not in _APPLICABLE:
        raise NotApplicable(_why_not(run.state))
    if run.registry not in service.options.registries:
        raise NotApplicable(f"{run.registry} is no registry of this app any more")
    # By when it was made, not by the clock: what it says of a later time holds only if nothing
    # is pushed or removed until then, so it does not become a plan by waiting for that time.
    if run.now > run.created:
        raise NotApplicable("the plan is for a time to come, and only to be looked at")
    if run.created + service.options.plan_max_age < service.clock():
        raise PlanTooOld("the plan is older than PURGE_PLAN_MAX_AGE; make a new one")


def _why_not(state: RunState) -> str:
    if state in (RunState.PURGING, RunState.DONE):
        return f"the run is {state.value}: its plan is or was carried out already"
    return f"the run is {state.value}; only a planned or held one can be applied"


async def _require_unaltered(service: Service, run: RunRecord) -> None:
    """Check every plan of the run, and that the policy can still be read."""
    try:
        policy = read_task(run.policy).policy
    except InputError as error:
        raise PlanRefused(f"the policy of the run was altered: {error}") from None
    records = await all_repositories(service.store, run.id)
    planned = [r for r in records if r.state is RepositoryState.PLANNED and r.totals.steps]

    async def check(record: RepositoryRecord) -> None:
        await _check(service, record, policy)

    await map_bounded(check, planned, _READING)


async def _check(service: Service, record: RepositoryRecord, policy: Policy) -> None:
    plan = await service.store.load_plan(record.run, record.repository)
    if plan is None:
        raise PlanRefused(f"the plan of {record.repository} is gone")
    require_unaltered(plan, policy)
