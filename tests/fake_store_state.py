"""What a fake store holds, its faults, and its pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from purge_core.errors import InputError, Problem
from purge_core.model import RepositoryName
from purge_core.records.step_records import HistoryRecord, Kept, StepRecord
from purge_core.records.store_records import MAX_PAGE, Page, RepositoryRecord, RunRecord

Item = TypeVar("Item")


@dataclass(slots=True)
class FakeRun:
    """All that is kept of one run."""

    record: RunRecord
    repositories: dict[RepositoryName, RepositoryRecord] = field(default_factory=dict)
    steps: dict[RepositoryName, list[StepRecord]] = field(default_factory=dict)
    kept: dict[RepositoryName, tuple[Kept, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class StoreFault:
    """Makes ``times`` calls of a method fail, after so many ``good`` ones; ``None`` lasts.

    With ``lost_answer`` the call takes effect all the same.
    """

    method: str
    times: int | None = 1
    lost_answer: bool = False
    good: int = 0

    def strikes(self, method: str) -> bool:
        """Whether the call meets this fault; counts it."""
        fits = self.times != 0 and self.method == method
        if fits and self.good:
            self.good -= 1
            return False
        if fits and self.times is not None:
            self.times -= 1
        return fits


def history_key(entry: HistoryRecord) -> tuple[object, ...]:
    """Return what two reports of the same event have in common."""
    return entry.registry, entry.repository, entry.kind, entry.name, entry.run, entry.step


def page_of(items: Sequence[Item], limit: int, after: str | None) -> Page[Item]:
    """Cut a page; ``next`` is the position at which the following one begins."""
    start = 0
    if after is not None:
        if not (after.isdecimal() and len(after) < 9):
            raise InputError([Problem("continuation", repr(after), "the next of an earlier page")])
        start = int(after)
    end = start + min(max(limit, 1), MAX_PAGE)
    return Page(tuple(items[start:end]), str(end) if end < len(items) else None)
