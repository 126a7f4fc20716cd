"""Small words that build snapshots: ``repository("shop", index("v1", amd64, arm64))``.

Every manifest has real bytes, so its digest is true and the same in every run; two manifests
differ when their labels, children or subjects do. Ages count back from ``NOW``.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from purge_core.instants import DAY, TICKS_PER_SECOND, Instant, Span, parse_instant
from purge_core.model import (
    OPEN,
    ORAS_ARTIFACT,
    Body,
    BodyState,
    Digest,
    Lock,
    Manifest,
    RepositoryName,
    RepositorySnapshot,
    Tag,
    TagName,
    Unread,
)

NOW: Final = parse_instant("2026-11-21T12:00:00Z")
"""The instant at which tests judge."""

OCI_IMAGE: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_ARTIFACT: Final = "application/vnd.oci.artifact.manifest.v1+json"
DOCKER_IMAGE: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
ORAS: Final = ORAS_ARTIFACT
ODD: Final = "application/vnd.example.manifest.v7+json"
"""A media type that nobody knows."""

DELETE_LOCKED: Final = Lock(delete_enabled=False)
WRITE_LOCKED: Final = Lock(write_enabled=False)
LOCKED: Final = Lock(delete_enabled=False, write_enabled=False)

OLD: Final = Span(100 * DAY)
"""The age of whatever a test does not give another age: older than any threshold in use."""


def days(count: float) -> Span:
    """Return a span of so many days."""
    return Span(round(count * DAY))


def minutes(count: float) -> Span:
    """Return a span of so many minutes."""
    return Span(round(count * 60 * TICKS_PER_SECOND))


def ago(span: int) -> Instant:
    """Return the instant ``span`` ticks before ``NOW`` (after it, when negative)."""
    return Instant(NOW - span)


@dataclass(frozen=True, slots=True)
class TagSpec:
    """A tag to be; ``age`` is ``None`` when the registry does not tell its time."""

    name: str
    age: Span | None = OLD
    lock: Lock | None = OPEN

    def on(self, digest: Digest | None) -> Tag:
        """Return the tag as it points at ``digest``."""
        updated = None if self.age is None else ago(self.age)
        return Tag(TagName(self.name), digest, updated, self.lock)


@dataclass(frozen=True, slots=True)
class Made:
    """One manifest with its bytes, its tags, and what it names."""

    media_type: str | None
    age: Span | None
    lock: Lock | None
    size: int
    platform: str | None = None
    children: "tuple[Made, ...]" = ()
    subject: "Made | None" = None
    tags: tuple[TagSpec, ...] = ()
    content: bytes = b""

    @property
    def digest(self) -> Digest:
        """The true digest of the bytes."""
        return Digest(f"sha256:{hashlib.sha256(self.content).hexdigest()}")

    @property
    def body(self) -> Body:
        """What the bytes name."""
        return Body(
            children=tuple(child.digest for child in self.children),
            subject=None if self.subject is None else self.subject.digest,
            bare=tuple(child.digest for child in self.children if child.platform is None),
        )

    @property
    def manifest(self) -> Manifest:
        """The entry of the manifest listing."""
        updated = None if self.age is None else ago(self.age)
        names = tuple(sorted(TagName(tag.name) for tag in self.tags))
        return Manifest(
            self.digest, self.media_type, updated, names, self.lock, self.size, self.platform
        )

    @property
    def family(self) -> "Iterator[Made]":
        """Itself and all that it names, directly or not."""
        yield self
        for named in (*self.children, *([self.subject] if self.subject else [])):
            yield from named.family


def tag(name: str, *, age: Span | None = OLD, lock: Lock | None = OPEN) -> TagSpec:
    """Name a tag that differs from its manifest in age or lock."""
    return TagSpec(name, age, lock)


def image(
    label: str,
    *,
    tags: Iterable[str | TagSpec] = (),
    age: Span | None = OLD,
    lock: Lock | None = OPEN,
    media_type: str | None = OCI_IMAGE,
    size: int = 1_000,
    platform: str | None = "linux/amd64",
) -> Made:
    """Make an image; a tag given by name alone is as old as the image."""
    return _made(label, Made(media_type, age, lock, size, platform), tags)


def index(
    label: str,
    *children: Made,
    tags: Iterable[str | TagSpec] = (),
    age: Span | None = OLD,
    lock: Lock | None = OPEN,
    media_type: str | None = OCI_INDEX,
    subject: Made | None = None,
) -> Made:
    """Make an index that lists ``children``; with a ``subject`` it is a referrer as well."""
    size = 500 + sum(child.size for child in children)
    return _made(label, Made(media_type, age, lock, size, None, children, subject), tags)


def referrer(
    subject: Made,
    label: str = "sbom",
    *,
    tags: Iterable[str | TagSpec] = (),
    age: Span | None = OLD,
    lock: Lock | None = OPEN,
    media_type: str | None = OCI_IMAGE,
) -> Made:
    """Make a manifest whose ``subject`` is the given one: an SBOM, an attestation."""
    return _made(label, Made(media_type, age, lock, 200, subject=subject), tags)


def signature(
    signed: Made, kind: str = "sig", *, age: Span | None = OLD, lock: Lock | None = OPEN
) -> Made:
    """Make a signature by cosign's tag scheme: an image tagged ``sha256-<hex>.sig``."""
    name = signature_tag(signed, kind)
    return image(name, tags=[tag(name, age=age, lock=lock)], age=age, platform=None, size=100)


