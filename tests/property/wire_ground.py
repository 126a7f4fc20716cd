"""A generated repository on the development registry, which others can change behind its back."""

import json
from typing import Any, Final

from acr_emulator import Attributes, Registry
from acr_emulator.repository import Repository
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
from purge_core.plans.steps import Target
from tests.fake_state import FakeRepository

_PLATFORM: Final = {"os": "linux", "architecture": "amd64"}


class WireGround:
    """One repository. Its manifests are real ones, so their digests are not the generated ones."""

    def __init__(self, registry: Registry, snapshot: RepositorySnapshot, page: int) -> None:
        """Push ``snapshot``; a ``page`` of a listing is asked to hold so many entries."""
        self.page = page
        self.name = snapshot.name
        self._registry = registry
        self._pushed: dict[Digest, tuple[bytes, str | None, BodyState]] = {}
        self._pushes = 0
        real: dict[Digest, Digest] = {}
        for manifest in snapshot.manifests or ():
            body = _renamed(snapshot.bodies.get(manifest.digest, PLAIN_BODY), real)
            digest = self._push(manifest.media_type, body, manifest.updated)
            real[manifest.digest] = digest
            self.set_lock(digest, manifest.lock or OPEN)
        for tag in snapshot.tags:
            if tag.digest is not None:
                self._place.set_tag(tag.name, real[tag.digest], at=tag.updated or 0)
                self.set_lock(tag.name, tag.lock or OPEN)

    @property
    def held(self) -> FakeRepository:
        """What it holds now, in the engine's words."""
        place = self._registry.repositories.get(self.name)
        if place is None:
            return FakeRepository()
        tags = (
            Tag(TagName(t.name), Digest(t.digest), Instant(t.updated), _lock(t.attributes))
            for t in place.tags.values()
        )
        manifests = (
            Manifest(Digest(m.digest), m.media_type, Instant(m.updated), (), _lock(m.attributes))
            for m in place.manifests.values()
        )
        there = {manifest.digest: manifest for manifest in manifests}
        bodies = {digest: self._pushed[digest][2] for digest in there}
        return FakeRepository({tag.name: tag for tag in tags}, there, bodies)

    def point(self, name: TagName, digest: Digest) -> None:
        """Point a tag at a manifest, whatever its lock."""
        self._place.set_tag(name, digest, at=self._registry.clock.now)

    def push(self, media_type: str, body: Body) -> Digest:
        """Push a new manifest."""
        return self._push(media_type, body)

    def push_again(self, digest: Digest) -> None:
        """Push a manifest that was there in the beginning, whatever its lock."""
        content, media_type, _ = self._pushed[digest]
        place = self._registry.repositories.get(self.name)
        if place is not None and digest in place.manifests:
            self._place.touch_manifest(place.manifests[digest], at=self._registry.clock.now)
        else:
            self._registry.push(self.name, content, media_type=media_type)

    def remove(self, target: Target) -> None:
        """Delete a tag or a manifest, whatever its lock."""
        self.set_lock(target, OPEN)
        if target in self._place.tags:
            self._registry.delete_tag(self.name, target)
        else:
            self._registry.delete_manifest(self.name, target)

    def set_lock(self, target: Target, lock: Lock) -> None:
        """Lock a tag or a manifest, or open it."""
        attributes = Attributes(delete=lock.delete_enabled, write=lock.write_enabled)
        is_tag = target in self._place.tags
        self._registry.set_attributes(
            self.name,
            attributes,
            tag=target if is_tag else None,
            digest=None if is_tag else target,
        )

    @property
    def _place(self) -> Repository:
        return self._registry.repositories[self.name]

    def _push(self, media_type: str | None, body: BodyState, at: Instant | None = None) -> Digest:
        self._pushes += 1
        content = _content(body, self._pushes)
        pushed = self._registry.push(self.name, content, media_type=media_type, at=at)
        self._pushed[Digest(pushed.digest)] = content, media_type, body
        return Digest(pushed.digest)


def _lock(attributes: Attributes) -> Lock:
    return Lock(attributes.delete, attributes.write)


def _renamed(body: BodyState, real: dict[Digest, Digest]) -> BodyState:
    if not isinstance(body, Body):
        return body
    children = tuple(real.get(child, child) for child in body.children)
    bare = tuple(real.get(child, child) for child in body.bare)
    subject = None if body.subject is None else real.get(body.subject, body.subject)
    return Body(children, subject, bare)


def _content(body: BodyState, number: int) -> bytes:
    """Write a manifest; its number makes it another one than all before it."""
    document: dict[str, Any] = {"schemaVersion": 2, "annotations": {"number": str(number)}}
    if isinstance(body, Body) and body.children:
        document["manifests"] = [
            {"digest": child} | ({} if child in body.bare else {"platform": _PLATFORM})
            for child in body.children
        ]
    if isinstance(body, Body) and body.subject is not None:
        document["subject"] = {"digest": body.subject}
    return json.dumps(document).encode()
