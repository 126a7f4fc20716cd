"""Telling somebody of a run's end: by a message of its own, which the purge never waits for.

The message is sent before the end is recorded, and looked at a moment later: so no end that is
recorded is passed over, even if the process dies in between. Whatever goes wrong with telling is
logged and noted with the run, which stays as it is.
"""

import logging
from typing import Final

from purge_core.errors import OutboxError
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.messages import Message, Phase
from purge_core.notices.notice import notice_of
from purge_core.notices.sending import NotTaken, pause_after
from purge_core.outbox import NOW
from purge_core.records.lists import all_repositories
from purge_core.records.store_records import RunRecord, RunState
from purge_core.records.told import Told
from purge_core.service.ports import Service

_LOG: Final = logging.getLogger(__name__)
_MOMENT: Final = Span(5 * TICKS_PER_SECOND)
"""By then an end that is about to be recorded usually is."""
_ENDS: Final = (RunState.PLANNED, RunState.HELD, RunState.DONE, RunState.FAILED)


async def announce_end(service: Service, run: RunRecord) -> None:
    """Have the end of a run told that is about to be recorded, if anybody wants to know.

    A queue that does not take the message is no reason not to end the run.
    """
    if not service.options.told_of:
        return
    message = Message(phase=Phase.TELL, run=run.id, registry=run.registry)
    try:
        await service.outbox.send(message, _MOMENT)
    except OutboxError as error:
        _LOG.error("nobody is told of the end of run %s: %s", run.id, error)


async def tell(service: Service, run: RunRecord, message: Message) -> None:
    """Tell of a run that has ended, unless that was done or nobody wants to know.

    Raises:
        JournalError: the records could not be read, or it could not be noted; then it is told
            again, with the same id.
        OutboxError: it was not taken, and could not be handed on to be sent again.

    """
    if run.told is not None:
        return
    if run.state not in _ENDS:
        await _later(service, message, "it has not ended")
        return
    notice = notice_of(run, await all_repositories(service.store, run.id))
    if service.options.told_of.isdisjoint(notice.events):
        return
    try:
        await service.post(notice)
    except NotTaken as error:
        if error.final or not await _later(service, message, str(error), error.wait):
            await give_up_telling(service, run, str(error))
        return
    await service.store.note_told(run.id, run.state, Told(service.clock()))


async def give_up_telling(service: Service, run: RunRecord, why: str) -> None:
    """Note that nobody was told of a run; the run itself is as good or bad as it was.

    Raises:
        JournalError: it could not be noted.

    """
    if run.told is not None or run.state not in _ENDS:
        return
    _LOG.error("nobody was told of the end of run %s: %s", run.id, why)
    await service.store.note_told(run.id, run.state, Told(service.clock(), why))


async def _later(service: Service, message: Message, why: str, wait: Span = NOW) -> bool:
    """Hand a message on for later, after ``wait`` at least; false after the last attempt."""
    pause = pause_after(message.attempt, wait)
    if pause is None:
        return False
    _LOG.warning("run %s is told of later: %s", message.run, why)
    await service.outbox.send(message.again, pause)
    return True
