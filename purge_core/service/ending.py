"""How runs end: exactly one of those who try records it, and says so in the log."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from purge_core.records.store_records import (
    RepositoryRecord,
    RunChange,
    RunRecord,
    RunState,
)
from purge_core.records.sums import exact_bytes, sums_of
from purge_core.service.lines import ended_line
from purge_core.service.notifying import announce_end
from purge_core.service.ports import Service

_LOG: Final = logging.getLogger(__name__)


async def end_run(
    service: Service,
    run: RunRecord,
    states: Collection[RunState],
    change: RunChange,
    records: Sequence[RepositoryRecord] | None = None,
) -> bool:
    """End a run that is in one of ``states``; whether nobody else had done so before.

    A run that is planned or held has come to its end, too, until somebody applies it.
    ``records`` are its repositories, where they are known: then what they come to is kept.

    Raises:
        JournalError: it could not be remembered.

    """
    sums = None
    if records is not None:
        sums = sums_of(records, exact=exact_bytes(run.exact, change.state, records))
    await announce_end(service, run)
    if not await service.store.move_run(run.id, states, replace(change, sums=sums)):
        return False
    _LOG.info("%s", ended_line(run, change.state, 0 if sums is None else sums.troubled))
    return True
