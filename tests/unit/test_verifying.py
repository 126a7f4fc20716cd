"""The look back: damage of each kind is found, told apart, and counted in requests."""

import asyncio
from dataclasses import replace

import pytest

from purge_core.errors import AccessDenied, Unavailable
from purge_core.model import Body, Digest, Manifest, RepositoryName, TagName, Unread
from purge_core.purging import PurgeHalted
from purge_core.records.journal import Record, RepositoryVerified, RunFinished
from purge_core.records.losses import (
    MOST_KEPT,
    MOST_TAGS,
    Bond,
    Cause,
    Check,
    Loss,
    Past,
    recordable,
)
from purge_core.records.outcomes import Outcome
from purge_core.registry import Listing
from purge_core.run import carry_out
from purge_core.verifying import Look
from tests.fakes import OCI_INDEX, Call, FakeRegistry
from tests.purges import OLD, MemoryJournal, Purge, by_target

SHOP = RepositoryName("shop")
MISSING = Digest("sha256:" + "0" * 64)
LOST = Loss(Bond.CHILD, MISSING, (), MISSING, Cause.BEFORE)


def shop(registry: FakeRegistry) -> tuple[Digest, Digest, Digest]:
    """Push a young index with a child, an image with a signature, and one that is to go."""
    child = registry.push("shop", platform="linux/amd64", at=OLD)
    registry.push("shop", "multi", media_type=OCI_INDEX, body=Body(children=(child,)))
    signed = registry.push("shop", "signed")
    signature = registry.push("shop", body=Body(subject=signed), at=OLD)
    return child, signature, registry.push("shop", "old", at=OLD)


async def purged(registry: FakeRegistry, purge: Purge) -> Check:
    """Purge, look back, and return what was found."""
    order = replace(purge.order, verify=True)
    stored = {"stored": purge.stored, "pace": purge.clock.pace()}
    result = await carry_out(registry, order, purge.planned, purge.journal, purge.stop, **stored)  # type: ignore[arg-type]
    (each,) = result.repositories
    assert each.verified is not None
    return each.verified


async def test_after_a_purge_nothing_is_missing_and_one_listing_tells() -> None:
    """What the indexes list is known from the plan: a single request."""
    registry = FakeRegistry()
    shop(registry)
    purge = Purge(registry)
    await purge.plan()
    check = await purged(registry, purge)
    assert check == Check(SHOP, manifests=4, requests=1)
    assert registry.calls[-1].method == "manifests"
    (record,) = [r for r in purge.journal.records if isinstance(r, RepositoryVerified)]
    assert record.result.verified == check


async def test_what_others_delete_meanwhile_is_told() -> None:
    """A child and a signature that were there when the run began."""
    registry = FakeRegistry()
    child, signature, _ = shop(registry)
    purge = Purge(registry)
    await purge.plan()
    registry.remove("shop", child)
    registry.remove("shop", signature)
    check = await purged(registry, purge)
    assert {(x.bond, x.missing, x.cause) for x in check.losses} == {
        (Bond.CHILD, child, Cause.OTHERS),
        (Bond.REFERRER, signature, Cause.OTHERS),
    }
    assert check.requests == 1 + 4  # both that are missing, and both that miss them
    assert not check.is_trouble


async def test_a_ghost_is_no_damage_of_the_run() -> None:
    """It was missing when the plan was made."""
    registry = FakeRegistry()
    shop(registry)
    registry.push("shop", "ghost", media_type=OCI_INDEX, body=Body(children=(MISSING,)))
    purge = Purge(registry)
    await purge.plan()
    check = await purged(registry, purge)
    assert [(x.missing, x.cause, x.tags) for x in check.losses] == [
        (MISSING, Cause.BEFORE, ("ghost",))
    ]
    assert (check.is_damage, check.is_trouble) == (False, False)


async def test_what_is_pushed_inside_the_window_is_damage_of_the_run() -> None:
    """An index that lists a planned image, pushed in the moment of its deletion."""
    registry = FakeRegistry()
    *_, old = shop(registry)
    purge = Purge(registry)
    await purge.plan()

    def push(call: Call) -> None:
        if call.method == "delete_manifest":
            registry.before = None
            registry.push("shop", "late", media_type=OCI_INDEX, body=Body(children=(old,)))

    registry.before = push
    check = await purged(registry, purge)
    assert [(x.missing, x.cause, x.tags) for x in check.losses] == [
        (old, Cause.THIS_RUN, ("late",))
    ]
    assert check.is_damage


async def test_a_plan_that_was_kept_knows_no_more_than_what_it_took() -> None:
    """What others deleted before is not told from what they deleted meanwhile."""
    registry = FakeRegistry()
    child, *_ = shop(registry)
    purge = Purge(registry, stored=True)
    await purge.plan()
    registry.remove("shop", child)
    check = await purged(registry, purge)
    assert [(x.missing, x.cause) for x in check.losses] == [(child, Cause.UNKNOWN)]


async def test_what_is_hidden_from_listings_is_not_missing() -> None:
    """Only the registry's answer for the manifest itself counts."""
    registry = FakeRegistry()
    index = registry.push("shop", "v1", media_type=OCI_INDEX, body=Body(children=(MISSING,)))
    registry.repos[SHOP].bodies[MISSING] = Body()
    check = await Look(SHOP).at(registry)
    assert check.losses == ()
    assert [call.target for call in registry.calls] == ["", index, MISSING, index]


