"""The port to what is remembered of manifests from run to run, and how an entry proves itself.

A digest is the hash of a manifest's bytes. So the bytes are what is remembered, and they
are hashed again whenever they are recalled: an entry that is not exactly what the registry
would give out is as good as none, whoever wrote it. It can cost a read, nothing else.
"""

import zlib
from collections.abc import AsyncIterator, Collection, Mapping
from hashlib import sha256
from typing import Final, Protocol

from purge_core.instants import Instant
from purge_core.model import Digest, RepositoryName

MAX_CONTENT: Final = 4 * 2**20
"""Bytes of the largest manifest that a registry gives out.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
"""
MAX_PACKED: Final = 60_000
"""Bytes of an entry, below the 64 KiB that a column of a table holds."""


def pack(content: bytes) -> bytes | None:
    """Write a manifest's bytes as an entry; ``None``: too large to be remembered."""
    packed = zlib.compress(content)
    return packed if len(packed) <= MAX_PACKED else None


def unpack(digest: Digest, entry: bytes) -> bytes | None:
    """Read the bytes of an entry; ``None`` unless they are those that ``digest`` stands for.

    Never more than a manifest's bytes are unpacked, whatever the entry would become.
    """
    try:
        content = zlib.decompressobj().decompress(entry, MAX_CONTENT)
    except zlib.error:
        return None
    return content if f"sha256:{sha256(content).hexdigest()}" == digest else None


class ManifestMemory(Protocol):
    """Entries by registry, repository and digest. Whatever it gives is verified by the caller.

    Every method raises ``MemoryLost`` when it cannot be used.
    """

    def recall(
        self, registry: str, repository: RepositoryName
    ) -> AsyncIterator[tuple[Digest, bytes]]:
        """Give all entries of a repository, in any order."""
        ...

    async def remember(
        self,
        registry: str,
        repository: RepositoryName,
        learnt: Mapping[Digest, bytes],
        stale: Collection[Digest],
        at: Instant,
    ) -> None:
        """Add entries, remove ``stale`` ones, and note that the repository was used ``at``."""
        ...


class NoMemory:
    """Remembers nothing. Implements ``ManifestMemory``."""

    async def recall(self, *_: object) -> AsyncIterator[tuple[Digest, bytes]]:
        """Give nothing."""
        nothing: tuple[tuple[Digest, bytes], ...] = ()
        for entry in nothing:
            yield entry

    async def remember(self, *_: object) -> None:
        """Forget it."""


NO_MEMORY: Final = NoMemory()
