"""The record of a purge, written ahead: a failure of the journal ends the run."""

import logging
from collections.abc import Sequence
from typing import Final

from purge_core.errors import JournalError
from purge_core.execution.pacing import Halt
from purge_core.model import RepositoryName
from purge_core.plans.steps import Step
from purge_core.records.journal import (
    Journal,
    Record,
    RepositoryFinished,
    RunId,
    StepsClosed,
    StepsOpened,
)
from purge_core.records.outcomes import StepOutcome
from purge_core.records.results import RepositoryResult

BATCH: Final = 100
"""Steps in one record at most."""

_LOG: Final = logging.getLogger(__name__)


class Ledger:
    """Records what a run does to its repositories.

    The first record that cannot be written halts the run; the ends of what is under way are
    still offered to the journal.
    """

    def __init__(self, journal: Journal, run: RunId, halt: Halt) -> None:
        """Write to ``journal`` as ``run``."""
        self._journal = journal
        self._run = run
        self._halt = halt

    async def open(self, repository: RepositoryName, steps: Sequence[Step]) -> bool:
        """Record that steps are about to be carried out; whether they may be."""
        if self._halt.is_set:
            return False
        return await self._record(StepsOpened(self._run, repository, tuple(steps)))

    async def close(self, repository: RepositoryName, outcomes: Sequence[StepOutcome]) -> bool:
        """Record how steps ended; whether all of that is on record."""
        kept = True
        for start in range(0, len(outcomes), BATCH):
            batch = tuple(outcomes[start : start + BATCH])
            kept &= await self._record(StepsClosed(self._run, repository, batch))
        return kept

    async def finish(self, result: RepositoryResult) -> None:
        """Record the end of a repository, unless the journal has failed before."""
        if self._halt.error is None:
            await self._record(RepositoryFinished(self._run, result))

    async def _record(self, record: Record) -> bool:
        try:
            await self._journal.record(record)
        except JournalError as error:
            self._halt.now(error)
            return False
        except Exception as error:  # noqa: BLE001 - a defect there must not lose what was done
            _LOG.exception("recording %s", type(record).__name__)
            self._halt.now(JournalError(f"{type(error).__name__}: {error}"))
            return False
        return True
