"""What manifests name, during one connection: remembered from earlier runs, read once in this.

Of each repository all entries are recalled at once, when the first is asked for. A memory
that fails is given up with a warning: then every manifest is read.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from purge_core.adapters.acr_read import body_of
from purge_core.errors import MemoryLost
from purge_core.instants import Instant
from purge_core.manifest_memory import NO_MEMORY, ManifestMemory, pack, unpack
from purge_core.model import BodyState, Digest, Manifest, RepositoryName

_LOG: Final = logging.getLogger(__name__)
_MOST: Final = 64
"""Repositories that are held: as many as are ever worked on at once."""
_BATCH: Final = 100
"""So many new entries of a repository are written together."""


@dataclass(slots=True)
class _Shelf:
    """The bodies of one repository. ``stale``: recalled, not listed, and not asked for."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    loaded: bool = False
    bodies: dict[Digest, BodyState] = field(default_factory=dict)
    learnt: dict[Digest, bytes] = field(default_factory=dict)
    stale: set[Digest] = field(default_factory=set)


class KnownBodies:
    """The bodies of one registry. ``clock`` dates what is remembered."""

    def __init__(self, registry: str, memory: ManifestMemory, clock: Callable[[], Instant]) -> None:
        """Know nothing before something is asked for."""
        self._registry = registry
        self._memory = memory
        self._clock = clock
        self._shelves: OrderedDict[RepositoryName, _Shelf] = OrderedDict()
        self._listings: OrderedDict[RepositoryName, tuple[Manifest, ...]] = OrderedDict()

    def listed(self, repository: RepositoryName, manifests: tuple[Manifest, ...]) -> None:
        """Take note of a whole listing: what else is remembered is stale."""
        self._listings[repository] = manifests
        if len(self._listings) > _MOST:
            self._listings.popitem(last=False)

    async def get(self, repository: RepositoryName, digest: Digest) -> BodyState | None:
        """Give what is known."""
        shelf = await self._shelf(repository)
        shelf.stale.discard(digest)
        return shelf.bodies.get(digest)

    async def learn(self, repository: RepositoryName, digest: Digest, content: bytes) -> BodyState:
        """Remember the bytes that the registry gave for ``digest``; give what they name."""
        shelf = await self._shelf(repository)
        state = shelf.bodies[digest] = body_of(content)
        entry = pack(content)
        if entry is not None:
            shelf.learnt[digest] = entry
        if len(shelf.learnt) >= _BATCH:
            learnt, shelf.learnt = shelf.learnt, {}
            await self._remember(repository, learnt, ())
        return state

    async def recall(self, repository: RepositoryName) -> AsyncIterator[tuple[Digest, bytes]]:
        """Give the bytes of all manifests that are remembered, those learnt just now too."""
        shelf = self._shelves.get(repository)
        if shelf is not None and shelf.learnt:
            learnt, shelf.learnt = shelf.learnt, {}
            await self._remember(repository, learnt, ())
        try:
            async for digest, entry in self._memory.recall(self._registry, repository):
                content = unpack(digest, entry)
                if content is not None:
                    yield digest, content
        except MemoryLost as error:
            self._give_up(error)

    async def keep(self, repository: RepositoryName, contents: Mapping[Digest, bytes]) -> None:
        """Remember bytes that the registry gave."""
        packed = ((digest, pack(content)) for digest, content in contents.items())
        entries = {digest: entry for digest, entry in packed if entry is not None}
        await self._remember(repository, entries, ())

    async def save(self) -> None:
        """Have everything remembered that was learnt, and the stale forgotten."""
        while self._shelves:
            await self._put_away()

    async def _shelf(self, repository: RepositoryName) -> _Shelf:
        shelf = self._shelves.get(repository)
        if shelf is None:
            shelf = self._shelves[repository] = _Shelf()
        self._shelves.move_to_end(repository)
        if not shelf.loaded:
            async with shelf.turn:
                if not shelf.loaded:
                    await self._load(repository, shelf)
        if len(self._shelves) > _MOST:
            await self._put_away()
        return shelf

    async def _load(self, repository: RepositoryName, shelf: _Shelf) -> None:
        listing = self._listings.pop(repository, None)
        listed = None if listing is None else {manifest.digest for manifest in listing}
        try:
            async for digest, entry in self._memory.recall(self._registry, repository):
                content = unpack(digest, entry)
                if content is not None:
                    shelf.bodies[digest] = body_of(content)
                if content is None or (listed is not None and digest not in listed):
                    shelf.stale.add(digest)
        except MemoryLost as error:
            self._give_up(error)
        shelf.loaded = True

    async def _put_away(self) -> None:
        """Let go of the repository that was not used for longest."""
        repository, shelf = self._shelves.popitem(last=False)
        if shelf.loaded:
            await self._remember(repository, shelf.learnt, shelf.stale)

    async def _remember(
        self,
        repository: RepositoryName,
        learnt: Mapping[Digest, bytes],
        stale: Collection[Digest],
    ) -> None:
        try:
            await self._memory.remember(self._registry, repository, learnt, stale, self._clock())
        except MemoryLost as error:
            self._give_up(error)

    def _give_up(self, error: MemoryLost) -> None:
        """Go on without a memory; say so once."""
        if self._memory is not NO_MEMORY:
            self._memory = NO_MEMORY
            _LOG.warning("%s; manifests are read instead", error)


@asynccontextmanager
async def known_bodies(
    registry: str, memory: ManifestMemory, clock: Callable[[], Instant]
) -> AsyncIterator[KnownBodies]:
    """Open what is known of a registry's manifests; at the end what was learnt is saved.

    Work that is cancelled has no time left for it: it loses at most what was not yet written.
    """
    bodies = KnownBodies(registry, memory, clock)
    try:
        yield bodies
    except Exception:
        await bodies.save()
        raise
    await bodies.save()
