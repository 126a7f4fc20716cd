"""What a night frees exactly: counted after the planning and before the purge, if at all.

Counting has a message and a time of its own. The gate waits for it, but not for ever, and goes on
the same way whatever came of it: no deletion depends on the figure, nor can it add one.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from purge_core.bounded import unless_stopped
from purge_core.errors import InputError, RegistryError
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.measuring import manifests_of, measure_going
from purge_core.messages import Message, Phase
from purge_core.model import Digest, RepositoryName
from purge_core.records.lists import all_repositories, all_steps
from purge_core.records.results import Exact
from purge_core.records.store_records import (
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    RunState,
    Trigger,
)
from purge_core.service.ports import Service

_LOG: Final = logging.getLogger(__name__)
_LONGEST: Final = Span(3_600 * TICKS_PER_SECOND)
"""So long a run waits for its figure, from when all of it is judged."""
_UNKNOWN: Final = Exact(None, 0, 0)

_Going = dict[RepositoryName, frozenset[Digest]]


async def waits_for_measure(
    service: Service, run: RunRecord, gate: Message, records: Sequence[RepositoryRecord]
) -> bool:
    """Whether a judged run has to wait for what it frees; the first look has it counted.

    ``gate`` is the message that looks; its ``waits`` say whether it is the first look.

    Raises:
        OutboxError: it could not be handed on; looking again goes on.

    """
    asked = service.options.exact_bytes and run.trigger is Trigger.TIMER
    if not asked or run.exact is not None or not any(map(_deletes, records)):
        return False
    judged = max(run.updated, *(record.updated for record in records))
    if judged + _LONGEST < service.clock():
        _LOG.warning("run %s goes on without knowing what exactly it frees", run.id)
        return False
    if not gate.waits:
        await service.outbox.send(Message(phase=Phase.MEASURE, run=run.id, registry=run.registry))
    return True


async def measure_run(service: Service, run: RunRecord, stop: asyncio.Event) -> bool:
    """Count what the plans of a run free, and note it; false: ``stop`` was set first.

    Raises:
        JournalError: the plans could not be read, or it could not be noted.

    """
    if run.state is not RunState.PLANNING or run.exact is not None:
        return True
    going = await _going(service, run)
    try:
        exact = await unless_stopped(_count(service, run, going), stop)
    except (RegistryError, InputError) as error:
        await give_up_measuring(service, run, str(error))
        return True
    if exact is None:
        return False
    await service.store.note_exact(run.id, exact)
    return True


async def give_up_measuring(service: Service, run: RunRecord, why: str) -> None:
    """Note that it is not known what a run frees; the run goes on.

    Raises:
        JournalError: it could not be noted.

    """
    _LOG.warning("what run %s frees exactly is not known: %s", run.id, why)
    await service.store.note_exact(run.id, _UNKNOWN)


async def _going(service: Service, run: RunRecord) -> _Going:
    """Name the manifests that the plans of a run delete, as they are stored."""
    going: _Going = {}
    for record in filter(_deletes, await all_repositories(service.store, run.id)):
        steps = await all_steps(service.store, run.id, record.repository)
        going[record.repository] = manifests_of(each.step for each in steps)
    return going


async def _count(service: Service, run: RunRecord, going: _Going) -> Exact:
    def tell(manifests: int) -> None:
        _LOG.info("run %s: %d manifests to look at for exact bytes", run.id, manifests)

    async with service.connect(run.registry) as registry:
        gauge = await measure_going(registry, going, service.options.concurrency, tell)
    return gauge.exact({(name, digest) for name, each in going.items() for digest in each})


def _deletes(record: RepositoryRecord) -> bool:
    planned = record.state is RepositoryState.PLANNED
    return planned and record.totals.manifests_to_delete > 0
