"""The memory of bodies: digests are for ever, failures are not, and memory is bounded."""

from purge_core.adapters.body_cache import BodyCache, CachedRegistry
from purge_core.model import Body, BodyState, RepositoryName, Unread
from tests.fake_state import digest_of
from tests.fakes import FakeRegistry

SHOP = RepositoryName("shop")


def asked(registry: FakeRegistry) -> int:
    """Count the bodies that were asked of the registry itself."""
    return sum(call.method == "body" for call in registry.calls)


async def read(
    registry: FakeRegistry, cache: BodyCache, body: BodyState, name: str = "contoso"
) -> BodyState:
    """Push a manifest (always the same digest) and read it through the memory."""
    digest = registry.push("shop", digest=digest_of("image"), body=body)
    return await CachedRegistry(registry, cache, name).body(SHOP, digest)


async def test_body_is_read_once_per_process() -> None:
    """A second plan of the same process, through a new connection, reads nothing again."""
    registry, cache = FakeRegistry(), BodyCache()
    body = Body((digest_of("child"),))
    assert await read(registry, cache, body) == body
    assert await read(registry, cache, body) == body
    assert asked(registry) == 1


async def test_registries_do_not_share() -> None:
    """What one registry says of a digest is not believed of another."""
    registry, cache = FakeRegistry(), BodyCache()
    await read(registry, cache, Body(), "contoso")
    await read(registry, cache, Body(), "fabrikam")
    assert asked(registry) == 2


async def test_failure_is_not_remembered() -> None:
    """What could not be read is asked for again, and remembered when it is read."""
    registry, cache = FakeRegistry(), BodyCache()
    for state in Unread:
        assert await read(registry, cache, state) is state
    assert await read(registry, cache, Body()) == Body()
    assert await read(registry, cache, Unread.FAILED) == Body()
    assert asked(registry) == 4


async def test_whether_a_manifest_exists_is_not_remembered() -> None:
    """What is known of a manifest that went does not make it appear to be there."""
    registry = FakeRegistry()
    digest = registry.push("shop", digest=digest_of("image"))
    cached = CachedRegistry(registry, BodyCache(), "contoso")
    await cached.body(SHOP, digest)
    await cached.delete_manifest(SHOP, digest)
    assert not await cached.exists(SHOP, digest)


def test_memory_is_bounded_and_forgets_what_is_not_used() -> None:
    """An index counts with its children; what was asked for last stays."""
    cache = BodyCache(limit=6)
    index = Body(tuple(digest_of(f"child {i}") for i in range(3)))
    cache.put("contoso", digest_of("index"), index)
    cache.put("contoso", digest_of("image"), Body())
    assert cache.get("contoso", digest_of("index")) == index
    cache.put("contoso", digest_of("referrer"), Body(subject=digest_of("image")))
    assert cache.get("contoso", digest_of("image")) is None
    assert cache.get("contoso", digest_of("index")) == index
    cache.put("contoso", digest_of("huge"), Body(index.children * 3))
    assert cache.get("contoso", digest_of("huge")) is None


def test_putting_twice_counts_once() -> None:
    """A body that is read twice at once takes no more room."""
    cache = BodyCache(limit=2)
    for _ in range(5):
        cache.put("contoso", digest_of("a"), Body())
    cache.put("contoso", digest_of("b"), Body())
    assert cache.get("contoso", digest_of("a")) is not None
