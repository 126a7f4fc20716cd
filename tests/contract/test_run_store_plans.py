"""What every store does with plans, steps and verdicts."""

import asyncio
from dataclasses import replace

import pytest

from purge_core.errors import InputError, JournalError
from purge_core.judgement.decision import Delete, Keep
from purge_core.judgement.guards import WouldBeEmpty
from purge_core.model import RepositoryName, RepositorySnapshot
from purge_core.plans.document import RepositoryPlan
from purge_core.records.journal import RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.results import RepositoryResult, State
from purge_core.records.step_records import KeptManifest, KeptTag, Pending, StepEnd, StepRecord
from purge_core.records.store import RunStore
from purge_core.records.store_records import (
    OutcomeCount,
    RepositoryChange,
    RepositoryState,
    Totals,
)
from tests.builders import (
    LOCKED,
    NOW,
    OLD,
    days,
    image,
    index,
    referrer,
    repository,
    signature,
    tag,
)
from tests.stores import SHOP, a_run, failed, images, judged, kept_image, later, planned, started


def mixed() -> RepositorySnapshot:
    """Return a repository with every kind of step, several stages, and much that stays."""
    amd64, arm64 = image("amd64"), image("arm64", platform="linux/arm64")
    signed = image("signed", tags=["signed"])
    return repository(
        SHOP,
        index("multi", amd64, arm64, tags=["v1", "v1.0"]),
        signed,
        signature(signed),
        referrer(image("subject", tags=["s"]), "sbom"),
        image("half", tags=["old", tag("young", age=days(1))]),
        image("locked", tags=["l"], lock=LOCKED),
        image("locked tag", tags=[tag("t", lock=LOCKED)]),
        kept_image(),
    )


def kept_for(result: RepositoryResult) -> dict[str, tuple[int, int]]:
    """Count the tags and manifests that stay, by the code of each of their reasons."""
    assert result.decisions is not None
    found: dict[str, list[int]] = {}
    judged = result.decisions.tags.values(), result.decisions.manifests.values()
    for place, verdicts in enumerate(judged):
        for verdict in verdicts:
            for code in {r.code for r in verdict.reasons} if isinstance(verdict, Keep) else ():
                found.setdefault(code, [0, 0])[place] += 1
    return {code: (tags, manifests) for code, (tags, manifests) in found.items()}


async def all_steps(store: RunStore, run: RunId, *, limit: int = 1000) -> list[StepRecord]:
    """Read all steps, in pages of so many."""
    found: list[StepRecord] = []
    after: str | None = None
    while True:
        page = await store.steps(run, SHOP, limit=limit, after=after)
        assert len(page.items) <= limit
        found += page.items
        after = page.next
        if after is None:
            return found


def statuses(steps: list[StepRecord]) -> list[str]:
    """Return where the steps stand."""
    return [step.status.value for step in steps]


async def test_a_plan_is_read_as_it_was_made(store: RunStore) -> None:
    """All of it, so that its seal is whole."""
    result = judged(mixed())
    run = await planned(store, result)
    found = await store.load_plan(run, SHOP)
    assert found == result.plan
    assert found is not None
    found.require_seal()


async def test_a_planned_repository(store: RunStore) -> None:
    """Its record counts what it held, what goes and why what stays, and carries the seal."""
    result = judged(mixed())
    run = await planned(store, result)
    found = await store.repository(run, SHOP)
    assert found is not None
    assert found.state is RepositoryState.PLANNED
    steps = await all_steps(store, run)
    assert found.totals == Totals(
        tags=11,
        manifests=11,
        tags_to_delete=sum(len(step.tags) for step in steps),
        manifests_to_delete=sum(step.manifest is not None for step in steps),
        steps=len(steps),
        bytes_to_delete=sum(step.bytes for step in steps),
        bytes_held=8 * 1_000 + 500 + 100 + 200,  # images, the index itself, signature, referrer
    )
    assert found.kept is not None
    assert {each.reason: (each.tags, each.manifests) for each in found.kept} == kept_for(result)
    assert found.attempts == 1
    assert found.seal is not None
    assert found.seal.lists_manifests


