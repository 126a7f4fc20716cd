"""Reads from the store no more than one page of a report may: see docs/reports.md, Queries.

A query of the table service answers at most 1,000 rows, and one row more tells whether there
are more: so everything here is asked for in pieces that one query holds.
"""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from purge_core.errors import PurgeError
from purge_core.model import RepositoryName
from purge_core.records.journal import RunId
from purge_core.records.step_records import Kept
from purge_core.records.store import RunStore
from purge_core.records.store_records import Page, RepositoryRecord, RunRecord

Record = TypeVar("Record")

MOST_RUNS: Final = 999
MOST_STEPS: Final = 998
MOST_HISTORY: Final = 50
_REPOSITORIES: Final = 999
_REPOSITORY_READS: Final = 5
KEPT_READS: Final = 5
MOST_REPOSITORIES: Final = _REPOSITORIES * _REPOSITORY_READS


class NoSuchRecord(PurgeError):
    """The journal has no such run, or the run no such repository."""


@dataclass(frozen=True, slots=True)
class Some(Generic[Record]):
    """The first of many. ``cut``: there are more."""

    items: tuple[Record, ...]
    cut: bool


async def known_run(store: RunStore, run: RunId) -> RunRecord:
    """Give a run.

    Raises:
        NoSuchRecord: there is none.
        JournalError: it could not be read.

    """
    found = await store.get_run(run)
    if found is None:
        raise NoSuchRecord(f"there is no run {run}")
    return found


async def some_repositories(store: RunStore, run: RunId) -> Some[RepositoryRecord]:
    """Give the repositories of a run, at most ``MOST_REPOSITORIES``."""
    found: list[RepositoryRecord] = []
    after: str | None = None
    for _ in range(_REPOSITORY_READS):
        page = await store.repositories(run, limit=_REPOSITORIES, after=after)
        found += page.items
        after = page.next
        if after is None:
            break
    return Some(tuple(found), after is not None)


async def kept_pages(
    store: RunStore, run: RunId, name: RepositoryName, most: int = KEPT_READS
) -> tuple[Page[Kept], ...]:
    """Give what stays in a repository, as far as so many rows hold it; a row holds much."""
    found = [await store.kept(run, name)]
    while len(found) < most and (after := found[-1].next) is not None:
        found.append(await store.kept(run, name, after=after))
    return tuple(found)
