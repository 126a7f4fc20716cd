"""Answers that go wrong: reads are repeated a few times, writes never; errors are told apart."""

import asyncio
import hashlib

import pytest

from acr_emulator import Effect, Fault, Kind, Match, Quirks
from purge_core.adapters.acr import AcrOptions
from purge_core.errors import (
    AccessDenied,
    Malformed,
    NotFound,
    RegistryError,
    Unavailable,
)
from purge_core.model import OPEN, Body, BodyState, Digest, RepositoryName, TagName, Unread
from purge_core.pace.patience import PAUSES
from purge_core.registry import Answer
from tests.emulated import Emulated, emulated

SHOP = RepositoryName("shop/web")
V1 = TagName("v1")
IMPATIENT = AcrOptions(timeout=1.0, pauses=(0.25,))
BROKEN = [Effect.RESET, Effect.TIMEOUT, Effect.TRUNCATE]


def strike(
    stage: Emulated,
    kind: Kind,
    *,
    effect: Effect = Effect.STATUS,
    status: int = 503,
    times: int | None = None,
    after: int = 0,
    done: bool = False,
    **headers: str,
) -> None:
    """Spoil requests of a kind: all, or so many after the first few."""
    match = Match(kind=kind, times=times, after=after)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    stage.emulator.faults.add(
        Fault(match=match, effect=effect, status=status, headers=named, done=done)
    )


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
async def test_read_is_repeated_until_it_succeeds(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """A registry that is busy for a moment costs pauses that grow, no failure."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        strike(stage, Kind.TAGS_LIST, status=status, times=3)
        assert len((await stage.registry.tags(SHOP)).items) == 1
        assert len(stage.pauses.seconds) == 3
        assert stage.pauses.seconds == sorted(stage.pauses.seconds)


async def test_registry_that_stays_busy_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bounded number of attempts the error carries what was answered."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        strike(stage, Kind.TAGS_LIST, status=503)
        with pytest.raises(Unavailable, match="answers 503") as caught:
            await stage.registry.tags(SHOP)
        assert caught.value.status == 503
        assert caught.value.repeated
        assert stage.count(Kind.TAGS_LIST) == 1 + len(PAUSES)


@pytest.mark.parametrize("effect", BROKEN)
async def test_read_that_breaks_is_repeated(
    monkeypatch: pytest.MonkeyPatch, effect: Effect
) -> None:
    """A torn connection, no answer, or half of one."""
    async with emulated(monkeypatch, acr=IMPATIENT) as stage:
        digest = stage.push(SHOP, "v1")
        for kind in (Kind.TAGS_LIST, Kind.MANIFESTS_LIST, Kind.MANIFEST_GET, Kind.CATALOG):
            strike(stage, kind, effect=effect, times=1)
        tags, manifests, body, name = await asyncio.gather(
            stage.registry.tags(SHOP),
            stage.registry.manifests(SHOP),
            stage.registry.body(SHOP, digest),
            anext(aiter(stage.registry.repositories())),
        )
        assert (len(tags.items), len(manifests.items), body, name) == (1, 1, Body(), SHOP)


@pytest.mark.parametrize("effect", BROKEN)
async def test_read_that_always_breaks_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, effect: Effect
) -> None:
    """There is an end to it; the error has no status, for there was no answer."""
    async with emulated(monkeypatch, acr=IMPATIENT) as stage:
        stage.push(SHOP, "v1")
        strike(stage, Kind.TAGS_LIST, effect=effect)
        with pytest.raises(Unavailable) as caught:
            await stage.registry.tags(SHOP)
        assert caught.value.status is None
        assert stage.pauses.seconds == [0.25]


async def test_only_the_failed_page_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that fails is repeated by itself, not the pages before it."""
    async with emulated(monkeypatch, acr=AcrOptions(page_size=2)) as stage:
        for i in range(10):
            stage.push(SHOP, f"v{i}", label=str(i))
        await stage.registry.tags(SHOP)
        calm = stage.count(Kind.TAGS_LIST)
        stage.emulator.log.reset()
        strike(stage, Kind.TAGS_LIST, after=3, times=2)
        assert len((await stage.registry.tags(SHOP)).items) == 10
        assert stage.count(Kind.TAGS_LIST) == calm + 2


async def test_garbage_page_is_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that was received whole and is no list is not a list without entries."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        for kind in (Kind.TAGS_LIST, Kind.MANIFESTS_LIST, Kind.CATALOG):
            strike(stage, kind, effect=Effect.GARBAGE)
        for ask in (stage.registry.tags, stage.registry.manifests):
            with pytest.raises(Malformed):
                await ask(SHOP)
        with pytest.raises(Malformed):
            await anext(stage.registry.repositories())


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Malformed), (403, AccessDenied), (404, NotFound), (409, Malformed), (418, Malformed)],
)
async def test_refused_read_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, status: int, kind: type[RegistryError]
) -> None:
    """An answer that will not change is told by its status, at once."""
    async with emulated(monkeypatch) as stage:
        stage.push(SHOP, "v1")
        strike(stage, Kind.TAGS_LIST, status=status)
        with pytest.raises(kind):
            await stage.registry.tags(SHOP)
        assert stage.count(Kind.TAGS_LIST) == 1