async def test_sizes_above_32_bits(store: RunStore) -> None:
    """Bytes are counted exactly, whatever their number."""
    run = await planned(store, judged(images(5)))
    found = await store.repository(run, SHOP)
    assert found is not None
    assert found.totals.bytes_to_delete == 5 * 10**9 + 10


async def test_steps_tell_why(store: RunStore) -> None:
    """Every item that goes is there with its reasons, as it was judged."""
    result = judged(mixed())
    run = await planned(store, result)
    steps = await all_steps(store, run)
    assert [step.index for step in steps] == list(range(len(steps)))
    assert result.plan is not None
    assert result.decisions is not None
    assert result.snapshot is not None
    assert [step.step for step in steps] == list(result.plan.steps)
    whole = RepositoryPlan.of(result.plan, result.snapshot, result.decisions)
    assert {tag for step in steps for tag in step.tags} == set(whole.tags)
    assert {step.manifest for step in steps} - {None} == set(whole.manifests)
    assert statuses(steps) == ["planned"] * len(steps)


async def test_what_stays_tells_why(store: RunStore) -> None:
    """Every item that stays is there with its reasons: tags, then manifests, sorted."""
    result = judged(mixed())
    assert result.decisions is not None
    run = await planned(store, result)
    kept = (await store.kept(run, SHOP)).items
    tags = {name: v.reasons for name, v in result.decisions.tags.items() if isinstance(v, Keep)}
    manifests = {d: v.reasons for d, v in result.decisions.manifests.items() if isinstance(v, Keep)}
    assert result.snapshot is not None
    updated = {tag.name: tag.updated for tag in result.snapshot.tags}
    assert kept == (
        *(KeptTag(name, tags[name], updated[name]) for name in sorted(tags)),
        *(KeptManifest(digest, manifests[digest]) for digest in sorted(manifests)),
    )


@pytest.mark.parametrize(
    ("count", "limit"), [(0, 1000), (1, 1), (99, 64), (100, 100), (101, 1000), (250, 64)]
)
async def test_plans_of_any_size(store: RunStore, count: int, limit: int) -> None:
    """No transaction is too large or empty, and no page loses a step."""
    result = judged(images(count))
    run = await planned(store, result)
    steps = await all_steps(store, run, limit=limit)
    assert [step.index for step in steps] == list(range(count))
    found = await store.load_plan(run, SHOP)
    assert found == result.plan
    await store.open_steps(run, SHOP, range(count), later(1))
    ends = [StepEnd(n, Outcome.DELETED) for n in range(count)]
    await store.close_steps(run, SHOP, ends, later(2))
    assert statuses(await all_steps(store, run)) == ["deleted"] * count
    record = await store.finish_repository(run, SHOP, later(3))
    size = sum(10**9 + n for n in range(count))
    expected = [OutcomeCount(Outcome.DELETED, count, count, count, size)] if count else []
    assert list(record.outcomes) == expected


async def test_a_manifest_with_very_many_tags(store: RunStore) -> None:
    """What one row cannot hold is whole all the same."""
    many = image("nightly", tags=[f"nightly-{n:05}-{'x' * 100}" for n in range(1500)])
    result = judged(repository(SHOP, many, kept_image()))
    run = await planned(store, result)
    assert await store.load_plan(run, SHOP) == result.plan
    await store.open_steps(run, SHOP, [0], later(1))
    await store.close_steps(run, SHOP, [StepEnd(0, Outcome.DELETED)], later(2))
    (step,) = await all_steps(store, run)
    assert len(step.tags) == 1500
    record = await store.finish_repository(run, SHOP, later(3))
    assert record.outcomes[0].tags == 1500


