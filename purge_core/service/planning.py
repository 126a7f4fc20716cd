"""The first phase: find the repositories of a run, and plan each of them."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from purge_core.bounded import map_bounded, unless_stopped
from purge_core.errors import InputError, RegistryError, Unavailable, Untrusted, UseUnknown
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.messages import Message, Phase
from purge_core.model import RepositoryName
from purge_core.planning import RunOrder, choose_repositories, plan_repository
from purge_core.records.journal import RunId
from purge_core.records.lists import all_repositories
from purge_core.records.results import RepositoryResult, State
from purge_core.records.store_records import RepositoryState, RunChange, RunRecord, RunState
from purge_core.service.ending import end_run
from purge_core.service.lines import began_line
from purge_core.service.orders import order_with_use
from purge_core.service.ports import Service

_LOG: Final = logging.getLogger(__name__)
SENDING: Final = 16
"""Messages that are sent at once."""
FIRST_LOOK: Final = Span(TICKS_PER_SECOND)
"""After so long it is worth seeing for the first time how far a run is."""

_BEGINNING: Final = frozenset({RunState.QUEUED, RunState.PLANNING})


async def plan_run(service: Service, run: RunRecord, stop: asyncio.Event) -> None:
    """Find the repositories of a run, and have each of them planned.

    Raises:
        Unavailable: the registry does not answer, or not before ``stop`` was set; nothing was
            begun.
        JournalError: something could not be remembered; doing it again goes on.
        OutboxError: something could not be handed on; doing it again goes on.

    """
    if run.state not in _BEGINNING:
        return
    if run.state is RunState.QUEUED and not await _list(service, run, stop):
        return
    waiting = [
        each.repository
        for each in await all_repositories(service.store, run.id)
        if each.state is RepositoryState.QUEUED
    ]

    async def send(name: RepositoryName) -> None:
        message = Message(phase=Phase.PLAN, run=run.id, registry=run.registry, repository=name)
        await service.outbox.send(message)

    await map_bounded(send, waiting, SENDING)
    gate = Message(phase=Phase.GATE, run=run.id, registry=run.registry)
    await service.outbox.send(gate, FIRST_LOOK)


async def _list(service: Service, run: RunRecord, stop: asyncio.Event) -> bool:
    """Note the repositories of a run; false when it has failed."""
    try:
        order = await order_with_use(service, run)
        names = await unless_stopped(_choose(service, order), stop)
        if names is None:
            raise Unavailable("the repositories could not be listed in the time of one message")
    except (RegistryError, InputError, UseUnknown) as error:
        if isinstance(error, Unavailable) and not isinstance(error, Untrusted):
            raise
        await fail_run(service, run, str(error))
        return False
    now = service.clock()
    await service.store.add_repositories(run.id, names, now)
    change = RunChange(state=RunState.PLANNING, at=now, repositories=len(names))
    if await service.store.move_run(run.id, {RunState.QUEUED}, change):
        _LOG.info("%s", began_line(run, len(names)))
    return True


async def _choose(service: Service, order: RunOrder) -> Sequence[RepositoryName]:
    async with service.connect(order.registry) as registry:
        return await choose_repositories(registry, order)


async def fail_run(service: Service, run: RunRecord, why: str) -> None:
    """End a run that has not begun to delete."""
    _LOG.error("run %s failed: %s", run.id, why)
    change = RunChange(state=RunState.FAILED, at=service.clock(), error=why)
    await end_run(service, run, _BEGINNING, change)


async def plan_one(
    service: Service, run: RunRecord, name: RepositoryName, stop: asyncio.Event
) -> bool:
    """Judge one repository and keep what was found, unless that is done already.

    False: ``stop`` was set first, and nothing was kept.

    Raises:
        JournalError: it could not be kept; nothing is deleted then.

    """
    known = await service.store.repository(run.id, name)
    if run.state is not RunState.PLANNING or known is None:
        return True
    if known.state is not RepositoryState.QUEUED:
        return True
    try:
        order = await order_with_use(service, run)
        result = await unless_stopped(_plan(service, order, name), stop)
    except (InputError, UseUnknown) as error:
        # A pattern that takes too long, a host that may not be spoken to, or a list of images
        # in use that cannot be read: no repository of this run can be trusted to be judged.
        await fail_run(service, run, str(error))
        return True
    if result is None:
        return False
    await service.store.save_plan(run.id, result, service.clock())
    return True


async def give_up_planning(service: Service, run: RunId, name: RepositoryName, why: str) -> None:
    """Note that a repository cannot be judged, unless it is by now."""
    result = RepositoryResult(name, State.FAILED, error=why)
    await service.store.save_plan(run, result, service.clock())


async def _plan(service: Service, order: RunOrder, name: RepositoryName) -> RepositoryResult:
    try:
        async with service.connect(order.registry) as registry:
            return await plan_repository(registry, order, name)
    except RegistryError as error:
        return RepositoryResult(name, State.FAILED, error=str(error))
