"""Manifests are read once and remembered; what is remembered may only ever save a read."""

import logging

import pytest

from purge_core.errors import RegistryError
from purge_core.manifest_memory import pack
from purge_core.model import Body, Digest, RepositoryName, Unread
from tests.emulated import manifest_bytes
from tests.fake_memory import FakeMemory
from tests.fake_source import SHOP, Source, connected
from tests.fake_state import digest_of

CHILD = digest_of("child")


def index(label: str, *children: Digest) -> bytes:
    """Return the bytes of an index."""
    return manifest_bytes(children or (CHILD,), (), None, label)


async def test_once_in_a_run() -> None:
    """Even without a memory a manifest is read once."""
    source = Source()
    (digest,) = source.fill(index("a"))
    async with connected(source) as registry:
        for _ in range(3):
            assert await registry.body(SHOP, digest) == Body((CHILD,))
    assert source.reads == 1


async def test_never_again_in_later_runs() -> None:
    """A second run reads nothing, and asks the memory once per repository."""
    source, memory = Source(), FakeMemory()
    digests = source.fill(*(index(str(n)) for n in range(250)))
    for _ in range(2):
        async with connected(source, memory) as registry:
            for digest in digests:
                assert await registry.body(SHOP, digest) == Body((CHILD,))
    assert source.reads == 250
    assert memory.recalled == [SHOP, SHOP]


async def test_what_could_not_be_read_is_not_remembered() -> None:
    """It is asked for again each time."""
    source, memory = Source(), FakeMemory()
    (digest,) = source.fill(index("a"))
    for state in (Unread.FAILED, Unread.GONE):
        source.contents[digest] = state
        async with connected(source, memory) as registry:
            assert await registry.body(SHOP, digest) is state
            assert await registry.body(SHOP, digest) is state
    assert source.reads == 4
    assert memory.entries == {("contoso", SHOP): {}}


@pytest.mark.parametrize(
    "poison",
    [
        b"",
        b"no zlib",
        pack(b'{"schemaVersion":2}') or b"",
        pack(b'{"manifests":[]}') or b"",
        (pack(index("a")) or b"")[:-8],
    ],
    ids=["empty", "garbage", "hides children", "empty index", "cut off"],
)
async def test_a_wrong_entry_costs_a_read(poison: bytes) -> None:
    """Whatever stands under a digest that is not its manifest is read anew, and put right."""
    source, memory = Source(), FakeMemory()
    (digest,) = source.fill(index("a"))
    memory.entries["contoso", SHOP] = {digest: poison}
    for _ in range(2):
        async with connected(source, memory) as registry:
            assert await registry.body(SHOP, digest) == Body((CHILD,))
    assert source.reads == 1


async def test_stale_entries_go() -> None:
    """What a whole listing no longer shows, and nobody asked for, is forgotten."""
    source, memory = Source(), FakeMemory()
    kept, gone, hidden = source.fill(index("kept"), index("gone"), index("hidden"))
    async with connected(source, memory) as registry:
        for digest in (kept, gone, hidden):
            await registry.body(SHOP, digest)
    for digest in (gone, hidden):
        source.repos[SHOP].delete_manifest(digest)
    async with connected(source, memory) as registry:
        await registry.manifests(SHOP)
        await registry.body(SHOP, kept)
        assert await registry.body(SHOP, hidden) == Body((CHILD,))
    assert memory.entries["contoso", SHOP].keys() == {kept, hidden}


async def test_nothing_is_stale_without_a_listing() -> None:
    """Who looks at one manifest does not judge the others."""
    source, memory = Source(), FakeMemory()
    digests = source.fill(index("a"), index("b"))
    async with connected(source, memory) as registry:
        for digest in digests:
            await registry.body(SHOP, digest)
    async with connected(source, memory) as registry:
        await registry.body(SHOP, digests[0])
    assert memory.entries["contoso", SHOP].keys() == set(digests)


async def test_a_lost_memory_is_done_without(caplog: pytest.LogCaptureFixture) -> None:
    """It is told once, and everything is read."""
    source, memory = Source(), FakeMemory()
    memory.lost = True
    digests = source.fill(*(index(str(n)) for n in range(150)))
    with caplog.at_level(logging.WARNING):
        async with connected(source, memory) as registry:
            for digest in digests:
                assert await registry.body(SHOP, digest) == Body((CHILD,))
    assert source.reads == 150
    assert [record.getMessage() for record in caplog.records] == [
        "the memory is lost; manifests are read instead"
    ]


async def test_what_was_learnt_outlives_an_error() -> None:
    """A run that ends with an error has read all the same."""
    source, memory = Source(), FakeMemory()
    (digest,) = source.fill(index("a"))

    async def run() -> None:
        async with connected(source, memory) as registry:
            await registry.body(SHOP, digest)
            raise RegistryError("the catalogue could not be read")

    with pytest.raises(RegistryError):
        await run()
    assert digest in memory.entries["contoso", SHOP]


async def test_many_repositories_are_put_away() -> None:
    """Only some repositories are held at once, and nothing that was learnt is lost."""
    source, memory = Source(), FakeMemory()
    names = [RepositoryName(f"shop-{n}") for n in range(200)]
    digests = [source.fill(index(name), repository=name)[0] for name in names]
    async with connected(source, memory) as registry:
        for name, digest in zip(names, digests, strict=True):
            await registry.body(name, digest)
        assert len(memory.entries) > 100
    assert memory.entries.keys() == {("contoso", name) for name in names}


async def test_whether_a_manifest_exists_is_not_remembered() -> None:
    """What is known of a manifest that went does not make it appear to be there."""
    source = Source()
    (digest,) = source.fill(index("a"))
    async with connected(source) as registry:
        await registry.body(SHOP, digest)
        await registry.delete_manifest(SHOP, digest)
        assert not await registry.exists(SHOP, digest)
