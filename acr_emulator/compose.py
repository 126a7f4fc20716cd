"""Whole images from few words: platforms, layers, signatures, SBOMs, attestations."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from typing import Final

from acr_emulator import bodies, media
from acr_emulator.attributes import OPEN, Attributes
from acr_emulator.content import Blob
from acr_emulator.media import Descriptor, Platform
from acr_emulator.repository import Manifest
from acr_emulator.state import Registry

MIB: Final = 1_048_576
_UNKNOWN: Final = Platform(architecture="unknown", os="unknown")


@unique
class Format(StrEnum):
    """The family of media types of an image."""

    OCI = "oci"
    DOCKER = "docker"
    OCI_ARTIFACT = "oci-artifact"
    ORAS = "oras"


@unique
class Scheme(StrEnum):
    """How a thing is attached to an image: by a tag made of its digest, or by its subject."""

    COSIGN = "cosign"
    REFERRER = "referrer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A layer of so many bytes. Layers of the same `shared` name are one blob."""

    size: int
    shared: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSpec:
    """A tag: set when the image is pushed unless `at` (ticks) says otherwise."""

    name: str
    at: int | None = None
    attributes: Attributes = OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What to push, at an instant (ticks).

    `salt` makes the content its own. One platform gives a manifest, several an index with
    children. `index` are digests of manifests that are there already and makes an index of them.
    `subject` is a digest too. `children_at` and `attached_at` are when the children and what is
    attached were pushed, if not with the image.
    """

    salt: str
    at: int
    tags: tuple[TagSpec, ...] = ()
    platforms: tuple[Platform, ...] = (Platform(architecture="amd64", os="linux"),)
    format: Format = Format.OCI
    layers: tuple[Layer, ...] = (Layer(size=MIB),)
    attributes: Attributes = OPEN
    signed: frozenset[Scheme] = frozenset()
    sbom: frozenset[Scheme] = frozenset()
    attestations: bool = False
    index: tuple[str, ...] | None = None
    subject: str | None = None
    artifact_type: str | None = None
    children_at: int | None = None
    attached_at: int | None = None


class Composer:
    """Pushes images to one repository of a registry."""

    def __init__(self, registry: Registry, repository: str) -> None:
        self._registry = registry
        self._repository = repository

    def push(self, image: Image) -> Manifest:
        """Push an image and all that belongs to it: its manifest (or index)."""
        manifest = self._main(image)
        for tag in image.tags:
            at = image.at if tag.at is None else tag.at
            self._registry.set_tag(self._repository, tag.name, manifest.digest, at=at)
        attached = image.at if image.attached_at is None else image.attached_at
        for kind, schemes in (("sig", image.signed), ("sbom", image.sbom)):
            for scheme in sorted(schemes):
                self._attach(image, manifest, kind, scheme, attached)
        self._registry.set_attributes(self._repository, image.attributes, digest=manifest.digest)
        for tag in image.tags:
            self._registry.set_attributes(self._repository, tag.attributes, tag=tag.name)
        return manifest

    def _main(self, image: Image) -> Manifest:
        if image.format in {Format.OCI_ARTIFACT, Format.ORAS}:
            return self._artifact(image)
        if image.index is not None:
            children = [bodies.descriptor_json(self._describe(digest)) for digest in image.index]
            return self._index(image, children)
        if len(image.platforms) == 1 and not image.attestations:
            return self._platform(image, image.platforms[0], at=image.at)
        return self._index(image, list(self._children(image)))

    def _children(self, image: Image) -> Iterator[dict[str, object]]:
        at = image.at if image.children_at is None else image.children_at
        inner = replace(image, subject=None, artifact_type=None)
        pushed = [
            (self._platform(inner, platform, at=at), platform) for platform in image.platforms
        ]
        for child, platform in pushed:
            described = replace(self._describe(child.digest), platform=platform)
            yield bodies.descriptor_json(described)
        for child, _ in pushed if image.attestations else ():
            attestation = self._attestation(child, at)
            described = replace(self._describe(attestation.digest), platform=_UNKNOWN)
            note = bodies.attestation_annotations(child.digest)
            yield bodies.descriptor_json(described, annotations=note)

    def _index(self, image: Image, children: list[dict[str, object]]) -> Manifest:
        docker = image.format is Format.DOCKER
        media_type = media.DOCKER_LIST if docker else media.OCI_INDEX
        body = bodies.index_body(
            media_type=media_type,
            children=children,
            subject=self._subject(image),
            artifact_type=image.artifact_type,
        )
        return self._put(body, media_type, image.at)

    def _platform(self, image: Image, platform: Platform, *, at: int) -> Manifest:
        salt = f"{image.salt} {platform}"
        content = bodies.config_content(
            architecture=platform.architecture, os=platform.os, salt=salt
        )
        docker = image.format is Format.DOCKER
        config = self._blob(content, media.DOCKER_CONFIG if docker else media.OCI_CONFIG)
        layer_type = media.DOCKER_LAYER if docker else media.OCI_LAYER
        media_type = media.DOCKER_MANIFEST if docker else media.OCI_MANIFEST
        body = bodies.image_body(
            media_type=media_type,
            config=config,
            layers=self._layers(image, salt, layer_type),
            subject=self._subject(image),
            artifact_type=image.artifact_type,
        )
        return self._put(body, media_type, at)

    def _artifact(self, image: Image) -> Manifest:
        oras = image.format is Format.ORAS
        media_type = media.ORAS_ARTIFACT if oras else media.OCI_ARTIFACT
        body = bodies.artifact_body(
            media_type=media_type,
            blobs=self._layers(image, image.salt, "application/octet-stream"),
            subject=self._subject(image),
            artifact_type=image.artifact_type or "application/vnd.example.artifact",
        )
        return self._put(body, media_type, image.at)

    def _attestation(self, child: Manifest, at: int) -> Manifest:
        content = bodies.config_content(
            architecture="unknown", os="unknown", salt=f"attestation of {child.digest}"
        )
        layer = self._blob(f"provenance of {child.digest}".encode(), media.IN_TOTO)
        body = bodies.image_body(
            media_type=media.OCI_MANIFEST,
            config=self._blob(content, media.OCI_CONFIG),
            layers=[layer],
        )
        return self._put(body, media.OCI_MANIFEST, at)

    def _attach(
        self, image: Image, target: Manifest, kind: str, scheme: Scheme, at: int
    ) -> Manifest:
        by_tag = scheme is Scheme.COSIGN
        referrer_type = media.COSIGN_BUNDLE if kind == "sig" else media.SPDX
        layer_type = media.COSIGN_SIGNATURE if by_tag and kind == "sig" else referrer_type
        config = b'{"rootfs":{"type":"layers"}}' if by_tag else bodies.EMPTY_CONFIG
        body = bodies.image_body(
            media_type=media.OCI_MANIFEST,
            config=self._blob(config, media.OCI_CONFIG if by_tag else media.OCI_EMPTY),
            layers=[self._blob(f"{kind} {image.salt} {target.digest}".encode(), layer_type)],
            subject=None if by_tag else self._describe(target.digest),
            artifact_type=None if by_tag else referrer_type,
        )
        manifest = self._put(body, media.OCI_MANIFEST, at)
        if by_tag:
            name = bodies.signature_tag(target.digest, kind)
            self._registry.set_tag(self._repository, name, manifest.digest, at=at)
        return manifest

    def _layers(self, image: Image, salt: str, media_type: str) -> Iterator[Descriptor]:
        for number, layer in enumerate(image.layers):
            name = f"own {salt} {number}" if layer.shared is None else f"shared {layer.shared}"
            digest = bodies.digest_of(f"layer {name} {layer.size}".encode())
            self._registry.blobs.setdefault(digest, Blob(layer.size))
            yield Descriptor(digest=digest, size=layer.size, media_type=media_type)

    def _subject(self, image: Image) -> Descriptor | None:
        return None if image.subject is None else self._describe(image.subject)

    def _describe(self, digest: str) -> Descriptor:
        """A reference to a manifest; to one that is not here, with a size and type of its own."""
        place = self._registry.repositories.get(self._repository)
        manifest = None if place is None else place.manifests.get(digest)
        if manifest is None:
            return Descriptor(digest=digest, size=1_024, media_type=media.OCI_MANIFEST)
        return Descriptor(
            digest=digest,
            size=len(manifest.body),
            media_type=manifest.media_type,
            platform=manifest.platform,
        )

    def _blob(self, content: bytes, media_type: str) -> Descriptor:
        digest = bodies.digest_of(content)
        self._registry.blobs[digest] = Blob(len(content), content)
        return Descriptor(digest=digest, size=len(content), media_type=media_type)

    def _put(self, body: bytes, media_type: str, at: int) -> Manifest:
        return self._registry.push(self._repository, body, media_type=media_type, at=at)
