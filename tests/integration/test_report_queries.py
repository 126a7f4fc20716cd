"""How often a page of a report asks the journal: bounded, whatever the journal holds.

The numbers are those of docs/reports.md, Queries.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from purge_core.adapters.table_store import open_table_store
from purge_core.explaining import Subject
from purge_core.instants import TICKS_PER_SECOND
from purge_core.journal_address import ConnectionString
from purge_core.model import RepositoryName, TagName
from purge_core.records.overviews import RepositoryFilter
from purge_core.records.store import RunStore
from purge_core.records.store_records import Trigger
from purge_core.reviewing.images import Asked, image_report
from purge_core.reviewing.registries import Sight, registry_overview
from purge_core.reviewing.repositories import repository_report
from purge_core.reviewing.runs import run_report
from tests.builders import NOW
from tests.fake_store import FakeStore
from tests.integration.flaky import Flaky, flaky
from tests.nights import AT_ONE, a_night, a_repository, a_step, note, stays
from tests.stores import QUICK, REGISTRY, SHOP, empty_tables, images, judged

DOC = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
RUN = a_night(0)
MANY = [RepositoryName(f"team/r{number:04}") for number in range(1_200)]

Page = Callable[[RunStore], Awaitable[object]]


async def overview(store: RunStore) -> object:
    """Look at one registry."""
    return await registry_overview(store, REGISTRY, Sight(NOW, AT_ONE, 365))


async def run(store: RunStore) -> object:
    """Look at a run."""
    return await run_report(store, RUN.id, RepositoryFilter(), NOW)


async def repository(store: RunStore) -> object:
    """Look at the first page of a repository."""
    return await repository_report(store, RUN.id, SHOP, NOW)


async def further(store: RunStore) -> object:
    """Look at another page of a repository."""
    return await repository_report(store, RUN.id, SHOP, NOW, "steps,998")


async def image(store: RunStore) -> object:
    """Look at an image that the registry told of."""
    return await image_report(store, REGISTRY, Subject(SHOP, TagName("none")), Asked(), NOW)


PAGES: dict[str, Page] = {
    "the registries, each": overview,
    "a run": run,
    "a repository in a run": repository,
    "a repository, further on": further,
    "an image": image,
}


def allowed(name: str) -> int:
    """Return the most queries of a page, as the document states them."""
    found = re.search(rf"^\| {re.escape(name)} \| (\d+) \|", DOC, re.MULTILINE)
    assert found is not None, f"docs/reports.md does not say how many queries {name} takes"
    return int(found[1])


def full_store(repositories: int, steps: int) -> FakeStore:
    """Return a year of nights; the last has so many repositories, of so many steps each."""
    store = FakeStore()
    for number in range(1, 365):
        note(store, a_night(number), a_repository("a", deleted=number))
    names = [SHOP, *MANY][:repositories]
    records = [a_repository(name, deleted=steps) for name in names]
    note(store, RUN, *records)
    kept = store.runs[RUN.id]
    for name in names:
        kept.steps[name] = [a_step(number) for number in range(steps)]
        kept.kept[name] = stays(f"k{number}" for number in range(steps))
    return store


@pytest.mark.parametrize("name", PAGES)
async def test_fifty_thousand_steps(name: str) -> None:
    """No page asks more often than of a journal with ten."""
    counts = []
    for repositories, steps in ((1, 10), (500, 100), (5, 10_000)):
        store = full_store(repositories, steps)
        await PAGES[name](store)
        counts.append(len(store.calls))
    assert max(counts) <= allowed(name)
    assert counts[1] <= counts[0]


async def fill(store: RunStore) -> None:
    """Write more of everything than one query answers."""
    for number in range(20):
        early = a_night(1, trigger=Trigger.HTTP, late=number * TICKS_PER_SECOND)
        await store.create_run(early)
    await store.create_run(RUN)
    await store.add_repositories(RUN.id, MANY, NOW)
    await store.save_plan(RUN.id, judged(images(2_500)), NOW)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def counted(storage: str) -> AsyncIterator[tuple[Flaky, str]]:
    """Give a full journal on Azurite, behind a proxy that counts."""
    empty_tables(storage)
    async with flaky(storage) as (proxy, address):
        async with open_table_store(ConnectionString(storage), QUICK) as store:
            await fill(store)
        yield proxy, address
    empty_tables(storage)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", PAGES)
async def test_queries_of_the_tables(name: str, counted: tuple[Flaky, str]) -> None:
    """Requests to the service are counted, those of every page of an answer."""
    proxy, address = counted
    async with open_table_store(ConnectionString(address), QUICK) as store:
        proxy.requests.clear()
        await PAGES[name](store)
    assert 0 < len(proxy.requests) <= allowed(name)
