"""The look back at one repository after its purge, recorded with the run."""

import asyncio
import logging

from purge_core.bounded import unless_stopped
from purge_core.errors import RegistryError
from purge_core.planning import RunOrder
from purge_core.plans.plan import PurgePlan
from purge_core.records.losses import Check, recordable
from purge_core.records.recorded_past import recorded_past, with_runs
from purge_core.service.ports import Service
from purge_core.verifying import Look

_LOG = logging.getLogger(__name__)


async def verify_repository(
    service: Service, order: RunOrder, plan: PurgePlan, stop: asyncio.Event
) -> None:
    """Look whether what stays has lost a part, and keep what was found, where it is wanted.

    Nothing that goes wrong at the registry is an error here: it is what was found.

    Raises:
        JournalError: the records could not be read or written.

    """
    if not (service.options.verify and plan.lists_manifests):
        return
    past = await recorded_past(service.store, order.run, plan.repository)
    look = Look(plan.repository, past, limit=order.concurrency)
    check = await unless_stopped(_look(service, order, look), stop)
    if check is None:
        check = Check(plan.repository, error="the time of the message was used up")
    # The records are asked for each loss in turn: for those that will be on record, and no more.
    check = await with_runs(service.store, order.registry, order.run, recordable(check))
    if check.is_damage:
        _LOG.error("run %s has deleted what %s still needs", order.run, plan.repository)
    await service.store.note_check(order.run, check)


async def _look(service: Service, order: RunOrder, look: Look) -> Check:
    try:
        async with service.connect(order.registry) as registry:
            return await look.at(registry)
    except RegistryError as error:
        return Check(look.repository, error=str(error))
