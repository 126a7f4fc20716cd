"""One token serves all repositories where the registry gives one; elsewhere each has its own."""

import asyncio
from urllib.parse import parse_qs

import pytest

from acr_emulator import Denial, Effect, Fault, Kind, Match, Options, Registry
from acr_emulator.wire.call import Call
from purge_core.bootstrap import connect
from purge_core.errors import AccessDenied, RegistryError
from purge_core.model import RepositoryName, TagName
from purge_core.registry import Answer
from purge_core.settings import Settings
from tests.emulated import SIGN_IN, Emulated, emulated

NAMES = [RepositoryName(f"team/{number}") for number in range(12)]
V1 = TagName("v1")
READING = frozenset({"metadata_read", "pull"})


def asked(stage: Emulated) -> list[str]:
    """Return, from now on, what tokens are asked for."""
    scopes: list[str] = []

    def note(_registry: Registry, call: Call) -> None:
        scopes.extend(parse_qs(call.body.decode()).get("scope", []))

    stage.emulator.hooks.before(Match(kind=Kind.OAUTH, path="/token$"), note)
    return scopes


async def read_all(stage: Emulated) -> None:
    """Read each repository, all at once, in every way."""
    digests = [stage.push(name, "v1") for name in NAMES]
    await asyncio.gather(*(stage.registry.tags(name) for name in NAMES))
    await asyncio.gather(*(stage.registry.manifests(name) for name in NAMES))
    bodies = [stage.registry.body(*each) for each in zip(NAMES, digests, strict=True)]
    await asyncio.gather(*bodies)


async def delete_all(stage: Emulated) -> None:
    """Delete a tag of each repository, all at once."""
    ends = await asyncio.gather(*(stage.registry.delete_tag(name, V1) for name in NAMES))
    assert {end.answer for end in ends} == {Answer.ACCEPTED}


async def test_with_roles_one_token_reads_and_one_deletes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever only reads never has one that may delete; the first shows how they are given."""
    async with emulated(monkeypatch, Options(latency=0.005)) as stage:
        scopes = asked(stage)
        await read_all(stage)
        assert scopes == [
            "repository:team/0:metadata_read,pull",
            "repository:*:metadata_read,pull",
        ]
        await delete_all(stage)
        assert scopes[2:] == ["repository:*:delete"]
        assert stage.count(*SIGN_IN) == 9


async def test_with_repository_permissions_each_has_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that reads and one that deletes."""
    async with emulated(monkeypatch, Options(abac=True)) as stage:
        scopes = asked(stage)
        await read_all(stage)
        assert sorted(scopes) == sorted(f"repository:{name}:metadata_read,pull" for name in NAMES)
        scopes.clear()
        await delete_all(stage)
        assert sorted(scopes) == sorted(f"repository:{name}:delete" for name in NAMES)


async def test_a_registry_that_gives_none_for_all_is_asked_for_one_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its answer is a token that grants nothing: it is asked in its own words from then on."""
    denial = Denial(actions=READING | {"delete"}, repository=r"\*")
    async with emulated(monkeypatch, Options(denials=(denial,))) as stage:
        scopes = asked(stage)
        await read_all(stage)
        assert "repository:team/11:metadata_read" in scopes
        assert scopes.count("repository:*:metadata_read,pull") == 1
        await delete_all(stage)
        assert "repository:team/11:delete" in scopes
        assert scopes.count("repository:*:delete") == 1


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_registry_that_refuses_such_a_question_is_asked_plainly(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it does not understand costs three requests, once for each right."""
    async with emulated(monkeypatch) as stage:
        for name in NAMES:
            stage.push(name, "v1")
        scopes = asked(stage)
        await stage.registry.tags(NAMES[0])
        match = Match(kind=Kind.OAUTH, path="/token$", times=1)
        stage.emulator.faults.add(Fault(match=match, effect=Effect.STATUS, status=status))
        await stage.registry.tags(NAMES[1])
        await stage.registry.tags(NAMES[2])
        assert scopes[1:] == [
            "repository:*:metadata_read,pull",
            "repository:team/1:metadata_read",
            "repository:team/2:metadata_read",
        ]


async def test_one_forbidden_repository_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A token for all may be refused for one: that one is denied, and the others go on."""
    denial = Denial(actions=frozenset({"delete"}), repository=NAMES[3])
    async with emulated(monkeypatch, Options(denials=(denial,))) as stage:
        await read_all(stage)
        ends = await asyncio.gather(
            *(stage.registry.delete_tag(name, V1) for name in NAMES), return_exceptions=True
        )
        refused = [n for n, end in zip(NAMES, ends, strict=True) if isinstance(end, AccessDenied)]
        assert refused == [NAMES[3]]
        assert stage.emulator.log.statuses[202] == len(NAMES) - 1


async def test_tokens_for_all_are_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    """When they end, one asks for a new one, and nobody else notices."""
    async with emulated(monkeypatch, Options(latency=0.005)) as stage:
        await read_all(stage)
        stage.emulator.tokens.revoke_all()
        stage.emulator.log.reset()
        await asyncio.gather(*(stage.registry.tags(name) for name in NAMES))
        assert stage.count(Kind.TAGS_LIST) == len(NAMES)
        await delete_all(stage)
        assert stage.count(Kind.TAG_DELETE) == len(NAMES)


async def test_a_process_signs_in_once_for_all_its_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run in the same process finds the tokens of the one before."""
    async with emulated(monkeypatch) as stage:
        stage.push(NAMES[0], "v1")
        host = stage.emulator.login_server
        for _ in range(2):
            async with connect(Settings(), host, path="--registry") as registry:
                assert len((await registry.tags(NAMES[0])).items) == 1
        assert stage.count(*SIGN_IN) == 3


@pytest.mark.parametrize("status", [400, 403, 431])
async def test_a_token_for_all_that_is_refused_in_other_words_costs_nobody_a_right(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a registry says to it: each repository is asked about as before."""
    async with emulated(monkeypatch, Options(wildcard_refusal=status)) as stage:
        await read_all(stage)
        await delete_all(stage)


async def test_a_slow_answer_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever signs in for all hands the token on as soon as it is there."""
    async with emulated(monkeypatch) as stage:
        for name in NAMES:
            stage.push(name, "v1")
        await stage.registry.tags(NAMES[0])
        slow = Match(path=f"{NAMES[1]}/_tags$", after=1, times=1)
        stage.emulator.faults.add(Fault(match=slow, effect=Effect.SLOW, delay=60.0))
        late = asyncio.ensure_future(stage.registry.tags(NAMES[1]))
        await asyncio.sleep(0)
        async with asyncio.timeout(30):
            await asyncio.gather(*(stage.registry.tags(name) for name in NAMES[2:]))
        assert not late.done()
        late.cancel()


@pytest.mark.parametrize("status", [400, 403])
async def test_a_deletion_that_is_refused_is_not_sent_again(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token has served others: it is something else, and the next deletion goes on with it."""
    async with emulated(monkeypatch) as stage:
        for name in NAMES:
            stage.push(name, "v1")
        await stage.registry.tags(NAMES[0])
        await stage.registry.delete_tag(NAMES[0], V1)
        stage.emulator.log.reset()
        refusal = Match(path=f"{NAMES[1]}/_tags/v1$", times=1)
        stage.emulator.faults.add(Fault(match=refusal, effect=Effect.STATUS, status=status))
        with pytest.raises(RegistryError):
            await stage.registry.delete_tag(NAMES[1], V1)
        assert stage.count() == 1
        await stage.registry.delete_tag(NAMES[2], V1)
        assert stage.count() == 2
