"""The port to the record of a run: every plan, every deletion, every end.

A record is written before what it announces: steps are opened before the first request
of their batch and closed with their outcomes after the last, so that whatever dies at
whatever moment, no deletion is without a record.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NewType, Protocol

from purge_core.instants import Instant
from purge_core.model import RepositoryName
from purge_core.plans.steps import Step
from purge_core.records.outcomes import StepOutcome
from purge_core.records.results import RepositoryResult, RunResult

RunId = NewType("RunId", str)


class Mode(Enum):
    """Whether a run may delete."""

    PLAN = "plan"
    PURGE = "purge"


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins. ``repositories`` is how many it will look at."""

    run: RunId
    registry: str
    mode: Mode
    started: Instant
    repositories: int


@dataclass(frozen=True, slots=True)
class RepositoryPlanned:
    """One repository was judged, refused, or could not be read."""

    run: RunId
    result: RepositoryResult


@dataclass(frozen=True, slots=True)
class StepsOpened:
    """These steps are about to be carried out."""

    run: RunId
    repository: RepositoryName
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class StepsClosed:
    """These steps have ended."""

    run: RunId
    repository: RepositoryName
    outcomes: tuple[StepOutcome, ...]


@dataclass(frozen=True, slots=True)
class RepositoryFinished:
    """Every step of a repository has its outcome."""

    run: RunId
    result: RepositoryResult


@dataclass(frozen=True, slots=True)
class RepositoryVerified:
    """A repository was looked at again after its purge."""

    run: RunId
    result: RepositoryResult


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over."""

    run: RunId
    result: RunResult


Record = (
    RunStarted
    | RepositoryPlanned
    | StepsOpened
    | StepsClosed
    | RepositoryFinished
    | RepositoryVerified
    | RunFinished
)


class Journal(Protocol):
    """Keeps the records of runs, in the order in which they are given."""

    async def record(self, record: Record) -> None:
        """Keep one record, durably, before returning.

        Raises:
            JournalError: it could not be written; nothing may be deleted then.

        """
        ...
