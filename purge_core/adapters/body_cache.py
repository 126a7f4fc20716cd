"""What manifests name, remembered from plan to plan of one process.

A digest stands for its bytes, so what they name never changes. What could not be read
is never remembered.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from purge_core.instants import Instant
from purge_core.model import (
    Body,
    BodyState,
    Digest,
    Lock,
    Manifest,
    RepositoryName,
    Tag,
    TagName,
)
from purge_core.registry import Changes, Deletion, Listing, Registry

_LIMIT: Final = 400_000


class _Key(NamedTuple):
    registry: str
    digest: Digest


class BodyCache:
    """Bodies by registry and digest; those that were not asked for longest go first.

    ``limit`` bounds the digests held, keys included: 400,000 take about 80 MB.
    """

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._bodies: OrderedDict[_Key, Body] = OrderedDict()
        self._held = 0

    def get(self, registry: str, digest: Digest) -> Body | None:
        """Give what is remembered."""
        key = _Key(registry, digest)
        body = self._bodies.get(key)
        if body is not None:
            self._bodies.move_to_end(key)
        return body

    def put(self, registry: str, digest: Digest, body: Body) -> None:
        """Remember ``body``, and forget others when that is too much."""
        key = _Key(registry, digest)
        if key not in self._bodies:
            self._held += _weight(body)
        self._bodies[key] = body
        while self._held > self._limit:
            self._held -= _weight(self._bodies.popitem(last=False)[1])


def _weight(body: Body) -> int:
    return 1 + len(body.children) + (body.subject is not None)


class CachedRegistry:
    """A registry whose bodies are read once per process. Implements ``Registry``.

    ``name`` is the login server: what one registry says is not believed of another.
    """

    def __init__(self, inner: Registry, cache: BodyCache, name: str) -> None:
        self._inner = inner
        self._cache = cache
        self._name = name

    async def body(self, repository: RepositoryName, digest: Digest) -> BodyState:
        """What the manifest's body names, from memory where it is known."""
        known = self._cache.get(self._name, digest)
        if known is not None:
            return known
        state = await self._inner.body(repository, digest)
        if isinstance(state, Body):
            self._cache.put(self._name, digest, state)
        return state

    async def exists(self, repository: RepositoryName, digest: Digest) -> bool:
        """Ask the registry: what a digest names never changes, but whether it is there does."""
        return await self._inner.exists(repository, digest)

    def repositories(self) -> AsyncIterator[RepositoryName]:
        """Ask the registry."""
        return self._inner.repositories()

    async def tags(self, repository: RepositoryName) -> Listing[Tag]:
        """Ask the registry."""
        return await self._inner.tags(repository)

    async def manifests(self, repository: RepositoryName) -> Listing[Manifest]:
        """Ask the registry."""
        return await self._inner.manifests(repository)

    async def tags_since(self, repository: RepositoryName, mark: Instant | None) -> Changes[Tag]:
        """Ask the registry."""
        return await self._inner.tags_since(repository, mark)

    async def manifests_since(
        self, repository: RepositoryName, mark: Instant | None
    ) -> Changes[Manifest]:
        """Ask the registry."""
        return await self._inner.manifests_since(repository, mark)

    async def delete_tag(self, repository: RepositoryName, tag: TagName) -> Deletion:
        """Pass on."""
        return await self._inner.delete_tag(repository, tag)

    async def delete_manifest(self, repository: RepositoryName, digest: Digest) -> Deletion:
        """Pass on."""
        return await self._inner.delete_manifest(repository, digest)

    async def lock_tag(self, repository: RepositoryName, tag: TagName, lock: Lock) -> None:
        """Pass on."""
        await self._inner.lock_tag(repository, tag, lock)

    async def lock_manifest(self, repository: RepositoryName, digest: Digest, lock: Lock) -> None:
        """Pass on."""
        await self._inner.lock_manifest(repository, digest, lock)