async def test_registrys_own_words_are_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A firewall's refusal says which address it refuses; the message stays one line."""
    said = b'{"errors":[{"code":"DENIED","message":"client with IP 1.2.3.4\\nis not allowed"}]}'
    async with emulated(monkeypatch) as stage:
        fault = Fault(match=Match(kind=Kind.TAGS_LIST), status=403, body=said)
        stage.emulator.faults.add(fault)
        with pytest.raises(AccessDenied, match=r"DENIED: client with IP 1\.2\.3\.4") as caught:
            await stage.registry.tags(SHOP)
        assert "\n" not in str(caught.value)


async def warmed(stage: Emulated) -> Digest:
    """Push an image; return its digest when deletions are signed in for."""
    stage.push("other", "v1")
    digest = stage.push(SHOP, "v1", "v2")
    await stage.registry.delete_tag(SHOP, TagName("nope"))
    await stage.registry.lock_tag(SHOP, V1, OPEN)
    stage.emulator.log.reset()
    return digest


@pytest.mark.parametrize("effect", [*BROKEN, Effect.STATUS])
@pytest.mark.parametrize("done", [False, True])
async def test_write_is_never_repeated(
    monkeypatch: pytest.MonkeyPatch, effect: Effect, done: bool
) -> None:
    """Whether or not it was carried out, whoever asked has to know that nobody knows."""
    async with emulated(monkeypatch, acr=IMPATIENT) as stage:
        digest = await warmed(stage)
        kinds = (Kind.TAG_DELETE, Kind.MANIFEST_DELETE, Kind.TAG_PATCH, Kind.MANIFEST_PATCH)
        for kind in kinds:
            strike(stage, kind, effect=effect, done=done)
        registry = stage.registry
        results = await asyncio.gather(
            registry.lock_tag(SHOP, V1, OPEN),
            registry.lock_manifest(SHOP, digest, OPEN),
            registry.delete_tag(SHOP, V1),
            registry.delete_manifest(SHOP, digest),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [Unavailable] * 4
        assert [stage.count(kind) for kind in kinds] == [1, 1, 1, 1]
        assert stage.pauses.seconds == []
        carried_out = done or effect is Effect.TRUNCATE
        assert (SHOP not in stage.emulator.registry.repositories) == carried_out


async def test_time_is_counted_over_all_that_a_call_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that each come in time, token requests included, can be too slow together."""
    async with emulated(monkeypatch, acr=IMPATIENT) as stage:
        stage.push(SHOP, "v1")
        fault = Fault(effect=Effect.SLOW, delay=IMPATIENT.timeout * 0.4)
        stage.emulator.faults.add(fault)
        with pytest.raises(Unavailable, match="in time"):
            await stage.registry.delete_tag(SHOP, V1)
        assert stage.count(Kind.TAG_DELETE) == 0


@pytest.mark.parametrize(("status", "kind"), [(400, Malformed), (403, AccessDenied)])
async def test_refused_write_is_told_by_status(
    monkeypatch: pytest.MonkeyPatch, status: int, kind: type[RegistryError]
) -> None:
    """What is neither 202, 404 nor 405 is no answer to a deletion."""
    async with emulated(monkeypatch) as stage:
        digest = await warmed(stage)
        strike(stage, Kind.MANIFEST_DELETE, status=status)
        with pytest.raises(kind):
            await stage.registry.delete_manifest(SHOP, digest)


async def test_lock_that_is_answered_with_garbage_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 says that it was done; what else the answer says does not matter."""
    async with emulated(monkeypatch) as stage:
        await warmed(stage)
        strike(stage, Kind.TAG_PATCH, effect=Effect.GARBAGE, done=True)
        await stage.registry.lock_tag(SHOP, V1, OPEN)


NOT_JSON = b"no manifest at all"


@pytest.mark.parametrize(
    ("quirks", "content", "state"),
    [
        (Quirks(get_status=404), None, Unread.GONE),
        (Quirks(get_status=403), None, Unread.FAILED),
        (Quirks(get_status=500), None, Unread.FAILED),
        (Quirks(get_status=418), None, Unread.FAILED),
        (Quirks(get_body=b'{"manifests":[]}'), None, Unread.FAILED),
        (Quirks(get_body=NOT_JSON), None, Unread.FAILED),
        (None, NOT_JSON, Unread.GARBAGE),
        (None, b"[1, 2]", Unread.GARBAGE),
        (None, b"\xff\xfe\x00", Unread.GARBAGE),
        (None, b'{"subject": {}}', Unread.FAILED),
        (None, b'{"schemaVersion": 2}' + b" " * 4_194_304, Unread.FAILED),
        (None, b'{"schemaVersion": 2}' + b" " * 4_000_000, Body()),
    ],
)
async def test_body_that_cannot_be_read_is_a_value(
    monkeypatch: pytest.MonkeyPatch, quirks: Quirks | None, content: bytes | None, state: BodyState
) -> None:
    """Gone, surely no manifest, or anything else: three values that mean different things."""
    async with emulated(monkeypatch) as stage:
        digest = stage.push(SHOP, "v1", content=content, quirks=quirks)
        assert await stage.registry.body(SHOP, digest) == state


@pytest.mark.parametrize("effect", BROKEN)
async def test_body_that_never_comes_is_unread(
    monkeypatch: pytest.MonkeyPatch, effect: Effect
) -> None:
    """A body that does not come, or not wholly, may name anything."""
    async with emulated(monkeypatch, acr=IMPATIENT) as stage:
        digest = stage.push(SHOP, "v1")
        strike(stage, Kind.MANIFEST_GET, effect=effect)
        assert await stage.registry.body(SHOP, digest) is Unread.FAILED


async def test_log_says_why_a_body_could_not_be_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The value says that it failed; the log says why, in the registry's own words."""
    said = b'{"errors":[{"code":"DENIED","message":"client with IP 1.2.3.4"}]}'
    async with emulated(monkeypatch) as stage:
        digest = stage.push(SHOP, "v1")
        fault = Fault(match=Match(kind=Kind.MANIFEST_GET), status=403, body=said)
        stage.emulator.faults.add(fault)
        assert await stage.registry.body(SHOP, digest) is Unread.FAILED
    assert f"{SHOP}@{digest} could not be read" in caplog.text
    assert "DENIED: client with IP 1.2.3.4" in caplog.text


async def test_body_is_believed_by_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong digest in a header or an odd charset does not matter when the bytes are right."""
    async with emulated(monkeypatch) as stage:
        child = stage.push(SHOP, label="child")
        content = f'{{"manifests":[{{"digest":"{child}"}}]}}'.encode()
        digest = Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")
        for headers in (
            {"Docker-Content-Digest": child},
            {"Docker-Content-Digest": digest, "Content-Type": "text/plain; charset=utf-16"},
            {},
        ):
            stage.emulator.faults.clear()
            match = Match(kind=Kind.MANIFEST_GET)
            fault = Fault(match=match, status=200, headers=headers, body=content)
            stage.emulator.faults.add(fault)
            assert await stage.registry.body(SHOP, digest) == Body((child,), None, (child,))


async def test_failed_bodies_leave_no_connection_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that are not read to their end do not use up the connections."""
    acr = AcrOptions(connections=2, timeout=20)
    async with emulated(monkeypatch, acr=acr) as stage:
        large = b'{"schemaVersion": 2}' + b" " * 4_194_304
        digests = [stage.push(SHOP, content=large + bytes([32]) * i) for i in range(6)]
        digests += [stage.push(SHOP, label=str(i), quirks=Quirks(get_status=404)) for i in range(9)]
        states = await asyncio.gather(*(stage.registry.body(SHOP, d) for d in digests))
        assert states == [Unread.FAILED] * 6 + [Unread.GONE] * 9
        good = stage.push(SHOP, label="good")
        assert await stage.registry.body(SHOP, good) == Body()


async def test_cancelled_call_leaves_the_registry_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is interrupted while signing in holds nobody up."""
    async with emulated(monkeypatch) as stage:
        digest = stage.push(SHOP, "v1")
        strike(stage, Kind.MANIFEST_DELETE, effect=Effect.TIMEOUT, times=1)
        arrived = asyncio.Event()
        match = Match(kind=Kind.MANIFEST_DELETE)
        stage.emulator.hooks.before(match, lambda _registry, _call: arrived.set())
        first = asyncio.create_task(stage.registry.delete_manifest(SHOP, digest))
        await arrived.wait()
        second = asyncio.create_task(stage.registry.delete_manifest(SHOP, digest))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await second).answer is Answer.ACCEPTED