async def test_very_much_stays(store: RunStore) -> None:
    """Verdicts of any number come back, over pages."""
    tags = [tag(f"tag-{n:05}", age=days(1)) for n in range(3000)]
    one = image("one", tags=[f"t-{n:05}-{'y' * 110}" for n in range(3500)], age=days(2))
    result = judged(repository(SHOP, image("i", tags=tags), one))
    run = await planned(store, result)
    found: list[object] = []
    after: str | None = None
    while True:
        page = await store.kept(run, SHOP, after=after)
        found += page.items
        after = page.next
        if after is None:
            break
    assert len(found) == 6502
    assert len(set(found)) == 6502


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (failed(SHOP, "503"), RepositoryState.FAILED),
        (RepositoryResult(SHOP, State.GONE), RepositoryState.GONE),
        (
            replace(
                judged(images(3)),
                state=State.REFUSED,
                refusals=(WouldBeEmpty(SHOP, ("old ones", "x" * 40_000)),),
            ),
            RepositoryState.REFUSED,
        ),
    ],
    ids=["failed", "gone", "refused"],
)
async def test_a_repository_without_a_purge(
    store: RunStore, result: RepositoryResult, state: RepositoryState
) -> None:
    """What cannot be planned, or must not be carried out, is kept with its why."""
    run = await planned(store, result)
    found = await store.repository(run, SHOP)
    assert found is not None
    assert (found.state, found.error, found.refusals) == (state, result.error, result.refusals)
    assert await store.load_plan(run, SHOP) == result.plan
    done = await store.finish_repository(run, SHOP, later(1))
    assert done.state is state


async def test_a_plan_without_verdicts(store: RunStore) -> None:
    """A plan from a file has no snapshot; its steps are kept as they are."""
    result = replace(judged(images(2)), snapshot=None, decisions=None)
    run = await planned(store, result)
    assert await store.load_plan(run, SHOP) == result.plan
    steps = await all_steps(store, run)
    assert {tag.name for step in steps for tag in step.tags} == {"v0", "v1"}
    assert {step.manifest.reasons for step in steps if step.manifest} == {()}


async def test_nothing_is_planned_yet(store: RunStore) -> None:
    """Without a plan there are no steps, and none can be opened."""
    run = await started(store)
    await store.add_repositories(run, [SHOP], later(1))
    assert await store.load_plan(run, SHOP) is None
    assert await all_steps(store, run) == []
    assert (await store.kept(run, SHOP)).items == ()
    with pytest.raises(JournalError):
        await store.open_steps(run, SHOP, [0], later(1))


async def test_a_plan_is_kept_once(store: RunStore) -> None:
    """A second judgement, after the first was kept, changes nothing."""
    first, second = judged(images(3)), judged(images(5))
    run = await planned(store, first)
    await store.open_steps(run, SHOP, [0], later(1))
    assert not await store.save_plan(run, second, later(2))
    assert await store.load_plan(run, SHOP) == first.plan
    assert statuses(await all_steps(store, run)) == ["deleting", "planned", "planned"]


async def test_a_plan_of_a_queued_repository(store: RunStore) -> None:
    """It is kept for a repository that was noted before."""
    run = await started(store)
    await store.add_repositories(run, [SHOP], later(1))
    await planned(store, judged(images(3)), run)
    assert len((await store.repositories(run)).items) == 1


async def test_of_many_plans_one_is_kept(store: RunStore) -> None:
    """When deliveries of one message cross, one plan counts, whole and alone."""
    run = await started(store)
    results = [judged(images(n)) for n in (120, 3, 250, 60)]
    won = await asyncio.gather(*(store.save_plan(run, result, NOW) for result in results))
    assert sorted(won) == [False, False, False, True]
    winner = results[won.index(True)]
    found = await store.load_plan(run, SHOP)
    assert found == winner.plan
    assert winner.plan is not None
    assert len(await all_steps(store, run)) == len(list(winner.plan.steps))


async def test_a_failed_repository_is_not_planned_again(store: RunStore) -> None:
    """What was given up on stays so."""
    run = await started(store)
    await store.add_repositories(run, [SHOP], later(1))
    change = RepositoryChange(RepositoryState.FAILED, later(2), error="poison")
    assert await store.move_repository(run, SHOP, {RepositoryState.QUEUED}, change)
    assert not await store.save_plan(run, judged(images(3)), later(3))
    found = await store.repository(run, SHOP)
    assert found is not None
    assert (found.state, found.error) == (RepositoryState.FAILED, "poison")


