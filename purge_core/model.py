"""What a registry holds, as values: tags, manifests, what manifests name, a snapshot.

Frozen and slotted throughout: a repository may hold a million of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NewType

from purge_core.instants import Instant

RepositoryName = NewType("RepositoryName", str)
TagName = NewType("TagName", str)
Digest = NewType("Digest", str)
"""``sha256:`` and 64 hex digits, as the registry writes it."""


@dataclass(frozen=True, slots=True)
class Lock:
    """The two attributes that forbid a deletion (``deleteEnabled``, ``writeEnabled``)."""

    delete_enabled: bool = True
    write_enabled: bool = True

    @property
    def closed(self) -> bool:
        """Whether the item must not be deleted: either attribute is false."""
        return not (self.delete_enabled and self.write_enabled)


OPEN: Final = Lock()
"""The lock of nearly every item; one shared instance."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a listing. ``None`` means that the registry did not say."""

    name: TagName
    digest: Digest | None
    updated: Instant | None
    lock: Lock | None = OPEN


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest of a listing. ``None`` means that the registry did not say.

    ``tags`` is what the manifest listing shows, which may leave some out; ``size`` is
    ``imageSize`` in bytes; ``platform`` is ``os/architecture`` where the listing has it.
    """

    digest: Digest
    media_type: str | None
    updated: Instant | None
    tags: tuple[TagName, ...] = ()
    lock: Lock | None = OPEN
    size: int = 0
    platform: str | None = None


class Shape(Enum):
    """What a media type says about the edges that a manifest can have."""

    PLAIN = "plain"
    """Names neither manifests nor a subject: Docker images."""
    IMAGE = "image"
    """May name a subject: OCI images and artifacts, ORAS artifacts."""
    INDEX = "index"
    """Names manifests and perhaps a subject: OCI indexes, Docker manifest lists."""
    UNKNOWN = "unknown"
    """Not known to this program, or not told: may name anything."""


ORAS_ARTIFACT: Final = "application/vnd.cncf.oras.artifact.manifest.v1+json"
_SHAPES: Final = {
    "application/vnd.docker.distribution.manifest.v1+json": Shape.PLAIN,
    "application/vnd.docker.distribution.manifest.v1+prettyjws": Shape.PLAIN,
    "application/vnd.docker.distribution.manifest.v2+json": Shape.PLAIN,
    "application/vnd.docker.distribution.manifest.list.v2+json": Shape.INDEX,
    "application/vnd.oci.image.manifest.v1+json": Shape.IMAGE,
    "application/vnd.oci.image.index.v1+json": Shape.INDEX,
    "application/vnd.oci.artifact.manifest.v1+json": Shape.IMAGE,
    ORAS_ARTIFACT: Shape.IMAGE,
}


def shape_of(media_type: str | None) -> Shape:
    """Say which edges a manifest of ``media_type`` can have."""
    return _SHAPES.get(media_type or "", Shape.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Body:
    """The edges in a manifest's body. A digest never changes, so neither does this.

    ``bare`` are those of ``children`` whose descriptor states no platform: they need
    not be platform images and may themselves refer to a subject.
    """

    children: tuple[Digest, ...] = ()
    subject: Digest | None = None
    bare: tuple[Digest, ...] = ()


UsedNames = Mapping[TagName | Digest, str]
"""Tags and digests of one repository that something runs, each with a reference naming it."""


class Unread(Enum):
    """Why a body that was asked for is not known."""

    GONE = "gone"
    """404, though it was listed."""
    GARBAGE = "garbage"
    """Received whole (the digest agrees) and not a manifest: it names nothing."""
    FAILED = "failed"
    """No answer that can be trusted: it may name anything."""


BodyState = Body | Unread
PLAIN_BODY: Final = Body()


@dataclass(frozen=True, slots=True)
class RepositorySnapshot:
    """All that is known of one repository when it is judged.

    ``manifests`` is ``None`` when they were not listed, because no manifest can go.
    ``bodies`` holds what was read; a digest that is absent was not read. ``in_use`` leads
    from each tag and digest that something runs to the reference that says so. The marks are
    instants of the registry's clock, not later than the start of the listing: whatever
    changed since the listing carries a later (or the same) time.
    """

    name: RepositoryName
    tags: tuple[Tag, ...] = ()
    manifests: tuple[Manifest, ...] | None = None
    bodies: Mapping[Digest, BodyState] = field(default_factory=dict)
    tags_mark: Instant | None = None
    manifests_mark: Instant | None = None
    in_use: UsedNames = field(default_factory=dict)
