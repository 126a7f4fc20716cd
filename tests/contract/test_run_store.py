"""What every store does with runs and their repositories."""

import asyncio
from dataclasses import replace

import pytest

from purge_core.errors import JournalError
from purge_core.instants import Instant
from purge_core.judgement.breaker import FarMoreThanUsual
from purge_core.judgement.guards import TooManyDeletions
from purge_core.model import RepositoryName
from purge_core.records.journal import Mode, RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.results import Exact
from purge_core.records.store import RunStore
from purge_core.records.store_records import (
    OutcomeCount,
    RepositoryChange,
    RepositoryState,
    RunChange,
    RunRecord,
    RunState,
    RunSums,
    Totals,
    Trigger,
)
from purge_core.records.told import Told
from tests.stores import REGISTRY, a_run, later, started, with_policy

HOSTILE = (
    "shop/web",
    "a/b/c/d",
    "with'quote",
    'back\\slash#and?more%2F"',
    "control\x00\x01\x1f\x7f",
    "ümläut/日本/🚢",
    "a" * 255,
    "long/" * 200,
    "long/" * 200 + "x",
    "shop|web",
    "shop~2fweb",
    "shop,web",
    " ",
)
"""Names that a key cannot hold as they are, and names that look like encoded ones."""


async def test_a_run_is_read_as_it_was_written(store: RunStore) -> None:
    """Every field comes back, the times to 100 ns."""
    run = replace(
        a_run(1),
        mode=Mode.PLAN,
        state=RunState.HELD,
        trigger=Trigger.HTTP,
        now=Instant(a_run(1).now + 1),
        finished=later(2),
        repositories=5_000_000_000,
        held=TooManyDeletions(3_000_000_000, 5_000),
        error="the catalogue could not be read",
    )
    assert await store.create_run(run)
    assert await store.get_run(run.id) == run


async def test_a_night_that_is_held_says_what_it_was_compared_with(store: RunStore) -> None:
    """The reason comes back as it was, with all its numbers."""
    run = replace(a_run(), state=RunState.HELD, held=FarMoreThanUsual(9_000, 700, 70, 30))
    assert await store.create_run(run)
    assert await store.get_run(run.id) == run


@pytest.mark.parametrize("error", [None, "the webhook answered 410"])
async def test_who_was_told_is_known(store: RunStore, error: str | None) -> None:
    """Of the end that it was about: a run that went on is told of anew."""
    told = Told(later(3), error)
    run = replace(a_run(), state=RunState.HELD)
    assert await store.create_run(run)
    assert not await store.note_told(run.id, RunState.DONE, told)
    assert await store.note_told(run.id, RunState.HELD, told)
    assert await store.get_run(run.id) == replace(run, told=told)
    assert (await store.list_runs()).items == (replace(run, told=told),)
    assert await store.move_run(run.id, {RunState.HELD}, RunChange(RunState.PURGING, later(4)))
    moved = await store.get_run(run.id)
    assert moved is not None
    assert moved.told is None
    assert not await store.note_told(RunId("unknown"), RunState.HELD, told)


@pytest.mark.parametrize("exact", [Exact(5_000_000_000, 7, 0), Exact(None, 7, 2)])
async def test_what_a_run_frees_is_noted_once(store: RunStore, exact: Exact) -> None:
    """While it is planned; it stays with the run to its end."""
    run = await started(store)
    assert not await store.note_exact(run, exact)
    await store.move_run(run, {RunState.QUEUED}, RunChange(RunState.PLANNING, later(1)))
    assert await store.note_exact(run, exact)
    assert not await store.note_exact(run, Exact(0, 0, 0))
    await store.move_run(run, {RunState.PLANNING}, RunChange(RunState.DONE, later(2)))
    found = await store.get_run(run)
    assert found is not None
    assert found.exact == exact
    assert not await store.note_exact(RunId("unknown"), exact)


async def test_a_run_is_created_once(store: RunStore) -> None:
    """Of a doubled tick only the first begins a run, and its record stays."""
    first = a_run()
    assert await store.create_run(first)
    assert not await store.create_run(replace(first, created=later(1), policy="another"))
    assert await store.get_run(first.id) == first


async def test_of_many_creators_one_wins(store: RunStore) -> None:
    """Exactly one of those that begin the same run at the same time is told so."""
    won = await asyncio.gather(*(store.create_run(a_run()) for _ in range(8)))
    assert sorted(won) == [False] * 7 + [True]


