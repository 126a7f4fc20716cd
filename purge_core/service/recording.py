"""The journal of one repository's purge: every step into the store, before and after."""

from collections.abc import Collection, Sequence
from typing import assert_never

from purge_core.instants import Instant
from purge_core.model import RepositoryName
from purge_core.plans.steps import Step, Target, target_of
from purge_core.records.journal import (
    Record,
    RepositoryFinished,
    RepositoryPlanned,
    RepositoryVerified,
    RunFinished,
    RunId,
    RunStarted,
    StepsClosed,
    StepsOpened,
)
from purge_core.records.outcomes import Outcome, StepOutcome
from purge_core.service.ports import Service
from purge_core.service.resuming import Resumption, is_ended


class StepJournal:
    """Writes steps ahead. Implements ``purge_core.records.journal.Journal``.

    Runs and repositories are begun and ended by the use cases themselves.
    """

    def __init__(
        self, service: Service, run: RunId, name: RepositoryName, resumption: Resumption
    ) -> None:
        """Write to the service's store, beginning where the ``resumption`` does."""
        self._service = service
        self._run = run
        self._name = name
        self._resumption = resumption
        self._closed: set[Target] = set()

    async def record(self, record: Record) -> None:
        """Keep one record.

        Raises:
            JournalError: it could not be kept; nothing may be deleted then.

        """
        match record:
            case StepsOpened():
                await self._open(record.steps)
            case StepsClosed():
                await self.close(record.outcomes)
            case RunStarted() | RepositoryPlanned() | RepositoryFinished():
                return
            case RepositoryVerified() | RunFinished():
                return
            case _:
                assert_never(record)

    async def _open(self, steps: Sequence[Step]) -> None:
        records = [self._resumption.records[target_of(step)] for step in steps]
        indexes = [record.index for record in records if not is_ended(record)]
        if indexes:
            await self._service.store.open_steps(self._run, self._name, indexes, self._now())

    async def close(self, outcomes: Collection[StepOutcome], *, last: bool = False) -> None:
        """Record how steps ended, but for those that have their end; see ``Resumption.end``.

        Raises:
            JournalError: it could not be recorded.

        """
        fresh = [o for o in outcomes if target_of(o.step) not in self._closed]
        ends = [end for o in fresh if (end := self._resumption.end(o, last=last)) is not None]
        if ends:
            await self._service.store.close_steps(self._run, self._name, ends, self._now())
        self._closed.update(target_of(o.step) for o in fresh if not _is_open(o))

    def _now(self) -> Instant:
        return self._service.clock()


def _is_open(outcome: StepOutcome) -> bool:
    """Whether the end may have to be told once more, when there will be no other."""
    return outcome.outcome is Outcome.NOT_REACHED
