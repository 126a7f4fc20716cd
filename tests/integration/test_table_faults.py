"""The table store when the service is slow of answer, or gives none."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from purge_core.adapters.table_store import TableStore, open_table_store
from purge_core.adapters.tables.keys import REPOSITORIES, RUNS, TABLES
from purge_core.errors import JournalError, MemoryLost
from purge_core.instants import Span
from purge_core.journal_address import ConnectionString, TableEndpoint
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import StepEnd
from purge_core.records.store_records import (
    RepositoryChange,
    RepositoryState,
    RunChange,
    RunState,
)
from tests.builders import NOW, minutes
from tests.fake_state import digest_of
from tests.integration.flaky import Fault, Flaky, flaky
from tests.stores import (
    QUICK,
    REGISTRY,
    SHOP,
    a_run,
    empty_tables,
    images,
    judged,
    later,
    planned,
    started,
)

KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq"
"""The beginning of Azurite's key, which no message may hold."""


@pytest_asyncio.fixture
async def shaky(storage: str) -> AsyncIterator[tuple[Flaky, TableStore]]:
    """Give a store behind a proxy, with nothing wrong yet."""
    empty_tables(storage)
    async with (
        flaky(storage) as (proxy, address),
        open_table_store(ConnectionString(address), QUICK) as store,
    ):
        yield proxy, store


PASSING = [[Fault.BUSY], [Fault.ERROR], [Fault.DROPPED], [Fault.BUSY, Fault.ERROR, Fault.DROPPED]]


@pytest.mark.parametrize("faults", PASSING, ids=lambda f: "-".join(each.value for each in f))
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_what_passes_is_tried_again(
    shaky: tuple[Flaky, TableStore], faults: list[Fault], method: str
) -> None:
    """A service that is asked too much for a moment is asked again, whatever the request."""
    proxy, store = shaky
    proxy.method, proxy.faults = method, list(faults)
    run = await planned(store, judged(images(3)))
    await store.open_steps(run, SHOP, [0], NOW)
    await store.close_steps(run, SHOP, [StepEnd(0, Outcome.DELETED)], NOW)
    await store.finish_repository(run, SHOP, NOW)
    assert len((await store.history(REGISTRY, SHOP)).items) == 2
    lease = await store.take_lease(REGISTRY, "a", slots=1, ttl=Span(minutes(1)), now=NOW)
    assert lease is not None
    await store.release_lease(lease)
    assert (await store.expire(later(1_000_000))).complete
    assert proxy.faults == []


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.ERROR, Fault.DROPPED, Fault.LOST])
async def test_what_does_not_pass_is_an_error(
    shaky: tuple[Flaky, TableStore], fault: Fault
) -> None:
    """After a bounded number of tries, in words that name the table and no secret."""
    proxy, store = shaky
    proxy.faults = [fault] * 100
    with pytest.raises(JournalError) as caught:
        await store.create_run(a_run())
    assert len(proxy.requests) == QUICK.tries
    assert RUNS in str(caught.value)
    assert KEY not in f"{caught.value!r} {caught.value}"


async def test_no_rights(shaky: tuple[Flaky, TableStore]) -> None:
    """403 is not tried again, and is told with the service's own code."""
    proxy, store = shaky
    proxy.faults = [Fault.DENIED] * 100
    with pytest.raises(JournalError, match="answered 403 Staged"):
        await store.create_run(a_run())
    assert len(proxy.requests) == 1
    with pytest.raises(JournalError, match="answered 403"):
        await store.get_run(a_run().id)
    with pytest.raises(JournalError, match="answered 403"):
        await store.list_runs()


async def test_a_creator_whose_answer_was_lost(shaky: tuple[Flaky, TableStore]) -> None:
    """It is told that it created the run, and the one after it that it did not."""
    proxy, store = shaky
    await store.create_run(a_run(1))
    proxy.method, proxy.faults = "POST", [Fault.LOST, Fault.LOST]
    assert await store.create_run(a_run(2))
    assert proxy.faults == []
    assert not await store.create_run(a_run(2))


async def test_a_mover_whose_answer_was_lost(shaky: tuple[Flaky, TableStore]) -> None:
    """It is told that it moved the run: nobody else will go on with it."""
    proxy, store = shaky
    run = a_run()
    await store.create_run(run)
    proxy.method, proxy.faults = "PUT", [Fault.LOST]
    change = RunChange(RunState.PLANNING, later(1))
    assert await store.move_run(run.id, {RunState.QUEUED}, change)
    assert proxy.faults == []
    found = await store.get_run(run.id)
    assert found == replace(run, state=RunState.PLANNING, updated=later(1))
    assert not await store.move_run(run.id, {RunState.QUEUED}, change)


