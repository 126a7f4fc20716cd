"""Manifest bytes that are written when asked for, so that a million manifests fit in memory.

Every part is a function of the seed and a serial number, so the bytes are the same at every
rendering.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from acr_emulator import bodies, media
from acr_emulator.media import Descriptor, Platform
from acr_emulator.repository import Manifest

UNKNOWN: Final = Platform(architecture="unknown", os="unknown")
_SMALL, _LARGE = 12, 24  # bits of the size of a configuration and of a layer


def blob_of(seed: int, name: str, *, bits: int) -> tuple[str, int]:
    """Digest and size (below 2 to the power of `bits`) of a blob of this name."""
    digest = hashlib.sha256(f"{seed} {name}".encode())
    return f"sha256:{digest.hexdigest()}", int.from_bytes(digest.digest()[:4]) >> (32 - bits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavor:
    """What many images have in common: family, platform, the layers of their base image."""

    seed: int
    docker: bool
    platform: Platform
    base: tuple[tuple[str, int], ...]
    own_layers: int = 1

    @property
    def media_type(self) -> str:
        """The manifests' type."""
        return media.DOCKER_MANIFEST if self.docker else media.OCI_MANIFEST

    def blobs(self, serial: int) -> list[tuple[str, int]]:
        """Digest and size of an image's configuration and layers, in this order."""
        own = [
            blob_of(self.seed, f"layer {serial} {number}", bits=_LARGE)
            for number in range(self.own_layers)
        ]
        return [blob_of(self.seed, f"config {serial}", bits=_SMALL), *self.base, *own]

    def write(self, blobs: list[tuple[str, int]]) -> bytes:
        """An image's manifest. By hand: it is done a million times."""
        config_type = media.DOCKER_CONFIG if self.docker else media.OCI_CONFIG
        layer_type = media.DOCKER_LAYER if self.docker else media.OCI_LAYER
        (config, config_size), *rest = blobs
        layers = ",".join(
            f'{{"mediaType":"{layer_type}","digest":"{digest}","size":{size}}}'
            for digest, size in rest
        )
        return (
            f'{{"schemaVersion":2,"mediaType":"{self.media_type}",'
            f'"config":{{"mediaType":"{config_type}","digest":"{config}","size":{config_size}}},'
            f'"layers":[{layers}]}}'
        ).encode()


class ImageRecipe:
    """An image manifest."""

    __slots__ = ("_flavor", "_serial")

    def __init__(self, flavor: Flavor, serial: int) -> None:
        self._flavor, self._serial = flavor, serial

    def render(self) -> bytes:
        """The bytes."""
        return self._flavor.write(self._flavor.blobs(self._serial))


class IndexRecipe:
    """An index of manifests. The last `attestations` of them are attestations of the first ones."""

    __slots__ = ("_attestations", "_children", "_docker")

    def __init__(
        self, children: tuple[Manifest, ...], *, docker: bool, attestations: int = 0
    ) -> None:
        self._children, self._docker, self._attestations = children, docker, attestations

    def render(self) -> bytes:
        """The bytes."""
        plain = len(self._children) - self._attestations
        entries = []
        for number, child in enumerate(self._children):
            described = self._describe(child)
            note = None
            if number >= plain:
                note = bodies.attestation_annotations(self._children[number - plain].digest)
            entries.append(bodies.descriptor_json(described, annotations=note))
        media_type = media.DOCKER_LIST if self._docker else media.OCI_INDEX
        return bodies.index_body(media_type=media_type, children=entries)

    def _describe(self, child: Manifest) -> Descriptor:
        return Descriptor(
            digest=child.digest,
            size=len(child.body),
            media_type=child.media_type,
            platform=child.platform,
        )


class AttachedRecipe:
    """What is attached to an image: with a `subject` a referrer, without one in cosign's scheme."""

    __slots__ = ("_kind", "_seed", "_serial", "_subject")

    def __init__(self, seed: int, serial: int, kind: str, subject: Descriptor | None) -> None:
        self._seed, self._serial, self._kind, self._subject = seed, serial, kind, subject

    def render(self) -> bytes:
        """The bytes."""
        digest, size = blob_of(self._seed, f"{self._kind} {self._serial}", bits=_SMALL)
        layer_type = media.SPDX if self._kind == "sbom" else media.COSIGN_BUNDLE
        if self._subject is None and self._kind == "sig":
            layer_type = media.COSIGN_SIGNATURE
        config = bodies.EMPTY_CONFIG
        config_type = media.OCI_CONFIG if self._subject is None else media.OCI_EMPTY
        return bodies.image_body(
            media_type=media.OCI_MANIFEST,
            config=Descriptor(
                digest=bodies.digest_of(config), size=len(config), media_type=config_type
            ),
            layers=[Descriptor(digest=digest, size=size, media_type=layer_type)],
            subject=self._subject,
            artifact_type=None if self._subject is None else layer_type,
        )