async def test_an_unknown_run(store: RunStore) -> None:
    """There is no such run, and it cannot be moved."""
    nobody = RunId("20261121T010000.000Z-none")
    assert await store.get_run(nobody) is None
    assert not await store.move_run(nobody, {RunState.QUEUED}, RunChange(RunState.DONE, later(1)))


@pytest.mark.parametrize("length", [32_000, 32_001, 70_000])
@pytest.mark.parametrize("character", ["x", "ü", "🚢", '"'])
async def test_a_long_policy_is_kept_whole(store: RunStore, length: int, character: str) -> None:
    """Text that no single property holds comes back as it was."""
    run = with_policy(a_run(), character * length)
    await started(store, run)
    assert await store.get_run(run.id) == run


async def test_a_run_moves_from_where_it_is(store: RunStore) -> None:
    """A change is made from the states named, with what it says, and no other."""
    run = await started(store)
    held = RunChange(RunState.HELD, later(1), repositories=3, held=TooManyDeletions(10, 5))
    assert not await store.move_run(run, {RunState.PLANNING}, held)
    assert await store.move_run(run, {RunState.PLANNING, RunState.QUEUED}, held)
    assert await store.get_run(run) == replace(
        a_run(),
        state=RunState.HELD,
        updated=later(1),
        repositories=3,
        held=TooManyDeletions(10, 5),
    )


async def test_a_final_state_is_the_end(store: RunStore) -> None:
    """The time of the end is noted, and what was known of the run stays."""
    run = await started(store)
    await store.move_run(
        run, {RunState.QUEUED}, RunChange(RunState.PURGING, later(1), repositories=3)
    )
    await store.move_run(run, {RunState.PURGING}, RunChange(RunState.FAILED, later(2), error="no"))
    found = await store.get_run(run)
    assert found is not None
    assert (found.finished, found.repositories, found.error) == (later(2), 3, "no")


SUMS = RunSums(
    repositories=3,
    refused=1,
    failed=0,
    gone=1,
    troubled=1,
    totals=Totals(tags=9, manifests=8, steps=4, bytes_to_delete=5 * 10**9, bytes_held=9 * 10**9),
    outcomes=(OutcomeCount(Outcome.DELETED, 4, 4, 4, 5 * 10**9),),
    exact_bytes=4 * 10**9,
)


async def test_a_run_keeps_what_it_came_to(store: RunStore) -> None:
    """The sums come back as they were; a later end without any leaves them, one with some not."""
    run = await started(store)
    ended = RunChange(RunState.PLANNED, later(1), sums=SUMS)
    await store.move_run(run, {RunState.QUEUED}, ended)
    await store.move_run(run, {RunState.PLANNED}, RunChange(RunState.PURGING, later(2)))
    found = await store.get_run(run)
    assert found is not None
    assert found.sums == SUMS
    other = replace(SUMS, totals=Totals(), outcomes=(), exact_bytes=None)
    await store.move_run(run, {RunState.PURGING}, RunChange(RunState.DONE, later(3), sums=other))
    assert (await store.list_runs(REGISTRY)).items[0].sums == other


async def test_of_many_movers_one_wins(store: RunStore) -> None:
    """Exactly one of those that move a run at the same time is told so."""
    run = await started(store)
    changes = [RunChange(RunState.PLANNING, later(n), repositories=n) for n in range(8)]
    won = await asyncio.gather(*(store.move_run(run, {RunState.QUEUED}, c) for c in changes))
    found = await store.get_run(run)
    assert found is not None
    assert [n for n, moved in enumerate(won) if moved] == [found.repositories]


async def some_runs(store: RunStore) -> list[RunRecord]:
    """Begin runs of three registries, oldest first."""
    registries = (REGISTRY, "127.0.0.1:5000", REGISTRY, "other", REGISTRY)
    runs = [a_run(n * 1000.5, registry=name) for n, name in enumerate(registries)]
    for run in (runs[2], runs[0], runs[4], runs[1], runs[3]):
        await started(store, run)
    return runs


