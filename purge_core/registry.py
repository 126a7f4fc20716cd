"""Ports to a registry: what the engine asks of one, and nothing else."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, Protocol, TypeVar

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
from purge_core.sizes import Parts

Item = TypeVar("Item", Tag, Manifest)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """A whole listing. What changed since it began carries a time of at least ``mark``.

    ``mark`` is an instant of the registry's clock; ``None`` when nothing had a time.
    """

    items: tuple[Item, ...]
    mark: Instant | None


@dataclass(frozen=True, slots=True)
class Changes(Generic[Item]):
    """The newest entries of a listing, down to the first older than the mark.

    ``complete`` is true when they are the whole listing: what is absent is gone.
    """

    items: tuple[Item, ...]
    complete: bool


class RegistryReader(Protocol):
    """Reads a registry. One request per call when warm, or one per page.

    Every method raises ``RegistryError`` (``NotFound`` for a missing repository).
    """

    def repositories(self) -> AsyncIterator[RepositoryName]:
        """All repositories, in the order of the catalogue."""
        ...

    async def tags(self, repository: RepositoryName) -> Listing[Tag]:
        """All tags."""
        ...

    async def manifests(self, repository: RepositoryName) -> Listing[Manifest]:
        """All manifests."""
        ...

    async def body(self, repository: RepositoryName, digest: Digest) -> BodyState:
        """What the manifest's body names. A failure to read it is a value, not raised.

        It may be told from memory, so it does not say that the manifest is still there.
        """
        ...

    async def exists(self, repository: RepositoryName, digest: Digest) -> bool:
        """Whether the registry gives the manifest out in this moment; never from memory."""
        ...

    async def has_tag(self, repository: RepositoryName, tag: TagName) -> bool:
        """Whether there is such a tag in this moment."""
        ...

    async def tags_since(self, repository: RepositoryName, mark: Instant | None) -> Changes[Tag]:
        """Tags, newest first, down to the first that is older than ``mark``."""
        ...

    async def manifests_since(
        self, repository: RepositoryName, mark: Instant | None
    ) -> Changes[Manifest]:
        """Manifests, newest first, down to the first that is older than ``mark``."""
        ...


class PartsReader(Protocol):
    """Reads what manifests consist of. For what is not remembered: one request each."""

    def parts(
        self, repository: RepositoryName, digests: Collection[Digest]
    ) -> AsyncIterator[tuple[Digest, Parts | Unread]]:
        """Give the parts of each, in any order. A failure to read one is a value."""
        ...


MAX_AGE: Final = 2.0
"""Seconds after which what was read does not allow a change of the registry any more."""


class Answer(Enum):
    """What a registry says to a DELETE that it understood."""

    ACCEPTED = "accepted"
    """202."""
    GONE = "gone"
    """404."""
    LOCKED = "locked"
    """405."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """The answer, and for a tag the digest that it pointed at when it went."""

    answer: Answer
    digest: Digest | None = None


class RegistryWriter(Protocol):
    """Changes a registry. One request per call, never repeated behind the caller.

    ``age`` is for how many seconds what the request relies on has been known. When it can no
    longer be sent within ``MAX_AGE``, it is not sent at all, but for a lock without an age.

    Every method raises ``RegistryError``: ``AccessDenied``, ``Unavailable``, ``NotSent``, ...
    """

    async def delete_tag(
        self, repository: RepositoryName, tag: TagName, *, age: float = 0.0
    ) -> Deletion:
        """Delete one tag; its manifest stays."""
        ...

    async def delete_manifest(
        self, repository: RepositoryName, digest: Digest, *, age: float = 0.0
    ) -> Deletion:
        """Delete one manifest, with all its tags and all its referrers."""
        ...

    async def lock_tag(
        self, repository: RepositoryName, tag: TagName, lock: Lock, *, age: float | None = None
    ) -> None:
        """Set both lock attributes of a tag."""
        ...

    async def lock_manifest(
        self, repository: RepositoryName, digest: Digest, lock: Lock, *, age: float | None = None
    ) -> None:
        """Set both lock attributes of a manifest."""
        ...


class Registry(RegistryReader, RegistryWriter, Protocol):
    """Both."""


class MeasurableRegistry(Registry, PartsReader, Protocol):
    """All three."""
