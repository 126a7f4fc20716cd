"""A memory of manifests that keeps state, and can be spoilt or lost."""

from collections.abc import AsyncIterator, Collection, Mapping

from purge_core.errors import MemoryLost
from purge_core.instants import Instant
from purge_core.model import Digest, RepositoryName

Place = tuple[str, RepositoryName]


class FakeMemory:
    """Entries in dictionaries. Implements ``purge_core.manifest_memory.ManifestMemory``.

    ``lost``: every call fails. ``recalled`` counts the calls that gave something to read.
    """

    def __init__(self) -> None:
        self.entries: dict[Place, dict[Digest, bytes]] = {}
        self.used: dict[Place, Instant] = {}
        self.recalled: list[RepositoryName] = []
        self.lost = False

    async def recall(
        self, registry: str, repository: RepositoryName
    ) -> AsyncIterator[tuple[Digest, bytes]]:
        """Give all entries of a repository."""
        self._check()
        self.recalled.append(repository)
        for digest, entry in list(self.entries.get((registry, repository), {}).items()):
            yield digest, entry

    async def remember(
        self,
        registry: str,
        repository: RepositoryName,
        learnt: Mapping[Digest, bytes],
        stale: Collection[Digest],
        at: Instant,
    ) -> None:
        """Keep entries."""
        self._check()
        place = registry, repository
        entries = self.entries.setdefault(place, {})
        for digest in stale:
            entries.pop(digest, None)
        entries.update(learnt)
        self.used[place] = max(at, self.used.get(place, at))

    async def forget(self, before: Instant) -> None:
        """Remove what was last used before then."""
        self._check()
        for place in [place for place, used in self.used.items() if used < before]:
            del self.used[place], self.entries[place]

    def _check(self) -> None:
        if self.lost:
            raise MemoryLost("the memory is lost")