async def test_moving_keeps_the_plan(store: RunStore) -> None:
    """A repository that is being purged has its plan still."""
    result = judged(images(3))
    run = await planned(store, result)
    change = RepositoryChange(RepositoryState.PURGING, later(1))
    assert await store.move_repository(run, SHOP, {RepositoryState.PLANNED}, change)
    assert await store.load_plan(run, SHOP) == result.plan
    done = await store.finish_repository(run, SHOP, later(2))
    assert done.state is RepositoryState.DONE
    assert await store.repository(run, SHOP) == done
    assert await store.load_plan(run, SHOP) == result.plan


async def test_steps_are_written_ahead(store: RunStore) -> None:
    """Opened before, closed after, each with its time, and only those named."""
    run = await planned(store, judged(images(4)))
    await store.open_steps(run, SHOP, [1, 3], later(1))
    steps = await all_steps(store, run)
    assert statuses(steps) == ["planned", "deleting", "planned", "deleting"]
    assert [step.opened for step in steps] == [None, later(1), None, later(1)]
    ends = [StepEnd(3, Outcome.FAILED, "503"), StepEnd(0, Outcome.SKIPPED_CHANGED, "moved")]
    await store.close_steps(run, SHOP, ends, later(2))
    steps = await all_steps(store, run)
    assert statuses(steps) == ["skipped: changed", "deleting", "planned", "failed"]
    assert [step.closed for step in steps] == [later(2), None, None, later(2)]
    assert [step.detail for step in steps] == ["moved", "", "", "503"]


async def test_opening_twice(store: RunStore) -> None:
    """An open step stays open, with the time of the first opening."""
    run = await planned(store, judged(images(2)))
    await store.open_steps(run, SHOP, [0], later(1))
    await store.open_steps(run, SHOP, [0, 1], later(2))
    assert [step.opened for step in await all_steps(store, run)] == [later(1), later(2)]


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.NOT_REACHED])
async def test_what_has_ended_is_not_opened_again(store: RunStore, outcome: Outcome) -> None:
    """A step that was carried out, or found not to be needed, is not carried out again."""
    run = await planned(store, judged(images(2)))
    await store.close_steps(run, SHOP, [StepEnd(1, outcome)], later(1))
    with pytest.raises(JournalError, match="ended"):
        await store.open_steps(run, SHOP, [0, 1], later(2))
    assert statuses(await all_steps(store, run)) == ["planned", outcome.value]


async def test_what_was_not_reached_is_opened_again(store: RunStore) -> None:
    """A continuation goes on where the time was over."""
    run = await planned(store, judged(images(1)))
    await store.close_steps(run, SHOP, [StepEnd(0, Outcome.NOT_REACHED, "time")], later(1))
    await store.open_steps(run, SHOP, [0], later(2))
    (step,) = await all_steps(store, run)
    assert (step.status, step.detail, step.opened, step.closed) == (
        Pending.DELETING,
        "",
        later(2),
        None,
    )
    await store.close_steps(run, SHOP, [StepEnd(0, Outcome.DELETED)], later(3))
    (step,) = await all_steps(store, run)
    assert (step.status, step.closed) == (Outcome.DELETED, later(3))


@pytest.mark.parametrize(
    ("first", "second", "stays"),
    [
        (Outcome.DELETED, Outcome.ALREADY_GONE, Outcome.DELETED),
        (Outcome.ALREADY_GONE, Outcome.DELETED, Outcome.DELETED),
        (Outcome.ALREADY_GONE, Outcome.CASCADED, Outcome.CASCADED),
        (Outcome.ALREADY_GONE, Outcome.FAILED, Outcome.ALREADY_GONE),
        (Outcome.FAILED, Outcome.DELETED, Outcome.FAILED),
        (Outcome.DELETED, Outcome.FAILED, Outcome.DELETED),
        (Outcome.NOT_REACHED, Outcome.SKIPPED_CHANGED, Outcome.SKIPPED_CHANGED),
        (Outcome.LOCKED, Outcome.NOT_REACHED, Outcome.LOCKED),
    ],
)
async def test_a_step_ends_once(
    store: RunStore, first: Outcome, second: Outcome, stays: Outcome
) -> None:
    """Of two reports of an end the first stands, unless the second knows more."""
    run = await planned(store, judged(images(1)))
    await store.close_steps(run, SHOP, [StepEnd(0, first, "one")], later(1))
    await store.close_steps(run, SHOP, [StepEnd(0, second, "two")], later(2))
    (step,) = await all_steps(store, run)
    assert step.status is stays
    assert (step.detail, step.closed) == (
        ("one", later(1)) if stays is first else ("two", later(2))
    )


