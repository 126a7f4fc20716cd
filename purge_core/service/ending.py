"""How runs end: exactly one of those who try records it, and says so in the log.

The line is ``purge-run-ended`` and a JSON object on one line. The alerts of infra/ count and read
these lines, so host.json excludes the log from sampling; name and members are an interface.
"""

import json
import logging
from collections.abc import Collection, Iterable
from typing import Final

from purge_core.records.store_records import (
    RepositoryRecord,
    RepositoryState,
    RunChange,
    RunRecord,
    RunState,
)
from purge_core.service.ports import Service

_LOG: Final = logging.getLogger(__name__)
RUN_ENDED: Final = "purge-run-ended"


async def end_run(
    service: Service,
    run: RunRecord,
    states: Collection[RunState],
    change: RunChange,
    records: Iterable[RepositoryRecord] = (),
) -> bool:
    """End a run that is in one of ``states``; whether nobody else had done so before.

    A run that is planned or held has come to its end, too, until somebody applies it.
    ``records`` are its repositories, as far as they are known.

    Raises:
        JournalError: it could not be remembered.

    """
    if not await service.store.move_run(run.id, states, change):
        return False
    ended = {
        "run": run.id,
        "registry": run.registry,
        "trigger": run.trigger.value,
        "mode": run.mode.value,
        "state": change.state.value,
        "troubled": sum(map(is_troubled, records)),
    }
    _LOG.info("%s %s", RUN_ENDED, json.dumps(ended))
    return True


def is_troubled(record: RepositoryRecord) -> bool:
    """Whether somebody should look at a repository: refused, failed, or a step of it was."""
    bad = record.state in (RepositoryState.REFUSED, RepositoryState.FAILED)
    return bad or any(each.outcome.is_trouble for each in record.outcomes)
