"""What every memory of manifests does."""

import pytest

from purge_core.instants import DAY, Instant
from purge_core.model import Digest, RepositoryName
from tests.contract.memories import Memory

HOST, OTHER = "contoso.azurecr.io", "fabrikam.azurecr.io"
SHOP, WEB = RepositoryName("shop"), RepositoryName("shop/web")
THEN = Instant(17 * 10**15 + 1)
ENTRY = b"\x78\x9c\x00\xff"


def digest(number: int) -> Digest:
    """Return a digest."""
    return Digest(f"sha256:{number:064x}")


async def entries(memory: Memory, registry: str, repository: RepositoryName) -> dict[Digest, bytes]:
    """Recall everything."""
    return {digest: entry async for digest, entry in memory.recall(registry, repository)}


async def test_nothing_is_known_at_first(memory: Memory) -> None:
    """Also where nothing was ever written."""
    assert await entries(memory, HOST, SHOP) == {}
    await memory.forget(THEN)


@pytest.mark.parametrize("count", [1, 100, 101, 1201])
async def test_what_is_learnt_is_recalled(memory: Memory, count: int) -> None:
    """All of it, byte for byte, in the repository of the registry where it was learnt."""
    learnt = {digest(n): ENTRY + bytes([n % 256]) for n in range(count)}
    await memory.remember(HOST, WEB, learnt, (), THEN)
    assert await entries(memory, HOST, WEB) == learnt
    assert await entries(memory, HOST, SHOP) == {}
    assert await entries(memory, OTHER, WEB) == {}


async def test_later_entries_win_and_stale_ones_go(memory: Memory) -> None:
    """Whether or not there was something to remove."""
    await memory.remember(HOST, SHOP, {digest(n): ENTRY for n in range(150)}, (), THEN)
    stale = [digest(n) for n in range(1, 200)]
    await memory.remember(HOST, SHOP, {digest(0): b"new", digest(200): ENTRY}, stale, THEN)
    assert await entries(memory, HOST, SHOP) == {digest(0): b"new", digest(200): ENTRY}


async def test_the_largest_entry_fits(memory: Memory) -> None:
    """A hundred of them too."""
    learnt = {digest(n): bytes(60_000) for n in range(100)}
    await memory.remember(HOST, SHOP, learnt, (), THEN)
    assert await entries(memory, HOST, SHOP) == learnt


async def test_what_is_not_used_is_forgotten(memory: Memory) -> None:
    """By the last use, be it only a look."""
    for name in (SHOP, WEB):
        await memory.remember(HOST, name, {digest(n): ENTRY for n in range(120)}, (), THEN)
    await memory.remember(HOST, WEB, {}, (), Instant(THEN + DAY))
    await memory.forget(THEN)
    assert len(await entries(memory, HOST, SHOP)) == 120
    await memory.forget(Instant(THEN + DAY))
    assert await entries(memory, HOST, SHOP) == {}
    assert len(await entries(memory, HOST, WEB)) == 120
