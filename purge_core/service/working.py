"""One queue message: looked at, done with a lease on the registry, or put back."""

import asyncio
import logging
from dataclasses import replace
from typing import Final, assert_never

from purge_core.messages import Message, Phase
from purge_core.model import RepositoryName
from purge_core.records.store_records import RunRecord
from purge_core.service.failing import give_up
from purge_core.service.gate import pass_gate
from purge_core.service.leases import Held, leased, pause_without_lease
from purge_core.service.measuring import give_up_measuring, measure_run
from purge_core.service.notifying import tell
from purge_core.service.planning import give_up_planning, plan_one, plan_run
from purge_core.service.ports import Service
from purge_core.service.purging import purge_one

_LOG: Final = logging.getLogger(__name__)
_TOO_LONG: Final = "it could not be judged within the time that one message may take"


async def work(service: Service, message: Message, holder: str) -> None:
    """Do what a message asks for. ``holder`` names this message among all others.

    Raises:
        PurgeError: it could not be done; a later delivery of the message may do it.

    """
    run = await service.store.get_run(message.run)
    if run is None:
        _LOG.warning("a message belongs to %s, which is no run; it is dropped", message.run)
        return
    match message.phase:
        case Phase.GATE:
            await pass_gate(service, run, message)
        case Phase.TELL:
            await tell(service, run, message)
        case Phase.PLAN | Phase.MEASURE | Phase.PURGE:
            await _on_registry(service, run, message, holder)
        case _:
            assert_never(message.phase)


async def _on_registry(service: Service, run: RunRecord, message: Message, holder: str) -> None:
    """Do a piece of work that takes a slot of the registry."""
    if run.registry not in service.options.registries:
        await give_up(service, message, f"{run.registry} is no registry of this app any more")
        return
    stop = asyncio.Event()
    with service.deadline(stop):
        async with leased(service, run.registry, holder, stop) as lease:
            done = lease is not None and await _with_lease(service, run, message, lease)
    if not done:
        waiting = replace(message, waits=message.waits + 1)
        await service.outbox.send(waiting, pause_without_lease(holder, message.waits))


async def _with_lease(service: Service, run: RunRecord, message: Message, lease: Held) -> bool:
    """Do one piece of work; false when it has to be put back."""
    match message.phase:
        case Phase.PURGE:
            await purge_one(service, run, message, lease.stop)
            return True
        case Phase.MEASURE:
            return await _measure(service, run, lease)
        case Phase.PLAN if message.repository is not None:
            return await _plan(service, run, message.repository, lease)
        case Phase.PLAN:
            await plan_run(service, run, lease.stop)
            return True
        case Phase.GATE | Phase.TELL:
            raise AssertionError("who asks no registry needs no lease")
        case _:
            assert_never(message.phase)


async def _plan(service: Service, run: RunRecord, name: RepositoryName, lease: Held) -> bool:
    if await plan_one(service, run, name, lease.stop):
        return True
    if not lease.lost:
        await give_up_planning(service, run.id, name, _TOO_LONG)
    return not lease.lost


async def _measure(service: Service, run: RunRecord, lease: Held) -> bool:
    if await measure_run(service, run, lease.stop):
        return True
    if not lease.lost:
        await give_up_measuring(service, run, "there was no time for it")
    return not lease.lost
