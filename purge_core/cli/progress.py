"""What a run shows while it lasts, on standard error: a bar, plain lines, or nothing."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, assert_never

from purge_core.cli import console
from purge_core.plans.steps import deletions
from purge_core.records.journal import (
    Record,
    RepositoryFinished,
    RepositoryPlanned,
    RepositoryVerified,
    RunFinished,
    RunStarted,
    StepsClosed,
    StepsOpened,
)
from purge_core.records.results import RepositoryResult, State
from purge_core.report.outcomes import refusal_sentence
from purge_core.report.text import count, printable

if TYPE_CHECKING:
    from rich.progress import Task, TaskID


class Display(Protocol):
    """Shows how far a run is."""

    def started(self, repositories: int) -> None:
        """So many repositories will be looked at."""

    def planned(self, result: RepositoryResult) -> None:
        """One of them was judged."""

    def closed(self, steps: int) -> None:
        """So many steps have ended."""

    def finished(self, result: RepositoryResult) -> None:
        """All steps of one have ended."""

    def close(self) -> None:
        """Leave the terminal as it was."""


class Silence:
    """Shows nothing."""

    def started(self, repositories: int) -> None:
        """Show nothing."""

    def planned(self, result: RepositoryResult) -> None:
        """Show nothing."""

    def closed(self, steps: int) -> None:
        """Show nothing."""

    def finished(self, result: RepositoryResult) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Show nothing."""


class Lines(Silence):
    """One plain line for whatever is worth one."""

    def __init__(self) -> None:
        self._number = 0
        self._of = 0

    def started(self, repositories: int) -> None:
        """Say how many there are."""
        self._of = repositories
        console.tell(f"looking at {count(repositories, 'repository')}")

    def planned(self, result: RepositoryResult) -> None:
        """Say what is found, unless there is nothing to do."""
        self._number += 1
        if (what := _found(result)) is not None:
            console.tell(f"[{self._number}/{self._of}] {result.repository}: {what}")

    def finished(self, result: RepositoryResult) -> None:
        """Say what became of it."""
        if result.outcomes:
            gone = sum(deletions(o.step) for o in result.outcomes if o.outcome.is_deleted)
            trouble = sum(o.outcome.is_trouble for o in result.outcomes)
            more = f", {trouble:,} in trouble" if trouble else ""
            console.tell(f"{result.repository}: {gone:,} deleted{more}")


class Bar(Silence):
    """A progress bar on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self._progress: Progress = Progress(console=Console(stderr=True), transient=True)
        self._planning: TaskID | None = None
        self._deleting: TaskID | None = None
        self._steps = 0
        self._progress.start()

    def started(self, repositories: int) -> None:
        """Begin to count repositories."""
        self._planning = self._progress.add_task("planning", total=repositories)

    def planned(self, result: RepositoryResult) -> None:
        """Count one, and the steps that it will take."""
        if result.state is State.PLANNED and result.plan is not None:
            self._steps += sum(1 for _ in result.plan.steps)
        if self._planning is not None:
            self._progress.advance(self._planning)

    def closed(self, steps: int) -> None:
        """Count steps."""
        if self._deleting is None:
            self._deleting = self._progress.add_task("deleting", total=self._steps or None)
        self._progress.advance(self._deleting, steps)

    @property
    def tasks(self) -> "list[Task]":
        """What is counted."""
        return self._progress.tasks

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()


class Watch:
    """A journal that shows what it is told.

    ``judged`` are the repositories that were planned so far; ``deleting`` is true as soon as
    something may have been deleted.
    """

    def __init__(self, display: Display) -> None:
        self.judged: list[RepositoryResult] = []
        self.deleting = False
        self.display = display

    async def record(self, record: Record) -> None:
        """Show one record."""
        match record:
            case RunStarted():
                self.display.started(record.repositories)
            case RepositoryPlanned():
                self.judged.append(record.result)
                self.display.planned(record.result)
            case StepsOpened():
                self.deleting = True
            case StepsClosed():
                self.display.closed(len(record.outcomes))
            case RepositoryFinished():
                self.display.finished(record.result)
            case RepositoryVerified():
                pass  # the report tells of it
            case RunFinished():
                self.close()
            case _:
                assert_never(record)

    def close(self) -> None:
        """Stop showing."""
        self.display.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def watch(*, quiet: bool) -> Watch:
    """Choose what fits standard error."""
    if quiet:
        return Watch(Silence())
    return Watch(Bar() if sys.stderr.isatty() else Lines())


def _found(result: RepositoryResult) -> str | None:
    """Say in a few words what planning found, or ``None`` for nothing to do."""
    match result.state:
        case State.PLANNED | State.PURGED:
            number = result.plan.deletions if result.plan is not None else 0
            return f"{number:,} to delete" if number else None
        case State.REFUSED:
            return f"refused: {'; '.join(map(refusal_sentence, result.refusals))}"
        case State.FAILED:
            return f"not read: {printable(result.error or '')}"
        case State.GONE:
            return "does not exist"
        case _:
            assert_never(result.state)