async def test_runs_are_listed_newest_first(store: RunStore) -> None:
    """Those of one registry, and those of all."""
    runs = await some_runs(store)
    mine = [run for run in runs if run.registry == REGISTRY]
    assert (await store.list_runs(REGISTRY)).items == tuple(reversed(mine))
    assert (await store.list_runs()).items == tuple(reversed(runs))
    assert list(await store.registries()) == ["127.0.0.1:5000", REGISTRY, "other"]
    assert (await store.list_runs("nobody")).items == ()


@pytest.mark.parametrize("registry", [REGISTRY, None])
async def test_runs_are_listed_in_pages(store: RunStore, registry: str | None) -> None:
    """Pages join without a gap, and the last one says so."""
    await some_runs(store)
    whole = (await store.list_runs(registry)).items
    found: list[RunRecord] = []
    page = await store.list_runs(registry, limit=2)
    while True:
        assert len(page.items) <= 2
        found += page.items
        if page.next is None:
            break
        page = await store.list_runs(registry, limit=2, after=page.next)
    assert tuple(found) == whole


async def test_repositories_are_added_once(store: RunStore) -> None:
    """Adding again, also others, leaves what is there as it is."""
    run = await started(store)
    names = [RepositoryName(name) for name in ("b", "a/x")]
    await store.add_repositories(run, names, later(1))
    done = RepositoryChange(RepositoryState.FAILED, later(2), error="unreadable")
    assert await store.move_repository(run, names[0], {RepositoryState.QUEUED}, done)
    await store.add_repositories(run, [*names, RepositoryName("c"), names[0]], later(3))
    found = {r.repository: r for r in (await store.repositories(run)).items}
    assert found.keys() == {"a/x", "b", "c"}
    assert (found[names[0]].state, found[names[0]].error) == (RepositoryState.FAILED, "unreadable")
    assert [found[RepositoryName(n)].updated for n in "bc"] == [later(2), later(3)]


async def test_no_repository_to_add(store: RunStore) -> None:
    """An empty list is no request that the service would refuse."""
    run = await started(store)
    await store.add_repositories(run, [], later(1))
    assert (await store.repositories(run)).items == ()


@pytest.mark.parametrize("count", [100, 101, 250])
async def test_many_repositories_are_paged(store: RunStore, count: int) -> None:
    """More than one transaction takes, each once, over pages of any size."""
    run = await started(store)
    names = {RepositoryName(f"team/r{n:04}") for n in range(count)}
    await store.add_repositories(run, names, later(1))
    found: list[str] = []
    after: str | None = None
    while True:
        page = await store.repositories(run, limit=64, after=after)
        found += [record.repository for record in page.items]
        after = page.next
        if after is None:
            break
    assert len(found) == count
    assert set(found) == names


async def test_hostile_names(store: RunStore) -> None:
    """Names of any form are told apart and come back as they were."""
    run = await started(store)
    names = [RepositoryName(name) for name in HOSTILE]
    await store.add_repositories(run, names, later(1))
    assert {r.repository for r in (await store.repositories(run)).items} == set(HOSTILE)
    for name in names:
        found = await store.repository(run, name)
        assert found is not None
        assert found.repository == name


async def test_repositories_of_two_runs(store: RunStore) -> None:
    """A run knows its own repositories only."""
    first = await started(store, a_run(1))
    second = await started(store, a_run(2))
    name = RepositoryName("shop")
    await store.add_repositories(first, [name], later(1))
    assert await store.repository(second, name) is None
    assert (await store.repositories(second)).items == ()


async def test_of_many_movers_of_a_repository_one_wins(store: RunStore) -> None:
    """Exactly one of those that move a repository at the same time is told so."""
    run = await started(store)
    name = RepositoryName("shop")
    await store.add_repositories(run, [name], later(1))
    source = {RepositoryState.QUEUED}
    changes = [RepositoryChange(RepositoryState.FAILED, later(n), error=str(n)) for n in range(8)]
    won = await asyncio.gather(*(store.move_repository(run, name, source, c) for c in changes))
    found = await store.repository(run, name)
    assert found is not None
    assert [str(n) for n, moved in enumerate(won) if moved] == [found.error]


async def test_what_is_not_there_cannot_be_finished(store: RunStore) -> None:
    """A repository that nobody knows is an error, not a success."""
    run = await started(store)
    with pytest.raises(JournalError, match="shop"):
        await store.finish_repository(run, RepositoryName("shop"), later(1))
    with pytest.raises(JournalError):
        await store.finish_repository(RunId("nobody"), RepositoryName("shop"), later(1))
