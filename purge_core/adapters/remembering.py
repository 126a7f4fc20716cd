"""A registry whose manifests are read once and for all: what a digest names never changes."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Final, Protocol

from purge_core.adapters.acr_parts import parts_of
from purge_core.adapters.known_bodies import KnownBodies
from purge_core.bounded import map_bounded
from purge_core.instants import Instant
from purge_core.model import (
    BodyState,
    Digest,
    Lock,
    Manifest,
    RepositoryName,
    Tag,
    TagName,
    Unread,
)
from purge_core.registry import Changes, Deletion, Listing, Registry
from purge_core.sizes import Parts

_TOGETHER: Final = 100
"""So many manifests are read, and then remembered together."""
_AT_ONCE: Final = 16


class Source(Registry, Protocol):
    """A registry that also gives out the bytes of its manifests."""

    async def content(self, repository: RepositoryName, digest: Digest) -> bytes | Unread:
        """The bytes, which have this digest; a failure to read them is a value."""
        ...


class RememberingRegistry:
    """Reads each manifest's body once, and remembers it. Implements ``MeasurableRegistry``.

    What could not be read is not remembered.
    """

    def __init__(self, inner: Source, bodies: KnownBodies) -> None:
        """Ask ``inner`` for what ``bodies`` do not know."""
        self._inner = inner
        self._bodies = bodies

    async def body(self, repository: RepositoryName, digest: Digest) -> BodyState:
        """What the manifest's body names, from memory where it is known."""
        known = await self._bodies.get(repository, digest)
        if known is not None:
            return known
        content = await self._inner.content(repository, digest)
        if isinstance(content, Unread):
            return content
        return await self._bodies.learn(repository, digest, content)

    async def parts(
        self, repository: RepositoryName, digests: Collection[Digest]
    ) -> AsyncIterator[tuple[Digest, Parts | Unread]]:
        """What each manifest consists of: first those that are remembered, then the others."""
        missing = set(digests)
        if not missing:
            return
        async for digest, content in self._bodies.recall(repository):
            if digest in missing:
                missing.discard(digest)
                yield digest, parts_of(digest, content)
        rest = sorted(missing)
        for start in range(0, len(rest), _TOGETHER):
            found = await self._contents(repository, rest[start : start + _TOGETHER])
            known = {digest: answer for digest, answer in found if isinstance(answer, bytes)}
            await self._bodies.keep(repository, known)
            for digest, answer in found:
                yield digest, answer if isinstance(answer, Unread) else parts_of(digest, answer)

    async def _contents(
        self, repository: RepositoryName, digests: Sequence[Digest]
    ) -> list[tuple[Digest, bytes | Unread]]:
        async def read(digest: Digest) -> tuple[Digest, bytes | Unread]:
            return digest, await self._inner.content(repository, digest)

        return await map_bounded(read, digests, _AT_ONCE)

    async def exists(self, repository: RepositoryName, digest: Digest) -> bool:
        """Ask the registry: what a digest names never changes, but whether it is there does."""
        return await self._inner.exists(repository, digest)

    async def has_tag(self, repository: RepositoryName, tag: TagName) -> bool:
        """Ask the registry."""
        return await self._inner.has_tag(repository, tag)

    def repositories(self) -> AsyncIterator[RepositoryName]:
        """Ask the registry."""
        return self._inner.repositories()

    async def tags(self, repository: RepositoryName) -> Listing[Tag]:
        """Ask the registry."""
        return await self._inner.tags(repository)

    async def manifests(self, repository: RepositoryName) -> Listing[Manifest]:
        """Ask the registry; the listing shows which memories are stale."""
        listing = await self._inner.manifests(repository)
        self._bodies.listed(repository, listing.items)
        return listing

    async def tags_since(self, repository: RepositoryName, mark: Instant | None) -> Changes[Tag]:
        """Ask the registry."""
        return await self._inner.tags_since(repository, mark)

    async def manifests_since(
        self, repository: RepositoryName, mark: Instant | None
    ) -> Changes[Manifest]:
        """Ask the registry."""
        return await self._inner.manifests_since(repository, mark)

    async def delete_tag(
        self, repository: RepositoryName, tag: TagName, *, age: float = 0.0
    ) -> Deletion:
        """Pass on."""
        return await self._inner.delete_tag(repository, tag, age=age)

    async def delete_manifest(
        self, repository: RepositoryName, digest: Digest, *, age: float = 0.0
    ) -> Deletion:
        """Pass on."""
        return await self._inner.delete_manifest(repository, digest, age=age)

    async def lock_tag(
        self, repository: RepositoryName, tag: TagName, lock: Lock, *, age: float | None = None
    ) -> None:
        """Pass on."""
        await self._inner.lock_tag(repository, tag, lock, age=age)

    async def lock_manifest(
        self, repository: RepositoryName, digest: Digest, lock: Lock, *, age: float | None = None
    ) -> None:
        """Pass on."""
        await self._inner.lock_manifest(repository, digest, lock, age=age)
