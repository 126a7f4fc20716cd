"""The gate: between planning and purging, and at the end of a run.

One message per run comes back again and again. It looks at the repositories: when all are
planned it checks the limits of the whole run; while they are purged it waits for the last.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final, assert_never

from purge_core.bounded import map_bounded
from purge_core.errors import InputError
from purge_core.instants import DAY, TICKS_PER_SECOND, Instant, Span
from purge_core.judgement.guards import check_run
from purge_core.messages import Message, Phase
from purge_core.records.journal import Mode
from purge_core.records.lists import all_repositories
from purge_core.records.store_records import (
    Held,
    RepositoryChange,
    RepositoryRecord,
    RepositoryState,
    RunChange,
    RunRecord,
    RunState,
    Trigger,
)
from purge_core.service.ending import end_run
from purge_core.service.failing import fail_repository
from purge_core.service.measuring import waits_for_measure
from purge_core.service.nights import check_past, deletions
from purge_core.service.orders import read_task
from purge_core.service.planning import SENDING, fail_run
from purge_core.service.ports import Service

_LOG: Final = logging.getLogger(__name__)
_LONGEST_PAUSE: Final = 15
"""Seconds between two looks at a run that takes long."""
_STALLED: Final = DAY
"""A repository to which nothing happens for so long has lost its message."""

_Records = Sequence[RepositoryRecord]


async def pass_gate(service: Service, run: RunRecord, message: Message) -> None:
    """See how far a run is, let it go on, and come back unless it is over.

    Raises:
        JournalError: something could not be remembered; doing it again goes on.
        OutboxError: something could not be handed on; doing it again goes on.

    """
    match run.state:
        case RunState.QUEUED:
            goes_on = True
        case RunState.PLANNING:
            goes_on = await _while_planning(service, run, message)
        case RunState.PURGING:
            goes_on = await _while_purging(service, run)
        case RunState.PLANNED | RunState.HELD | RunState.DONE | RunState.FAILED:
            goes_on = False
        case _:
            assert_never(run.state)
    if goes_on:
        await _come_back(service, message)


async def _come_back(service: Service, message: Message) -> None:
    await service.outbox.send(message.again, pause_before(message.attempt))


def pause_before(attempt: int) -> Span:
    """Say how long to wait before the next look: short at first, then longer."""
    return Span(min(1 + attempt // 2, _LONGEST_PAUSE) * TICKS_PER_SECOND)


async def _while_planning(service: Service, run: RunRecord, message: Message) -> bool:
    """End the planning when every repository is judged; whether there is more to do."""
    records = await all_repositories(service.store, run.id)
    waiting = [r for r in records if r.state is RepositoryState.QUEUED]
    if waiting:
        await _give_up_stalled(service, run, records)
        return True
    try:
        policy = read_task(run.policy).policy
    except InputError as error:
        await fail_run(service, run, str(error))
        return False
    if await waits_for_measure(service, run, message, records):
        await _come_back(service, replace(message, waits=message.waits + 1))
        return False
    planned = [r for r in records if r.state is RepositoryState.PLANNED]
    held: Held | None = check_run(policy, map(deletions, planned))
    held = held or await check_past(service, run, planned)
    state = _next_state(run.mode, held=held is not None)
    change = RunChange(state=state, at=service.clock(), held=held)
    if state is RunState.PURGING:
        # Another look may have held or ended the run: then this one begins nothing.
        moved = await service.store.move_run(run.id, {RunState.PLANNING}, change)
        return await _while_purging(service, run) if moved else True
    await _end(service, run, {RunState.PLANNING}, change, records)
    return False


def _next_state(mode: Mode, *, held: bool) -> RunState:
    match mode:
        case Mode.PLAN:
            return RunState.PLANNED
        case Mode.PURGE:
            return RunState.HELD if held else RunState.PURGING
        case _:
            assert_never(mode)


async def _while_purging(service: Service, run: RunRecord) -> bool:
    """Have every planned repository purged; end the run after the last."""
    records = await all_repositories(service.store, run.id)

    async def begin(record: RepositoryRecord) -> None:
        await _begin(service, run, record)

    planned = [r for r in records if r.state is RepositoryState.PLANNED]
    await map_bounded(begin, planned, SENDING)
    waiting = [r for r in records if r.state is RepositoryState.PURGING]
    await _give_up_stalled(service, run, records)
    if waiting or any(record.totals.steps for record in planned):
        return True
    change = RunChange(state=RunState.DONE, at=service.clock())
    await _end(service, run, {RunState.PURGING}, change, records)
    return False


async def _begin(service: Service, run: RunRecord, record: RepositoryRecord) -> None:
    """Have a repository purged; what has nothing to delete is done."""
    state = RepositoryState.DONE
    if record.totals.steps:
        state = RepositoryState.PURGING
        message = Message(
            phase=Phase.PURGE, run=run.id, registry=run.registry, repository=record.repository
        )
        await service.outbox.send(message)
    change = RepositoryChange(state=state, at=service.clock())
    planned = {RepositoryState.PLANNED}
    await service.store.move_repository(run.id, record.repository, planned, change)


async def _give_up_stalled(service: Service, run: RunRecord, records: _Records) -> None:
    """End repositories whose message must be lost: nothing happens in the run any more."""
    latest = max([run.updated, *(record.updated for record in records)])
    if latest + _STALLED >= service.clock():
        return
    for record in records:
        if record.state in (RepositoryState.QUEUED, RepositoryState.PURGING):
            await fail_repository(service, run, record.repository, "nobody worked on it for a day")


async def _end(
    service: Service,
    run: RunRecord,
    states: Collection[RunState],
    change: RunChange,
    records: _Records,
) -> None:
    """End a run; after a nightly one, whatever it did, old records go."""
    if await end_run(service, run, states, change, records) and run.trigger is Trigger.TIMER:
        await _forget_old(service)


async def _forget_old(service: Service) -> None:
    """Remove records that are older than the owner wants to keep them, as time allows.

    A night may write more than one call removes. What is left goes after the next night.
    """
    before = Instant(service.clock() - service.options.retention)
    stop = asyncio.Event()
    with service.deadline(stop):
        while True:
            expired = await service.store.expire(before)
            if expired.rows:
                _LOG.info("removed %d runs and %d rows for their age", expired.runs, expired.rows)
            if expired.complete or stop.is_set():
                return
