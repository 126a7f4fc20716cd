"""The registry's state and its true semantics: what push, lock and delete do to all else.

Pure and synchronous. A refusal is a RegistryAnswer, as the wire will carry it.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from acr_emulator.attributes import Attributes
from acr_emulator.clock import Clock
from acr_emulator.content import Blob, image_size, platform_of
from acr_emulator.errors import disallowed, manifest_unknown, name_unknown, tag_unknown
from acr_emulator.media import read_facts
from acr_emulator.repository import Manifest, Quirks, Repository, Tag
from acr_emulator.sorted_keys import SortedKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Semantics:
    """Where the real registry's behaviour is not known for sure, what this one does.

    Deleting a subject takes its referrers along (`cascade_referrers`), the locked ones too
    (`cascade_takes_locked`). With `tag_lock_guards_manifest` a manifest with a locked tag cannot
    be deleted; without, the tag goes with it.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    cascade_referrers: bool = True
    cascade_takes_locked: bool = True
    tag_lock_guards_manifest: bool = False


class Registry:
    """Repositories and blobs, under one clock."""

    def __init__(self, *, clock: Clock | None = None, semantics: Semantics | None = None) -> None:
        self.clock = Clock() if clock is None else clock
        self.semantics = Semantics() if semantics is None else semantics
        self.repositories: dict[str, Repository] = {}
        self.blobs: dict[str, Blob] = {}
        self.pushes = 0
        self.names: SortedKeys[str] = SortedKeys((), self.repositories.__contains__)

    def repository(self, name: str) -> Repository:
        """The repository. Raises RegistryAnswer (404) when there is none."""
        found = self.repositories.get(name)
        if found is None:
            raise name_unknown(name)
        return found

    def manifest(self, repository: str, reference: str) -> Manifest:
        """The manifest of a digest or tag. Raises RegistryAnswer (404) when there is none."""
        place = self.repositories.get(repository)
        if place is None:
            raise manifest_unknown(reference)
        tag = place.tags.get(reference)
        found = place.manifests.get(reference if tag is None else tag.digest)
        if found is None:
            raise manifest_unknown(reference)
        return found

    def tag(self, repository: str, name: str) -> Tag:
        """The tag. Raises RegistryAnswer (404) when there is none."""
        place = self.repositories.get(repository)
        found = None if place is None else place.tags.get(name)
        if found is None:
            raise tag_unknown()
        return found

    def add_repository(self, name: str, *, at: int | None = None) -> Repository:
        """The repository of that name, made when there is none yet."""
        place = self.repositories.get(name)
        if place is None:
            place = Repository(name, at=self.clock.now if at is None else at)
            self.repositories[name] = place
            self.names.add(name)
        return place

    def push(
        self,
        repository: str,
        body: bytes,
        *,
        media_type: str | None,
        tags: Iterable[str] = (),
        at: int | None = None,
        digest: str | None = None,
        quirks: Quirks | None = None,
    ) -> Manifest:
        """Store a manifest, or the same one again, under the tags, at an instant (ticks; now).

        `digest` replaces the true SHA-256 of the bytes, for a registry that lies. Raises
        RegistryAnswer (405) when a lock forbids writing.
        """
        instant = self.clock.now if at is None else at
        names = tuple(tags)
        true_digest = f"sha256:{hashlib.sha256(body).hexdigest()}" if digest is None else digest
        self._check_writable(repository, true_digest, names)
        place = self.add_repository(repository, at=instant)
        self.pushes += 1
        place.updated = max(place.updated, instant)
        manifest = place.manifests.get(true_digest)
        if manifest is None:
            manifest = self._manifest(place, body, true_digest, media_type, instant)
            manifest.quirks = quirks
            place.add_manifest(manifest)
        else:
            place.touch_manifest(manifest, at=instant)
        for name in names:
            place.set_tag(name, true_digest, at=instant)
        return manifest

    def set_tag(self, repository: str, name: str, digest: str, *, at: int | None = None) -> Tag:
        """Point a tag, new or not, at a manifest. Raises RegistryAnswer (404, 405)."""
        place = self.repository(repository)
        if digest not in place.manifests:
            raise manifest_unknown(digest)
        self._check_writable(repository, None, (name,))
        return place.set_tag(name, digest, at=self.clock.now if at is None else at)

    def delete_tag(self, repository: str, name: str) -> str:
        """Delete a tag, not its manifest: the digest that it pointed at.

        Raises RegistryAnswer (404, 405).
        """
        tag = self.tag(repository, name)
        place = self.repositories[repository]
        if tag.attributes.locked or place.attributes.locked:
            raise disallowed()
        place.remove_tag(name)
        return tag.digest

    def delete_manifest(self, repository: str, digest: str) -> tuple[str, ...]:
        """Delete a manifest, its tags and its referrers: the digests that went, its own first.

        Children of an index stay. The last manifest takes the repository along. Raises
        RegistryAnswer (404, 405).
        """
        manifest = self.manifest(repository, digest)
        place = self.repositories[repository]
        if manifest.attributes.locked or place.attributes.locked:
            raise disallowed()
        if self.semantics.tag_lock_guards_manifest and self._has_locked_tag(place, manifest):
            raise disallowed()
        gone = tuple(self._with_referrers(place, manifest.digest))
        for each in gone:
            place.remove_manifest(each)
        if not place.manifests:
            self._drop_repository(place)
        return gone

    def delete_repository(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Delete a repository: the digests and the tag names that went.

        Raises RegistryAnswer (404, 405).
        """
        place = self.repository(name)
        holders: tuple[Repository | Manifest | Tag, ...]
        holders = (place, *place.manifests.values(), *place.tags.values())
        if any(holder.attributes.locked for holder in holders):
            raise disallowed()
        self._drop_repository(place)
        return tuple(sorted(place.manifests)), tuple(sorted(place.tags))

    def set_attributes(
        self,
        repository: str,
        attributes: Attributes,
        *,
        tag: str | None = None,
        digest: str | None = None,
    ) -> None:
        """Set the switches of a tag, of a manifest, or (neither named) of the repository.

        Raises RegistryAnswer (404).
        """
        if tag is not None:
            self.tag(repository, tag).attributes = attributes
        elif digest is not None:
            self.manifest(repository, digest).attributes = attributes
        else:
            self.repository(repository).attributes = attributes

    def _manifest(
        self, place: Repository, body: bytes, digest: str, media_type: str | None, at: int
    ) -> Manifest:
        facts = read_facts(body)
        for blob in facts.blobs:
            self.blobs.setdefault(blob.digest, Blob(blob.size))
        return Manifest(
            digest=digest,
            source=body,
            media_type=media_type,
            created=at,
            updated=at,
            size=image_size(place, body, facts),
            platform=platform_of(facts, self.blobs),
            subject=facts.subject,
        )

    def _check_writable(self, repository: str, digest: str | None, tags: Iterable[str]) -> None:
        place = self.repositories.get(repository)
        if place is None:
            return
        touched = (place.manifests.get(digest or ""), *(place.tags.get(name) for name in tags))
        if not place.attributes.write or any(it and not it.attributes.write for it in touched):
            raise disallowed()

    def _has_locked_tag(self, place: Repository, manifest: Manifest) -> bool:
        return any(place.tags[name].attributes.locked for name in manifest.tags)

    def _with_referrers(self, place: Repository, digest: str) -> dict[str, None]:
        found = {digest: None}
        queue = [digest] if self.semantics.cascade_referrers else []
        while queue:
            for referrer in place.referrers.get(queue.pop(), ()):
                spared = (
                    place.manifests[referrer].attributes.locked
                    and not self.semantics.cascade_takes_locked
                )
                if referrer not in found and not spared:
                    found[referrer] = None
                    queue.append(referrer)
        return found

    def _drop_repository(self, place: Repository) -> None:
        del self.repositories[place.name]
        self.names.removed()