async def test_a_lease_whose_answer_was_lost(shaky: tuple[Flaky, TableStore]) -> None:
    """The taker has it, can renew it, and can give it back."""
    proxy, store = shaky
    ttl = Span(minutes(1))
    await store.take_lease("other", "a", slots=1, ttl=ttl, now=NOW)
    proxy.method, proxy.faults = "POST", [Fault.LOST]
    lease = await store.take_lease(REGISTRY, "a", slots=1, ttl=ttl, now=NOW)
    assert lease is not None
    proxy.method, proxy.faults = "PUT", [Fault.LOST]
    longer = await store.renew_lease(lease, ttl=ttl, now=NOW)
    assert longer is not None
    await store.release_lease(longer)
    assert await store.take_lease(REGISTRY, "b", slots=1, ttl=ttl, now=NOW) is not None


async def test_a_planner_whose_answer_was_lost_and_whose_plan_is_begun(
    shaky: tuple[Flaky, TableStore],
) -> None:
    """It is told that its plan counts, and takes no step of it away."""
    proxy, store = shaky
    result, run = judged(images(3)), await started(store)
    await store.add_repositories(run, [SHOP], NOW)
    moved = []

    async def begin() -> None:
        change = RepositoryChange(RepositoryState.PURGING, later(1))
        moved.append(await store.move_repository(run, SHOP, {RepositoryState.PLANNED}, change))

    proxy.method, proxy.table, proxy.meanwhile = "PUT", REPOSITORIES, begin
    proxy.faults = [None, Fault.LOST]
    assert await store.save_plan(run, result, NOW)
    assert (proxy.faults, moved) == ([], [True])
    assert await store.load_plan(run, SHOP) == result.plan


@pytest.mark.parametrize("good", range(20))
async def test_any_answer_may_be_lost(shaky: tuple[Flaky, TableStore], good: int) -> None:
    """Whichever request it is, the plan is whole and each step ends once, as reported."""
    proxy, store = shaky
    result = judged(images(120))
    proxy.faults = [*[None] * good, Fault.LOST]
    run = await planned(store, result)
    await store.open_steps(run, SHOP, range(120), later(1))
    ends = [StepEnd(n, Outcome.DELETED) for n in range(120)]
    await store.close_steps(run, SHOP, ends, later(2))
    assert proxy.faults == []
    assert await store.load_plan(run, SHOP) == result.plan
    found = await store.repository(run, SHOP)
    assert found is not None
    assert found.attempts == 1
    steps = (await store.steps(run, SHOP)).items
    assert {(s.status, s.opened, s.closed) for s in steps} == {
        (Outcome.DELETED, later(1), later(2))
    }


async def test_a_policy_that_no_row_holds(shaky: tuple[Flaky, TableStore]) -> None:
    """It is refused before anything is sent, rather than cut."""
    _, store = shaky
    with pytest.raises(JournalError, match="too long"):
        await store.create_run(replace(a_run(), policy="x" * 500_000))
    assert await store.get_run(a_run().id) is None


async def test_nobody_listens() -> None:
    """An address where nothing is gives an error, quickly."""
    nowhere = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;"
    nowhere += "TableEndpoint=http://127.0.0.1:9/a;"
    async with open_table_store(ConnectionString(nowhere), QUICK) as store:
        with pytest.raises(JournalError, match="no answer") as caught:
            await store.create_run(a_run())
    assert "c2VjcmV0" not in f"{caught.value!r}"


async def test_without_an_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint needs an Azure identity, and says so when there is none."""
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "dev")
    endpoint = TableEndpoint("https://contoso.table.core.windows.net")
    async with open_table_store(endpoint, QUICK) as store:
        with pytest.raises(JournalError, match="no identity of Azure was found"):
            await store.create_run(a_run())


async def test_an_address_that_cannot_be_used() -> None:
    """What the client refuses is told without the address."""
    with pytest.raises(JournalError, match="address cannot be used") as caught:
        async with open_table_store(ConnectionString("AccountKey=c2VjcmV0")):
            pass
    assert "c2VjcmV0" not in f"{caught.value!r}"
    assert caught.value.__cause__ is None


async def test_tables_are_made_when_they_are_needed(
    shaky: tuple[Flaky, TableStore],
) -> None:
    """Reading makes none; several who write first at the same time do not mind each other."""
    proxy, store = shaky
    assert (await store.list_runs()).items == ()
    assert not [request for request in proxy.requests if request.startswith("POST")]
    created = await asyncio.gather(*(store.create_run(a_run(n)) for n in range(6)))
    assert all(created)
    assert len(TABLES) == len(set(TABLES)) == 6


async def test_a_memory_that_cannot_be_used_is_lost(shaky: tuple[Flaky, TableStore]) -> None:
    """Manifests that cannot be recalled or kept are an error that a run does without."""
    proxy, store = shaky
    await store.remember(REGISTRY, SHOP, {digest_of("a"): b"entry"}, (), NOW)
    proxy.faults = [Fault.DENIED] * 100
    with pytest.raises(MemoryLost, match="answered 403"):
        await anext(aiter(store.recall(REGISTRY, SHOP)))
    with pytest.raises(MemoryLost):
        await store.remember(REGISTRY, SHOP, {}, (), NOW)
