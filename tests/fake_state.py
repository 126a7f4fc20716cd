"""What a fake registry holds, and the rules of a registry that apply to it."""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TypeVar

from purge_core.instants import Instant
from purge_core.model import (
    OPEN,
    PLAIN_BODY,
    Body,
    BodyState,
    Digest,
    Lock,
    Manifest,
    RepositorySnapshot,
    Tag,
    TagName,
)
from purge_core.registry import Answer, Changes, Deletion, Listing

Item = TypeVar("Item", Tag, Manifest)


def digest_of(text: str) -> Digest:
    """Return a well-formed digest that depends on ``text`` alone."""
    return Digest(f"sha256:{sha256(text.encode()).hexdigest()}")


@dataclass(slots=True)
class FakeRepository:
    """What one repository holds. The tags that a manifest lists are derived from ``tags``."""

    tags: dict[TagName, Tag] = field(default_factory=dict)
    manifests: dict[Digest, Manifest] = field(default_factory=dict)
    bodies: dict[Digest, BodyState] = field(default_factory=dict)
    lock: Lock = OPEN

    def load(self, snapshot: RepositorySnapshot) -> None:
        """Hold what ``snapshot`` shows; a body that it lacks names nothing."""
        self.tags = {tag.name: tag for tag in snapshot.tags}
        self.manifests = {m.digest: m for m in snapshot.manifests or ()}
        self.bodies = {d: snapshot.bodies.get(d, PLAIN_BODY) for d in self.manifests}

    def tag_listing(self) -> list[Tag]:
        """Return all tags, in lexical order."""
        return sorted(self.tags.values(), key=lambda tag: tag.name)

    def manifest_listing(self) -> list[Manifest]:
        """Return all manifests with their tags, in lexical order."""
        names: dict[Digest | None, list[TagName]] = {}
        for tag in self.tag_listing():
            names.setdefault(tag.digest, []).append(tag.name)
        return [
            replace(manifest, tags=tuple(names.get(digest, ())))
            for digest, manifest in sorted(self.manifests.items())
        ]

    def remove(self, digest: Digest) -> None:
        """Take a manifest out, with its tags and, at any depth, its referrers."""
        going = [digest]
        for gone in going:
            self.manifests.pop(gone, None)
            self.bodies.pop(gone, None)
            going += [d for d, body in self.bodies.items() if _refers(body, gone)]
        for name in [tag.name for tag in self.tags.values() if tag.digest in set(going)]:
            del self.tags[name]

    def delete_tag(self, name: TagName) -> Deletion:
        """Answer a DELETE of a tag."""
        tag = self.tags.get(name)
        if tag is None:
            return Deletion(Answer.GONE)
        if self.lock.closed or (tag.lock or OPEN).closed:
            return Deletion(Answer.LOCKED)
        del self.tags[name]
        return Deletion(Answer.ACCEPTED, tag.digest)

    def delete_manifest(self, digest: Digest) -> Deletion:
        """Answer a DELETE of a manifest. Locks of its tags and referrers do not hold it."""
        manifest = self.manifests.get(digest)
        if manifest is None:
            return Deletion(Answer.GONE)
        if self.lock.closed or (manifest.lock or OPEN).closed:
            return Deletion(Answer.LOCKED)
        self.remove(digest)
        return Deletion(Answer.ACCEPTED)


def _refers(body: BodyState, digest: Digest) -> bool:
    return isinstance(body, Body) and body.subject == digest


def listing_of(items: list[Item]) -> Listing[Item]:
    """Return a whole listing with its newest time."""
    times = [item.updated for item in items if item.updated is not None]
    return Listing(tuple(items), max(times, default=None))


def changes_of(items: list[Item], mark: Instant | None, page: int) -> Changes[Item]:
    """Return what a walk from the newest entry sees before it meets one older than ``mark``."""
    newest = sorted(items, key=lambda item: -(item.updated or 0))
    for index, item in enumerate(newest):
        if mark is not None and item.updated is not None and item.updated < mark:
            whole = len(newest) <= (index // page + 1) * page
            return Changes(tuple(newest if whole else newest[:index]), complete=whole)
    return Changes(tuple(newest), complete=True)
