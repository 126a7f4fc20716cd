"""The adapter takes turns: waits that the registry asks for, and what it shows of its quota."""

import asyncio

import pytest

from acr_emulator import Effect, Fault, Kind, Match, Options
from acr_emulator import Sku as Tier
from purge_core.adapters.acr_session import AcrOptions
from purge_core.errors import NotSent, Unavailable
from purge_core.model import OPEN, Lock, RepositoryName, TagName
from purge_core.pace import quotas
from purge_core.pace.quotas import Sku
from purge_core.registry import MAX_AGE, Answer
from tests.emulated import Emulated, emulated

SHOP = RepositoryName("shop/web")
OTHER = RepositoryName("shop/api")
V1 = TagName("v1")


def refuse(stage: Emulated, kind: Kind, times: int | None = None, **headers: str) -> None:
    """Have requests of a kind refused."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    match = Match(kind=kind, times=times)
    stage.emulator.faults.add(Fault(match=match, status=429, headers=named))


async def test_a_wait_that_is_asked_for_is_made_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thirty seconds, seven times in a row: a read comes through in the end."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        refuse(stage, Kind.TAGS_LIST, times=7, Retry_After="30")
        assert len((await stage.registry.tags(SHOP)).items) == 1
        assert sum(stage.pauses.seconds) >= 7 * 30
        assert stage.count(Kind.TAGS_LIST) == 8


async def test_a_wait_holds_for_all_reads_and_for_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who asks another repository waits as well; who deletes or locks does not."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        digest = stage.push(OTHER, "v1")
        refuse(stage, Kind.TAGS_LIST, Retry_After="301")
        with pytest.raises(Unavailable):
            await stage.registry.tags(SHOP)
        await stage.registry.lock_tag(SHOP, V1, OPEN)
        await stage.registry.delete_tag(SHOP, V1)
        assert stage.pauses.seconds == []
        await stage.registry.body(OTHER, digest)
        assert sum(stage.pauses.seconds) == pytest.approx(300, abs=1)


async def test_a_refusal_that_names_no_time_pauses_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is repeated like any other read without an answer."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        refuse(stage, Kind.TAGS_LIST, times=3)
        assert len((await stage.registry.tags(SHOP)).items) == 1
        assert 3 <= sum(stage.pauses.seconds) < 6


async def test_who_wants_to_be_left_alone_for_long_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour is not waited for: the caller is told how long, and there is no second request."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        refuse(stage, Kind.TAGS_LIST, Retry_After="3600")
        with pytest.raises(Unavailable) as caught:
            await stage.registry.tags(SHOP)
        assert (caught.value.status, caught.value.retry_after) == (429, 3600)
        assert caught.value.repeated
        assert (stage.pauses.seconds, stage.count(Kind.TAGS_LIST)) == ([], 1)
        assert stage.pace[quotas.Kind.READ].pause == 300


@pytest.mark.parametrize(
    "retry_after", ["soon", "nan", "inf", "-5", "Wed, 21 Oct 2015 07:28:00 GMT"]
)
async def test_odd_retry_after_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, retry_after: str
) -> None:
    """A wait that makes no sense or is over is a short one."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        refuse(stage, Kind.TAGS_LIST, times=1, Retry_After=retry_after)
        await stage.registry.tags(SHOP)
        assert sum(stage.pauses.seconds) < 2


@pytest.mark.parametrize("effect", [Effect.STATUS, Effect.RESET])
async def test_one_fault_costs_less_than_two_seconds(
    monkeypatch: pytest.MonkeyPatch, effect: Effect
) -> None:
    """A single 500 or a torn connection says nothing about the quota, and is soon repeated."""
    async with emulated(monkeypatch, sku=Sku.STANDARD) as stage:
        stage.push(SHOP, "v1")
        rate = stage.pace[quotas.Kind.READ].per_second
        # A torn connection is sometimes noticed, and the request repeated, by aiohttp itself.
        match = Match(kind=Kind.TAGS_LIST, times=1)
        stage.emulator.faults.add(Fault(match=match, effect=effect, status=500))
        await stage.registry.tags(SHOP)
        assert sum(stage.pauses.seconds) < 2
        assert stage.pace[quotas.Kind.READ].per_second == rate


async def test_a_sign_in_that_is_refused_holds_up_those_who_need_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It fails nothing, and who has a token already does not wait."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        stage.push(OTHER, "v1")
        await stage.registry.tags(SHOP)
        refuse(stage, Kind.OAUTH, times=2, Retry_After="3")
        warm = asyncio.create_task(stage.registry.tags(SHOP))
        assert len((await stage.registry.tags(OTHER)).items) == 1
        assert len((await warm).items) == 1
        assert 6 <= sum(stage.pauses.seconds) < 8
        assert stage.pace[quotas.Kind.READ].pause == 0


