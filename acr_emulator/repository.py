"""One repository: manifests, tags, and their orders.

It keeps itself consistent; what is allowed is the business of `state`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from acr_emulator.attributes import OPEN, Attributes
from acr_emulator.media import Facts, Platform, read_facts
from acr_emulator.sorted_keys import SortedKeys


class BodySource(Protocol):
    """Writes a manifest's bytes anew each time: smaller than the bytes of a million manifests."""

    def render(self) -> bytes:
        """The bytes, the same at every call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How an item's JSON differs from what a well-behaved registry would answer.

    `omit` keys are left out and `override` values put in their place, in lists and single GETs.
    `attributes` are further entries of changeableAttributes. `get_status` is what a GET of the
    manifest's bytes answers instead of them; `get_body` are the bytes that it answers instead of
    the true ones.
    """

    omit: frozenset[str] = frozenset()
    override: Mapping[str, object] = field(default_factory=dict)
    attributes: Mapping[str, object] = field(default_factory=dict)
    get_status: int | None = None
    get_body: bytes | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Tag:
    """A name for a digest. Times are in ticks."""

    name: str
    digest: str
    created: int
    updated: int
    attributes: Attributes = OPEN
    quirks: Quirks | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Manifest:
    """A manifest: its bytes, what the registry noted about it, and the names of its tags.

    Times are in ticks; `size` is what the registry calls imageSize, in bytes.
    """

    digest: str
    source: bytes | BodySource
    media_type: str | None
    created: int
    updated: int
    size: int = 0
    platform: Platform | None = None
    subject: str | None = None
    tags: tuple[str, ...] = ()
    attributes: Attributes = OPEN
    quirks: Quirks | None = None

    @property
    def body(self) -> bytes:
        """The exact bytes."""
        return self.source if isinstance(self.source, bytes) else self.source.render()

    @property
    def facts(self) -> Facts:
        """What the bytes name."""
        return read_facts(self.body)


class Repository:
    """The manifests and tags of one name. Times are in ticks."""

    __slots__ = (
        "_manifest_times",
        "_manifests_order",
        "_tag_times",
        "_tags_order",
        "attributes",
        "created",
        "manifests",
        "name",
        "referrers",
        "tags",
        "updated",
    )

    def __init__(self, name: str, *, at: int) -> None:
        self.name = name
        self.created = at
        self.updated = at
        self.attributes = OPEN
        self.manifests: dict[str, Manifest] = {}
        self.tags: dict[str, Tag] = {}
        self.referrers: dict[str, tuple[str, ...]] = {}
        self._tags_order: SortedKeys[str] | None = None
        self._manifests_order: SortedKeys[str] | None = None
        self._tag_times: SortedKeys[tuple[int, str]] | None = None
        self._manifest_times: SortedKeys[tuple[int, str]] | None = None

    def add_manifest(self, manifest: Manifest) -> None:
        """Take in a manifest of a new digest, without tags."""
        self.manifests[manifest.digest] = manifest
        if manifest.subject is not None:
            others = self.referrers.get(manifest.subject, ())
            self.referrers[manifest.subject] = (*others, manifest.digest)
        if self._manifests_order is not None:
            self._manifests_order.add(manifest.digest)
        if self._manifest_times is not None:
            self._manifest_times.add((manifest.updated, manifest.digest))

    def remove_manifest(self, digest: str) -> None:
        """Drop a manifest and its tags."""
        manifest = self.manifests.pop(digest)
        for name in manifest.tags:
            self._drop_tag(name)
        if manifest.subject is not None:
            left = tuple(d for d in self.referrers[manifest.subject] if d != digest)
            if left:
                self.referrers[manifest.subject] = left
            else:
                del self.referrers[manifest.subject]
        for order in (self._manifests_order, self._manifest_times):
            if order is not None:
                order.removed()

    def touch_manifest(self, manifest: Manifest, *, at: int) -> None:
        """Set a manifest's update time."""
        manifest.updated = at
        if self._manifest_times is not None:
            self._manifest_times.removed()
            self._manifest_times.add((at, manifest.digest))

    def set_tag(self, name: str, digest: str, *, at: int) -> Tag:
        """Let a name, new or not, stand for the digest of a manifest that is here."""
        tag = self.tags.get(name)
        if tag is None:
            tag = Tag(name=name, digest=digest, created=at, updated=at)
            self.tags[name] = tag
            if self._tags_order is not None:
                self._tags_order.add(name)
        else:
            self._leave_manifest(tag)
            tag.digest, tag.updated = digest, at
            if self._tag_times is not None:
                self._tag_times.removed()
        if self._tag_times is not None:
            self._tag_times.add((at, name))
        manifest = self.manifests[digest]
        manifest.tags = (*manifest.tags, name)
        return tag

    def remove_tag(self, name: str) -> Tag:
        """Drop a tag; its manifest stays."""
        tag = self._drop_tag(name)
        self._leave_manifest(tag)
        return tag

    def _drop_tag(self, name: str) -> Tag:
        for order in (self._tags_order, self._tag_times):
            if order is not None:
                order.removed()
        return self.tags.pop(name)

    def _leave_manifest(self, tag: Tag) -> None:
        manifest = self.manifests[tag.digest]
        manifest.tags = tuple(name for name in manifest.tags if name != tag.name)

    @property
    def tags_by_name(self) -> SortedKeys[str]:
        """The tags' names."""
        if self._tags_order is None:
            self._tags_order = SortedKeys(self.tags, self.tags.__contains__)
        return self._tags_order

    @property
    def tags_by_time(self) -> SortedKeys[tuple[int, str]]:
        """Pairs of update time and name."""
        if self._tag_times is None:
            pairs = ((tag.updated, name) for name, tag in self.tags.items())
            self._tag_times = SortedKeys(pairs, self._is_tag_time)
        return self._tag_times

    @property
    def manifests_by_digest(self) -> SortedKeys[str]:
        """The manifests' digests."""
        if self._manifests_order is None:
            self._manifests_order = SortedKeys(self.manifests, self.manifests.__contains__)
        return self._manifests_order

    @property
    def manifests_by_time(self) -> SortedKeys[tuple[int, str]]:
        """Pairs of update time and digest."""
        if self._manifest_times is None:
            pairs = ((manifest.updated, digest) for digest, manifest in self.manifests.items())
            self._manifest_times = SortedKeys(pairs, self._is_manifest_time)
        return self._manifest_times

    def _is_tag_time(self, key: tuple[int, str]) -> bool:
        tag = self.tags.get(key[1])
        return tag is not None and tag.updated == key[0]

    def _is_manifest_time(self, key: tuple[int, str]) -> bool:
        manifest = self.manifests.get(key[1])
        return manifest is not None and manifest.updated == key[0]
