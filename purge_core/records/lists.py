"""Long lists of the store, read page by page."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from purge_core.model import RepositoryName
from purge_core.records.journal import RunId
from purge_core.records.step_records import StepRecord
from purge_core.records.store import RunStore
from purge_core.records.store_records import Page, RepositoryRecord

Item = TypeVar("Item")


async def every(page: Callable[[str | None], Awaitable[Page[Item]]]) -> AsyncIterator[Item]:
    """Give all items; ``page`` reads those behind a token."""
    after: str | None = None
    while True:
        found = await page(after)
        for item in found.items:
            yield item
        if found.next is None:
            return
        after = found.next


async def all_repositories(store: RunStore, run: RunId) -> list[RepositoryRecord]:
    """List all repositories of a run."""
    return [each async for each in every(lambda after: store.repositories(run, after=after))]


async def all_steps(store: RunStore, run: RunId, name: RepositoryName) -> list[StepRecord]:
    """List all steps of a repository, in the order of the plan."""
    return [each async for each in every(lambda after: store.steps(run, name, after=after))]