def signature_tag(signed: Made, kind: str = "sig") -> str:
    """Return the name of the tag under which cosign keeps a signature."""
    return f"{signed.digest.replace(':', '-')}.{kind}"


def repository(
    name: str,
    *made: Made,
    absent: Iterable[Made] = (),
    loose: Iterable[Tag] = (),
    unread: Mapping[Digest, Unread] | None = None,
) -> RepositorySnapshot:
    """Return a wholly read repository of ``made`` and all that they name.

    ``absent`` are named and not there; ``loose`` are further tags, of manifests that no
    listing shows or of none; ``unread`` says which bodies could not be read, and why.
    """
    gone = {a.digest for a in absent}
    present = {m.digest: m for top in made for m in top.family if m.digest not in gone}
    bodies: dict[Digest, BodyState] = {d: m.body for d, m in present.items()}
    bodies.update(unread or {})
    return RepositorySnapshot(
        name=RepositoryName(name),
        tags=(*(t.on(d) for d, m in present.items() for t in m.tags), *loose),
        manifests=tuple(m.manifest for m in present.values()),
        bodies=bodies,
    )


def _made(label: str, bare: Made, tags: Iterable[str | TagSpec]) -> Made:
    specs = tuple(TagSpec(t, bare.age) if isinstance(t, str) else t for t in tags)
    return replace(bare, content=_content(label, bare), tags=specs)


def _content(label: str, made: Made) -> bytes:
    document: dict[str, object] = {"schemaVersion": 2, "annotations": {"label": label}}
    if made.media_type is not None:
        document["mediaType"] = made.media_type
    if made.children or made.media_type in {OCI_INDEX, DOCKER_LIST}:
        document["manifests"] = [_descriptor(child) for child in made.children]
    else:
        empty = {"mediaType": "application/vnd.oci.empty.v1+json", "size": 2}
        hexdigest = hashlib.sha256(b"{}").hexdigest()
        document |= {"config": {**empty, "digest": f"sha256:{hexdigest}"}, "layers": []}
    if made.subject is not None:
        document["subject"] = _descriptor(made.subject)
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _descriptor(made: Made) -> dict[str, object]:
    descriptor: dict[str, object] = {"digest": made.digest, "size": len(made.content)}
    if made.media_type is not None:
        descriptor["mediaType"] = made.media_type
    if made.platform is not None:
        system, _, architecture = made.platform.partition("/")
        descriptor["platform"] = {"os": system, "architecture": architecture}
    return descriptor
