"""From a scenario's repositories to a registry's state."""

import re
from collections.abc import Iterable
from typing import Final

from acr_emulator.attributes import OPEN
from acr_emulator.compose import Composer, Image, TagSpec
from acr_emulator.errors import RegistryAnswer, ScenarioError
from acr_emulator.repository import Manifest, Quirks
from acr_emulator.scenario.document import (
    Document,
    Entry,
    ImagePart,
    JsonQuirks,
    ManifestPart,
    RepositoryPart,
)
from acr_emulator.state import Registry

_HANDLE: Final = re.compile(r"\$\{([^}]*)\}")


class Builder:
    """Puts a scenario's repositories into a registry, and knows the digests behind their ids.

    `now` (ticks) is what ages count back from. Raises ScenarioError for a reference to what is not
    there.
    """

    def __init__(self, registry: Registry, *, now: int) -> None:
        self._registry = registry
        self._now = now
        self._digests: dict[tuple[str, str], str] = {}

    def build(self, document: Document) -> None:
        """All repositories, in their order."""
        for name, part in document.repositories.items():
            try:
                self._repository(name, part)
            except KeyError as error:
                problem = f"repositories.{name}: nothing here is called {error}"
                raise ScenarioError((problem,)) from error
            except RegistryAnswer as error:
                raise ScenarioError((f"repositories.{name}: {error}",)) from error

    def push(self, repository: str, part: ImagePart, *, at: int) -> Manifest:
        """One image, at an instant (ticks) unless it has its own."""
        manifest = Composer(self._registry, repository).push(self._image(repository, part, at))
        self._note(repository, part, manifest)
        return manifest

    def digest(self, repository: str, handle: str) -> str:
        """The digest behind an id, a tag or a digest of a repository. Raises KeyError."""
        if handle.startswith("sha256:"):
            return handle
        known = self._digests.get((repository, handle))
        if known is not None:
            return known
        place = self._registry.repositories.get(repository)
        if place is None or handle not in place.tags:
            raise KeyError(handle)
        return place.tags[handle].digest

    def _repository(self, name: str, part: RepositoryPart) -> None:
        for manifest in part.manifests:
            if manifest.digest is not None and manifest.id is not None:
                # Known before it is there: what refers to each other in a circle needs that.
                self._digests[name, manifest.id] = manifest.digest
        for image in part.images:
            self.push(name, image, at=self._now)
        for manifest in part.manifests:
            self._manifest(name, manifest)
        if part.lock is not OPEN:
            self._registry.set_attributes(name, part.lock)

    def _manifest(self, repository: str, part: ManifestPart) -> None:
        body = _HANDLE.sub(lambda found: self.digest(repository, found[1]), part.body)
        at = self._instant(part, self._now)
        manifest = self._registry.push(
            repository, body.encode(), media_type=part.media_type, at=at, digest=part.digest
        )
        for tag in part.tags:
            tag_at = tag.instant(self._now)
            self._registry.set_tag(
                repository, tag.name, manifest.digest, at=at if tag_at is None else tag_at
            )
        self._registry.set_attributes(repository, part.lock, digest=manifest.digest)
        for tag in part.tags:
            self._registry.set_attributes(repository, tag.lock, tag=tag.name)
        self._note(repository, part, manifest)

    def _image(self, repository: str, part: ImagePart, at: int) -> Image:
        index = part.index
        return Image(
            salt=f"{repository} {self._registry.pushes}",
            at=self._instant(part, at),
            tags=tuple(self._tags(part)),
            platforms=tuple(part.platforms),
            format=part.type,
            layers=tuple(layer.layer() for layer in part.layers),
            attributes=part.lock,
            signed=part.signed,
            sbom=part.sbom,
            attestations=part.attestations,
            index=None if index is None else tuple(self.digest(repository, it) for it in index),
            subject=None if part.subject is None else self.digest(repository, part.subject),
            artifact_type=part.artifact_type,
            children_at=None if part.children_age is None else self._now - part.children_age,
            attached_at=None if part.attached_age is None else self._now - part.attached_age,
        )

    def _tags(self, part: Entry) -> Iterable[TagSpec]:
        for tag in part.tags:
            yield TagSpec(name=tag.name, at=tag.instant(self._now), attributes=tag.lock)

    def _instant(self, part: Entry, default: int) -> int:
        given = part.instant(self._now)
        return default if given is None else given

    def _note(self, repository: str, part: Entry, manifest: Manifest) -> None:
        if part.id is not None:
            self._digests[repository, part.id] = manifest.digest
        body = None if part.get_body is None else part.get_body.encode()
        manifest.quirks = _quirks(part, status=part.get_status, body=body)
        tags = self._registry.repositories[repository].tags
        for tag in part.tags:
            tags[tag.name].quirks = _quirks(tag)


def _quirks(
    part: JsonQuirks, *, status: int | None = None, body: bytes | None = None
) -> Quirks | None:
    quirks = Quirks(
        omit=part.omit,
        override=part.override,
        attributes=part.attributes,
        get_status=status,
        get_body=body,
    )
    return None if quirks == Quirks() else quirks