async def test_steps_that_are_not_there(store: RunStore) -> None:
    """A step outside the plan is an error."""
    run = await planned(store, judged(images(2)))
    with pytest.raises(JournalError):
        await store.open_steps(run, SHOP, [0, 2], later(1))
    with pytest.raises(JournalError):
        await store.close_steps(run, SHOP, [StepEnd(7, Outcome.DELETED)], later(1))


async def test_steps_far_apart(store: RunStore) -> None:
    """Batches need not be of neighbours."""
    run = await planned(store, judged(images(1203)))
    await store.open_steps(run, SHOP, [1202, 0, 700], later(1))
    steps = await all_steps(store, run)
    assert [s.index for s in steps if s.status is Pending.DELETING] == [0, 700, 1202]


async def test_batches_side_by_side(store: RunStore) -> None:
    """Batches of one repository are opened and closed at the same time."""
    run = await planned(store, judged(images(90)))
    batches = [range(start, start + 30) for start in (0, 30, 60)]
    await asyncio.gather(*(store.open_steps(run, SHOP, batch, later(1)) for batch in batches))
    ends = [[StepEnd(n, Outcome.DELETED) for n in batch] for batch in batches]
    await asyncio.gather(*(store.close_steps(run, SHOP, each, later(2)) for each in ends))
    assert statuses(await all_steps(store, run)) == ["deleted"] * 90


async def test_two_workers_on_one_batch(store: RunStore) -> None:
    """Reports that cross leave one end for each step."""
    run = await planned(store, judged(images(40)))
    await asyncio.gather(*(store.open_steps(run, SHOP, range(40), later(n)) for n in range(4)))
    outcomes = (Outcome.ALREADY_GONE, Outcome.DELETED, Outcome.ALREADY_GONE)
    await asyncio.gather(
        *(
            store.close_steps(run, SHOP, [StepEnd(n, outcome) for n in range(40)], later(9))
            for outcome in outcomes
        )
    )
    assert statuses(await all_steps(store, run)) == ["deleted"] * 40


async def test_nothing_to_open(store: RunStore) -> None:
    """An empty batch is no request."""
    run = await planned(store, judged(images(1)))
    await store.open_steps(run, SHOP, [], later(1))
    await store.close_steps(run, SHOP, [], later(1))
    assert statuses(await all_steps(store, run)) == ["planned"]


async def test_plans_of_two_repositories_and_runs(store: RunStore) -> None:
    """Each has its own steps."""
    other = RepositoryName("shop/web2")
    run = await planned(store, judged(images(2)))
    await planned(store, judged(images(3, name=other)), run)
    later_run = await planned(store, judged(images(4)), await started(store, a_run(5)))
    assert len(await all_steps(store, run)) == 2
    assert len(await all_steps(store, later_run)) == 4
    assert len((await store.steps(run, other)).items) == 3


async def test_a_token_that_nobody_gave(store: RunStore) -> None:
    """Whatever callers send as continuation, only a real one is used."""
    run = await planned(store, judged(images(2)))
    for token in ("x", "-1", "1' or 'a' eq 'a", "9" * 40, ""):
        with pytest.raises(InputError):
            await store.steps(run, SHOP, after=token)
        with pytest.raises(InputError):
            await store.kept(run, SHOP, after=token)


def test_the_repository_is_worth_its_name() -> None:
    """The mixed repository has every kind of step and of verdict."""
    result = judged(mixed())
    assert result.plan is not None
    assert result.decisions is not None
    assert {step.code for step in result.plan.steps} == {"tag", "manifest", "cascade"}
    assert len(result.plan.stages) > 2
    verdicts = [*result.decisions.tags.values(), *result.decisions.manifests.values()]
    assert {type(verdict) for verdict in verdicts} == {Keep, Delete}
    assert days(7) < OLD
