"""Words for tests of stores: runs, judged repositories, and the stores to try them on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from azure.data.tables import TableServiceClient

from purge_core.adapters.table_store import open_table_store
from purge_core.adapters.tables.calls import Patience
from purge_core.instants import Instant
from purge_core.journal_address import ConnectionString
from purge_core.judgement.evaluate import evaluate
from purge_core.model import RepositoryName, RepositorySnapshot
from purge_core.plans.planner import make_plan
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import Limits, Policy, Protection, Rule, Selector, Untagged
from purge_core.records.journal import Mode, RunId
from purge_core.records.results import RepositoryResult, State
from purge_core.records.run_ids import make_run_id
from purge_core.records.store import RunStore
from purge_core.records.store_records import RunRecord, RunState, Trigger
from tests.builders import NOW, Made, days, image, minutes, repository

QUICK = Patience(tries=4, first_wait=0.001, longest_wait=0.002)
"""Tries again at once: what is tested is that it does, not for how long."""

REGISTRY = "contoso.azurecr.io"
SHOP = RepositoryName("shop/web")

ANY = Selector(compile_pattern(".*"), compile_pattern(".*"))
POLICY = Policy(
    rules=(Rule("old ones", (ANY,), days(7)),),
    untagged=Untagged(days(7)),
    protect=(Protection("stable", Selector(compile_pattern(".*"), compile_pattern("stable"))),),
    limits=Limits(),
)
"""Takes whatever is older than a week and not called stable."""


def later(count: float) -> Instant:
    """Return the instant so many minutes after ``NOW``."""
    return Instant(NOW + minutes(count))


def a_run(number: float = 0, *, registry: str = REGISTRY, salt: str = "") -> RunRecord:
    """Return a queued run that was created so many minutes after ``NOW``."""
    at = later(number)
    return RunRecord(
        id=make_run_id(at, registry, salt),
        registry=registry,
        mode=Mode.PURGE,
        state=RunState.QUEUED,
        policy="acr purge --filter '.*:.*' --ago 7d",
        policy_name="default",
        now=at,
        trigger=Trigger.TIMER,
        created=at,
        updated=at,
    )


def judged(snapshot: RepositorySnapshot, policy: Policy = POLICY) -> RepositoryResult:
    """Judge and plan a repository as a run does."""
    decisions = evaluate(snapshot, policy, NOW)
    plan = make_plan(snapshot, policy, decisions)
    return RepositoryResult(snapshot.name, State.PLANNED, snapshot, decisions, plan)


def images(count: int, *, name: str = SHOP) -> RepositorySnapshot:
    """Return a repository of so many old images, each with a tag, and one that stays."""
    old = [image(f"i{n}", tags=[f"v{n}"], size=10**9 + n) for n in range(count)]
    return repository(name, *old, kept_image())


def kept_image() -> Made:
    """Return an image that is protected and young."""
    return image("kept", tags=["stable", "v-new"], age=days(1))


def failed(name: str, why: str) -> RepositoryResult:
    """Return a repository that could not be read."""
    return RepositoryResult(RepositoryName(name), State.FAILED, error=why)


async def started(store: RunStore, run: RunRecord | None = None) -> RunId:
    """Begin a run and return its id."""
    record = run or a_run()
    assert await store.create_run(record)
    return record.id


async def planned(store: RunStore, result: RepositoryResult, run: RunId | None = None) -> RunId:
    """Keep a plan, of a run of its own unless one is given, and return the run's id."""
    of = run or await started(store)
    assert await store.save_plan(of, result, NOW)
    return of


def empty_tables(connection_string: str) -> None:
    """Delete every table: Azurite is shared by the tests of a process."""
    with TableServiceClient.from_connection_string(connection_string) as service:
        for table in service.list_tables():
            service.delete_table(table.name)


@asynccontextmanager
async def table_store(connection_string: str) -> AsyncIterator[RunStore]:
    """Open the adapter on a running Azurite."""
    async with open_table_store(ConnectionString(connection_string), QUICK) as store:
        yield store


def with_policy(run: RunRecord, policy: str) -> RunRecord:
    """Return the run with another text of its policy."""
    return replace(run, policy=policy)
