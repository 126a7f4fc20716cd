"""How runs end: exactly one of those who try records it, and says so in the log.

The line is ``purge-run-ended`` and a JSON object on one line. The alerts of infra/ count and read
these lines, so host.json excludes the log from sampling; name and members are an interface.
"""

import json
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
from purge_core.records.sums import sums_of
from purge_core.service.ports import Service

_LOG: Final = logging.getLogger(__name__)
RUN_ENDED: Final = "purge-run-ended"


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
    sums = None if records is None else sums_of(records)
    if not await service.store.move_run(run.id, states, replace(change, sums=sums)):
        return False
    ended = {
        "run": run.id,
        "registry": run.registry,
        "trigger": run.trigger.value,
        "mode": run.mode.value,
        "state": change.state.value,
        "troubled": 0 if sums is None else sums.troubled,
    }
    _LOG.info("%s %s", RUN_ENDED, json.dumps(ended))
    return True
