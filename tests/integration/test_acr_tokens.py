"""Tokens in a long run: they end, are revoked and are renewed, and nobody notices."""

import asyncio

import pytest

from acr_emulator import Effect, Fault, Kind, Match, Options, Registry
from acr_emulator.wire.call import Call
from purge_core.errors import AccessDenied
from purge_core.model import Digest, RepositoryName
from purge_core.registry import Answer
from tests.emulated import SIGN_IN, Emulated, emulated

SHOP = RepositoryName("shop/web")
SHORT = 200.0
"""Seconds. A refresh token that ends within 300 s is never renewed by the client itself."""


async def delete_all(stage: Emulated, digests: list[Digest]) -> set[Answer]:
    """Delete all, eight at a time, and return what was answered."""
    room = asyncio.Semaphore(8)

    async def delete(digest: Digest) -> Answer:
        async with room:
            return (await stage.registry.delete_manifest(SHOP, digest)).answer

    return set(await asyncio.gather(*(delete(digest) for digest in digests)))


@pytest.mark.parametrize("refresh", [SHORT, 10_800.0])
async def test_revoked_tokens_are_renewed(monkeypatch: pytest.MonkeyPatch, refresh: float) -> None:
    """When all tokens end, the next call signs in again, and is carried out once."""
    async with emulated(monkeypatch, Options(refresh_token_lifetime=refresh)) as stage:
        stage.push(SHOP, "v1")
        for _ in range(3):
            await stage.registry.tags(SHOP)
            stage.emulator.tokens.revoke_all()
        assert len((await stage.registry.tags(SHOP)).items) == 1
        assert stage.count(Kind.TAGS_LIST) == 4


@pytest.mark.parametrize("refresh", [SHORT, 10_800.0])
async def test_long_run_outlives_its_tokens(
    monkeypatch: pytest.MonkeyPatch, refresh: float
) -> None:
    """Tokens that end again and again in the middle of a purge cost sign-ins and no deletion."""
    async with emulated(monkeypatch, Options(refresh_token_lifetime=refresh)) as stage:
        digests = [stage.push(SHOP, label=str(i)) for i in range(200)]

        def revoke(_registry: Registry, _call: Call) -> None:
            stage.emulator.tokens.revoke_all()

        stage.emulator.hooks.before(Match(kind=Kind.MANIFEST_DELETE, every=50), revoke)
        assert await delete_all(stage, digests) == {Answer.ACCEPTED}
        assert stage.count(Kind.MANIFEST_DELETE) == 200
        assert stage.emulator.log.statuses[202] == 200


async def test_tokens_that_live_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that has ended when it comes is asked for by one at a time, and still serves."""
    async with emulated(monkeypatch, Options(access_token_lifetime=1.0)) as stage:
        digests = [stage.push(SHOP, label=str(i)) for i in range(40)]
        assert await delete_all(stage, digests) == {Answer.ACCEPTED}


async def test_refused_identity_is_denied_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An identity that the registry does not accept is denied, and not asked about for ever."""
    async with emulated(monkeypatch, Options(aad_tokens={"other": "other"})) as stage:
        stage.push(SHOP, "v1")
        for calls in (1, 2):
            with pytest.raises(AccessDenied, match="shop/web"):
                await stage.registry.tags(SHOP)
            assert stage.count() == stage.count(*SIGN_IN) == 2 * calls


async def test_identity_that_loses_its_rights_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that accepts nobody any more is asked once more by a new client."""
    accepted = {"development": "someone"}
    async with emulated(monkeypatch, Options(aad_tokens=accepted)) as stage:
        stage.push(SHOP, "v1")
        await stage.registry.tags(SHOP)
        accepted.clear()
        stage.emulator.tokens.revoke_all()
        for requests in (4, 2, 2):
            stage.emulator.log.reset()
            with pytest.raises(AccessDenied):
                await stage.registry.tags(SHOP)
            assert stage.count() == requests


async def test_one_new_client_serves_all_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the client is too old, many calls replace it once, the late ones among them too."""
    async with emulated(monkeypatch, Options(refresh_token_lifetime=SHORT)) as stage:
        digests = [stage.push(SHOP, label=str(i)) for i in range(20)]
        await stage.registry.body(SHOP, digests[0])
        stage.emulator.tokens.revoke_all()
        stage.emulator.log.reset()
        late = Match(kind=Kind.MANIFEST_GET, every=2, times=10)
        stage.emulator.faults.add(Fault(match=late, effect=Effect.SLOW, delay=0.3))
        await asyncio.gather(*(stage.registry.body(SHOP, digest) for digest in digests))
        exchanges = [e for e in stage.emulator.log.of(Kind.OAUTH) if e.path.endswith("/exchange")]
        assert len(exchanges) == 1
        assert stage.count(Kind.MANIFEST_GET) == 20