async def test_a_holder_that_goes_meanwhile_misses_nothing() -> None:
    """Somebody deletes the index between the listing and the question for its child."""
    registry = FakeRegistry()
    registry.push("shop", "other")
    index = registry.push("shop", "v1", media_type=OCI_INDEX, body=Body(children=(MISSING,)))

    def remove(call: Call) -> None:
        if call.method == "exists" and call.target == MISSING:
            registry.remove("shop", index)

    registry.before = remove
    assert (await Look(SHOP).at(registry)).losses == ()


@pytest.mark.parametrize("method", ["manifests", "body", "exists"])
async def test_what_cannot_be_looked_at_is_trouble(method: str) -> None:
    """A failure is never taken for a good state."""
    registry = FakeRegistry()
    registry.push("shop", "v1", media_type=OCI_INDEX, body=Body(children=(MISSING,)))
    if method == "body":
        registry.repos[SHOP].bodies = dict.fromkeys(registry.repos[SHOP].bodies, Unread.FAILED)
    else:
        registry.fail(method, Unavailable("no answer"), times=None)
    check = await Look(SHOP).at(registry)
    assert check.is_trouble
    told = method == "manifests"
    assert (check.error is not None, check.unread > 0) == (told, not told)


async def test_a_repository_that_is_gone_misses_nothing() -> None:
    """Its last manifest went, and it with that."""
    assert await Look(SHOP).at(FakeRegistry()) == Check(SHOP, requests=1)


async def test_who_may_not_look_is_told() -> None:
    """Denied is not the same as nothing found."""
    registry = FakeRegistry()
    registry.push("shop", "v1")
    registry.fail("manifests", AccessDenied("no right to read"))
    assert (await Look(SHOP).at(registry)).error == "no right to read"


async def test_only_what_may_have_lost_something_is_looked_at() -> None:
    """Where nothing was deleted, and after an interrupt, no request is sent."""
    registry = FakeRegistry()
    registry.push("young", "v1")
    *_, old = shop(registry)
    purge = Purge(registry)
    await purge.plan()
    order = replace(purge.order, verify=True)
    result = await carry_out(registry, order, purge.planned, purge.journal, purge.stop)
    found = {str(each.repository): each for each in result.repositories}
    assert found["young"].verified is None
    assert found["shop"].verified is not None
    assert old not in registry.repos[SHOP].manifests
    purge.stop.set()
    again = await carry_out(registry, order, purge.planned, purge.journal, purge.stop)
    assert [each.verified for each in again.repositories] == [None, None]


async def test_a_look_ends_with_the_run() -> None:
    """Who is told to stop meanwhile does not wait for a registry that takes its time."""

    class Silent(FakeRegistry):
        async def manifests(self, repository: RepositoryName) -> Listing[Manifest]:
            if any(call.method == "delete_manifest" for call in self.calls):
                purge.stop.set()
                await asyncio.Event().wait()
            return await super().manifests(repository)

    registry = Silent()
    shop(registry)
    purge = Purge(registry)
    await purge.plan()
    order = replace(purge.order, verify=True)
    result = await carry_out(registry, order, purge.planned, purge.journal, purge.stop)
    (each,) = result.repositories
    assert result.interrupted
    assert each.verified is None
    assert {end.outcome for end in each.outcomes} == {Outcome.DELETED}


@pytest.mark.parametrize("kind", [RepositoryVerified, RunFinished])
async def test_what_was_deleted_is_told_when_the_journal_fails_at_the_end(
    kind: type[Record],
) -> None:
    """After the last deletion, too: whoever shows the run has all outcomes."""
    registry = FakeRegistry()
    *_, old = shop(registry)
    purge = Purge(registry, journal=MemoryJournal(lambda record: isinstance(record, kind)))
    await purge.plan()
    order = replace(purge.order, verify=True)
    with pytest.raises(PurgeHalted, match="the table is full") as halted:
        await carry_out(registry, order, purge.planned, purge.journal, purge.stop)
    assert {t: e.outcome for t, e in by_target(halted.value.results).items()} == {
        old: Outcome.DELETED
    }


def test_a_record_holds_damage_of_the_run_first() -> None:
    """However many ghosts there are, it is not what is left out."""
    ghosts = (LOST,) * MOST_KEPT
    own = replace(LOST, cause=Cause.THIS_RUN)
    kept = recordable(Check(SHOP, losses=(*ghosts, own)))
    assert (kept.losses[0], len(kept.losses), kept.more) == (own, MOST_KEPT, 1)
    assert kept.is_damage


def test_a_record_has_room_for_what_has_many_tags() -> None:
    """An index that is tagged again every night would fill a row of the journal by itself."""
    tags = tuple(TagName(f"night-{number}") for number in range(5_000))
    (kept,) = recordable(Check(SHOP, losses=(replace(LOST, tags=tags),))).losses
    assert kept == replace(LOST, tags=tags[:MOST_TAGS])


def test_of_a_past_that_is_not_known_nothing_is_claimed() -> None:
    """Only what the run deleted is told apart then."""
    past = Past(deleted=frozenset({MISSING}))
    assert past.cause(MISSING) is Cause.THIS_RUN
    assert past.cause(Digest("sha256:other")) is Cause.UNKNOWN