async def test_a_deletion_that_is_refused_tells_how_long_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who deletes has to verify again before the next attempt, so it is not made here."""
    async with emulated(monkeypatch) as stage:
        digest = stage.push(SHOP, "v1")
        await stage.registry.delete_tag(SHOP, TagName("nope"))
        refuse(stage, Kind.MANIFEST_DELETE, Retry_After="11")
        with pytest.raises(Unavailable) as caught:
            await stage.registry.delete_manifest(SHOP, digest)
        assert (caught.value.status, caught.value.retry_after) == (429, 11)
        assert stage.pace[quotas.Kind.DELETE].pause == 11
        assert (stage.pauses.seconds, stage.count(Kind.MANIFEST_DELETE)) == ([], 1)


@pytest.mark.parametrize(
    ("tier", "per_minute"), [(Tier.STANDARD, 500), (Tier.PREMIUM, 2_000), (None, 500)]
)
async def test_the_first_deletion_shows_the_tier(
    monkeypatch: pytest.MonkeyPatch, tier: Tier | None, per_minute: int
) -> None:
    """Where no tier is told, what is left of the deletions tells it."""
    async with emulated(monkeypatch, Options(sku=tier), sku=Sku.AUTO) as stage:
        stage.push(SHOP, "v1")
        await stage.registry.delete_tag(SHOP, V1)
        assert stage.pace[quotas.Kind.DELETE].per_second == pytest.approx(per_minute / 60)


async def test_reads_leave_a_share_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute's 80 % go at once; the next ones wait for their turn, page by page."""
    async with emulated(monkeypatch, sku=Sku.STANDARD) as stage:
        stage.push(SHOP, "v1")
        for _ in range(4_000 - 1):
            ticket = stage.pace[quotas.Kind.READ].ticket()
            ticket.send()
            ticket.close()
        await stage.registry.tags(SHOP)
        assert stage.pauses.seconds == []
        await stage.registry.tags(SHOP)
        assert sum(stage.pauses.seconds) == pytest.approx(60 / 4_000)


async def test_what_verifies_does_not_stand_in_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that is read before a deletion is never too old for having waited in line."""
    async with emulated(monkeypatch, sku=Sku.STANDARD) as stage:
        stage.push(SHOP, "v1")
        lines = [stage.pace[quotas.Kind.READ].ticket() for _ in range(8_000)]
        assert lines[-1].wait > 50
        await stage.registry.tags_since(SHOP, None)
        await stage.registry.manifests_since(SHOP, None)
        assert stage.pauses.seconds == []


async def test_a_deletion_is_not_sent_long_after_it_was_verified(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the sign-in takes too long nothing is deleted; the token serves the next attempt."""
    async with emulated(monkeypatch) as stage:
        digest = stage.push(SHOP, "v1")
        slow = Fault(match=Match(kind=Kind.OAUTH, times=1), effect=Effect.SLOW, delay=2.1)
        stage.emulator.faults.add(slow)
        late = await asyncio.gather(
            stage.registry.delete_tag(SHOP, V1),
            stage.registry.delete_manifest(SHOP, digest),
            return_exceptions=True,
        )
        assert [type(each) for each in late] == [NotSent, NotSent]
        assert stage.count(Kind.TAG_DELETE, Kind.MANIFEST_DELETE) == 0
        stage.emulator.log.reset()
        assert (await stage.registry.delete_manifest(SHOP, digest)).answer is Answer.ACCEPTED
        assert stage.count() == 1


async def test_what_is_known_for_too_long_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The age counts from the view on, for deletions and unlocks; a lock is set again anyhow."""
    async with emulated(monkeypatch) as stage:
        digest = stage.push(SHOP, "v1")
        late = await asyncio.gather(
            stage.registry.delete_tag(SHOP, V1, age=MAX_AGE),
            stage.registry.delete_manifest(SHOP, digest, age=MAX_AGE),
            stage.registry.lock_tag(SHOP, V1, OPEN, age=MAX_AGE),
            stage.registry.lock_manifest(SHOP, digest, OPEN, age=MAX_AGE),
            return_exceptions=True,
        )
        assert [type(each) for each in late] == [NotSent] * 4
        assert stage.count() == 0
        await stage.registry.lock_tag(SHOP, V1, Lock(delete_enabled=False))
        assert (await stage.registry.delete_tag(SHOP, V1)).answer is Answer.LOCKED


async def test_a_deletion_does_not_wait_long_for_a_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When none is free in what is left of the time, nothing is sent."""
    async with emulated(monkeypatch, acr=AcrOptions(connections=1)) as stage:
        digest = stage.push(SHOP, "v1")
        await stage.registry.tags(SHOP)
        await stage.registry.delete_tag(SHOP, TagName("nope"))
        stage.emulator.log.reset()
        match = Match(kind=Kind.TAGS_LIST, times=1)
        stage.emulator.faults.add(Fault(match=match, effect=Effect.TIMEOUT))
        arrived = asyncio.Event()
        stage.emulator.hooks.before(
            Match(kind=Kind.TAGS_LIST), lambda _registry, _call: arrived.set()
        )
        reading = asyncio.create_task(stage.registry.tags(SHOP))
        await arrived.wait()
        with pytest.raises(NotSent, match="no connection"):
            await stage.registry.delete_manifest(SHOP, digest, age=MAX_AGE - 0.1)
        assert stage.count(Kind.MANIFEST_DELETE) == 0
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert (await stage.registry.delete_manifest(SHOP, digest)).answer is Answer.ACCEPTED
