"""How runs begin: by the clock, once per occurrence, or because somebody asks for one."""

import logging
from dataclasses import dataclass
from typing import Final

from purge_core.errors import InputError, Problem
from purge_core.instants import TICKS_PER_SECOND, Instant, Span
from purge_core.messages import Message, Phase
from purge_core.records.journal import Mode, RunId
from purge_core.records.run_ids import make_run_id
from purge_core.records.store_records import RunChange, RunRecord, RunState, Trigger
from purge_core.service.ending import end_run
from purge_core.service.orders import Task, write_task
from purge_core.service.ports import Service

_LOG: Final = logging.getLogger(__name__)
_EARLY: Final = Span(60 * TICKS_PER_SECOND)
"""A timer may come a little before its time; it is not last night's then."""
_LATE: Final = Span(600 * TICKS_PER_SECOND)
"""A start so long after its time is no tick of the timer, unless the host says so."""
_FORGOTTEN: Final = Span(3_600 * TICKS_PER_SECOND)
"""A run that was not begun for so long will not begin any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A run that is wanted. ``salt`` makes its id unlike that of others of this moment.

    ``at``: ages are measured from this time, which is to come, instead of from now.
    """

    registry: str
    task: Task
    policy_name: str
    mode: Mode
    trigger: Trigger
    moment: Instant
    salt: str
    at: Instant | None = None


async def start_run(service: Service, wish: Wish) -> RunRecord:
    """Begin a run, or go on beginning it: the same wish twice is one run.

    Raises:
        InputError: the policy is not for this registry.
        JournalError: it could not be remembered.
        OutboxError: it is remembered, and perhaps nobody works on it.

    """
    _require_named(service, wish)
    now = service.clock()
    run = RunRecord(
        id=make_run_id(wish.moment, wish.registry, wish.salt),
        registry=wish.registry,
        mode=wish.mode,
        state=RunState.QUEUED,
        policy=write_task(wish.task),
        policy_name=wish.policy_name,
        now=wish.at or now,
        trigger=wish.trigger,
        created=now,
        updated=now,
    )
    if not await service.store.create_run(run):
        known = await service.store.get_run(run.id)
        if known is None or known.state is not RunState.QUEUED:
            return known or run
    message = Message(phase=Phase.PLAN, run=run.id, registry=run.registry)
    await service.outbox.send(message)
    return run


def _require_named(service: Service, wish: Wish) -> None:
    """Refuse a registry that the policy is not for, where it names any."""
    named = [service.login_server(name) for name in wish.task.policy.registries]
    if named and wish.registry not in named:
        wanted = f"a registry that the policy is for: {', '.join(named)}"
        raise InputError([Problem("registry", repr(wish.registry), wanted)])


async def start_nightly(service: Service, *, past_due: bool = False) -> list[RunId]:
    """Begin the run of the schedule's latest occurrence, for every registry.

    A tick that comes twice begins one run. A start by hand, which comes at any time, begins
    a run of its own; ``past_due``: the host says that it makes up for a missed tick. A
    trouble with one registry does not keep the others from their run.

    Raises:
        ExceptionGroup: of what went wrong, after all were tried.

    """
    started: list[RunId] = []
    errors: list[Exception] = []
    for registry in service.options.registries:
        try:
            await _give_up_forgotten(service, registry)
            wish = _nightly(service, registry, past_due=past_due)
            started.append((await start_run(service, wish)).id)
        except Exception as error:  # noqa: BLE001 - raised below, after the other registries
            errors.append(error)
    _LOG.info("started %s", ", ".join(started) or "nothing")
    if errors:
        raise ExceptionGroup("some registries have no run", errors)
    return started


def _nightly(service: Service, registry: str, *, past_due: bool) -> Wish:
    now, options = service.clock(), service.options
    due = options.schedule.latest(Instant(now + _EARLY))
    is_tick = due is not None and (past_due or now - due <= _LATE)
    return Wish(
        registry=registry,
        task=Task(options.policy),
        policy_name=options.policy_name,
        mode=options.mode,
        trigger=Trigger.TIMER,
        moment=due if due is not None and is_tick else now,
        salt="nightly" if is_tick else service.salt(),
    )


async def _give_up_forgotten(service: Service, registry: str) -> None:
    """End runs whose beginning was interrupted: starting them now would surprise."""
    now = service.clock()
    runs = await service.store.list_runs(registry)
    for run in runs.items:
        if run.state is RunState.QUEUED and run.created + _FORGOTTEN < now:
            why = "its beginning was interrupted, and nobody worked on it"
            change = RunChange(state=RunState.FAILED, at=now, error=why)
            await end_run(service, run, {RunState.QUEUED}, change)
