"""How many requests a call costs: one when warm, and who signs in does so for all."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from acr_emulator import Denial, Kind, Options
from purge_core.adapters.acr import AcrOptions
from purge_core.adapters.known_bodies import known_bodies
from purge_core.adapters.manifest_file import open_manifest_file
from purge_core.adapters.remembering import RememberingRegistry
from purge_core.errors import AccessDenied
from purge_core.model import OPEN, Digest, RepositoryName, TagName
from purge_core.registry import Answer
from tests.builders import NOW
from tests.emulated import SIGN_IN, Emulated, emulated

SHOP = RepositoryName("shop/web")
OTHER = RepositoryName("shop/api")
V1 = TagName("v1")
Act = Callable[[Emulated], Awaitable[object]]
ACTS: dict[str, Act] = {
    "delete": lambda stage: stage.registry.delete_tag(SHOP, V1),
    "metadata_read": lambda stage: stage.registry.tags(SHOP),
    "metadata_write": lambda stage: stage.registry.lock_tag(SHOP, V1, OPEN),
}


async def each_call(stage: Emulated, digest: Digest) -> None:
    """Make one call of every kind; nothing is left to delete afterwards."""
    registry = stage.registry
    assert [name async for name in registry.repositories()] == [SHOP]
    mark = (await registry.tags(SHOP)).mark
    await registry.manifests(SHOP)
    await registry.tags_since(SHOP, mark)
    await registry.manifests_since(SHOP, mark)
    await registry.body(SHOP, digest)
    await registry.lock_tag(SHOP, V1, OPEN)
    await registry.lock_manifest(SHOP, digest, OPEN)
    await registry.delete_tag(SHOP, V1)
    await registry.delete_manifest(SHOP, Digest("sha256:" + "0" * 64))


async def test_warm_call_is_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once each scope has its token, every call costs one request."""
    async with emulated(monkeypatch) as stage:
        digest = stage.push(SHOP, "v1")
        await each_call(stage, digest)
        assert stage.count(Kind.CHALLENGE) == 4  # catalog, reading, metadata_write, delete
        assert stage.count(Kind.OAUTH) == 8
        stage.emulator.log.reset()
        stage.push(SHOP, "v1")
        await each_call(stage, digest)
        assert stage.count() == 10
        assert stage.count(*SIGN_IN) == 0


async def test_sign_in_is_a_small_part_of_400_deletes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 32 in flight from the first moment, one signs in; 3 % is the limit."""
    async with emulated(monkeypatch, Options(latency=0.005)) as stage:
        digests = [stage.push(SHOP, label=str(i)) for i in range(400)]
        room = asyncio.Semaphore(32)

        async def delete(digest: Digest) -> Answer:
            async with room:
                return (await stage.registry.delete_manifest(SHOP, digest)).answer

        answers = await asyncio.gather(*(delete(digest) for digest in digests))
        assert set(answers) == {Answer.ACCEPTED}
        assert stage.count(Kind.MANIFEST_DELETE) == 400
        assert stage.count(*SIGN_IN) == 3
        assert stage.emulator.log.most_in_flight > 8


async def test_lacking_permission_names_repository_and_action(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second 401 says what is missing; the other repository goes on, and nothing loops."""
    denial = Denial(actions=frozenset({"delete"}), repository=SHOP)
    async with emulated(monkeypatch, Options(denials=(denial,))) as stage:
        for repository in (SHOP, OTHER):
            stage.push(repository, "v1")
        with pytest.raises(AccessDenied, match="denies delete on shop/web"):
            await stage.registry.delete_tag(SHOP, V1)
        assert stage.count() == 4  # 401, two token requests, 401
        assert (await stage.registry.delete_tag(OTHER, V1)).answer is Answer.ACCEPTED
        assert len((await stage.registry.tags(SHOP)).items) == 1


@pytest.mark.parametrize(
    ("action", "role"),
    [
        ("delete", "lacks AcrDelete"),
        ("metadata_read", "lacks AcrPull"),
        ("metadata_write", "lacks a role that may write metadata"),
    ],
)
async def test_lacking_permission_names_the_role(
    action: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads the refusal knows what to assign, in either kind of registry."""
    denial = Denial(actions=frozenset({action}))
    async with emulated(monkeypatch, Options(denials=(denial,))) as stage:
        stage.push(SHOP, "v1")
        with pytest.raises(AccessDenied, match=f"{role} .*: Container Registry Repository"):
            await ACTS[action](stage)


async def test_many_denied_calls_all_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that wait for a sign-in that is refused each get their own refusal."""
    denial = Denial(actions=frozenset({"delete"}))
    async with emulated(monkeypatch, Options(denials=(denial,))) as stage:
        stage.push(SHOP, "v1")
        results = await asyncio.gather(
            *(stage.registry.delete_tag(SHOP, V1) for _ in range(20)), return_exceptions=True
        )
        assert {type(result) for result in results} == {AccessDenied}


@pytest.mark.parametrize("page_cap", [1000, 7])
async def test_pages_cost_one_request_each(monkeypatch: pytest.MonkeyPatch, page_cap: int) -> None:
    """A listing of several pages costs its pages and one of the newest; one of one page, one."""
    async with emulated(monkeypatch, Options(page_cap=page_cap)) as stage:
        for i in range(20):
            stage.push(SHOP, f"v{i}", label=str(i))
        assert len((await stage.registry.tags(SHOP)).items) == 20
        assert stage.count(Kind.TAGS_LIST) == (1 if page_cap == 1000 else 4)


async def test_catalogue_page_size_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue is read in pages of the size that was chosen."""
    acr = AcrOptions(repository_page_size=2)
    async with emulated(monkeypatch, acr=acr) as stage:
        for letter in "abcde":
            stage.push(letter)
        assert [name async for name in stage.registry.repositories()] == list("abcde")
        assert stage.count(Kind.CATALOG) == 3


async def test_second_run_reads_no_manifest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Manifests are remembered across connections."""
    async with emulated(monkeypatch) as stage:
        digests = [stage.push(SHOP, label=str(i)) for i in range(5)]
        host = stage.emulator.login_server
        for _ in range(2):
            async with (
                open_manifest_file(tmp_path / "manifests.db") as memory,
                known_bodies(host, memory, lambda: NOW) as bodies,
            ):
                registry = RememberingRegistry(stage.registry, bodies)
                await asyncio.gather(*(registry.body(SHOP, digest) for digest in digests))
        assert stage.count(Kind.MANIFEST_GET) == 5


async def test_requests_in_flight_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many calls are made at once, no more connections are used than chosen."""
    async with emulated(
        monkeypatch, Options(latency=0.005), acr=AcrOptions(connections=3)
    ) as stage:
        digests = [stage.push(SHOP, label=str(i)) for i in range(30)]
        await asyncio.gather(*(stage.registry.body(SHOP, digest) for digest in digests))
        assert stage.emulator.log.most_in_flight == 3
