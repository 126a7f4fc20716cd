"""Media types, and what a manifest's bytes say about other content."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER: Final = "application/vnd.docker.image.rootfs.diff.tar.gzip"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
OCI_LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_EMPTY: Final = "application/vnd.oci.empty.v1+json"
OCI_ARTIFACT: Final = "application/vnd.oci.artifact.manifest.v1+json"
ORAS_ARTIFACT: Final = "application/vnd.cncf.oras.artifact.manifest.v1+json"
COSIGN_SIGNATURE: Final = "application/vnd.dev.cosign.simplesigning.v1+json"
COSIGN_BUNDLE: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"
SPDX: Final = "application/spdx+json"
IN_TOTO: Final = "application/vnd.in-toto+json"

INDEX_TYPES: Final = frozenset({DOCKER_LIST, OCI_INDEX})


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """For what machine an image is."""

    architecture: str
    os: str
    variant: str | None = None

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    def wire(self) -> dict[str, object]:
        """The JSON form, in an index."""
        document: dict[str, object] = {"architecture": self.architecture, "os": self.os}
        return document if self.variant is None else document | {"variant": self.variant}


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A reference to content: its digest, and what else the reference says of it."""

    digest: str
    size: int
    media_type: str | None = None
    platform: Platform | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a manifest's bytes name. Empty for bytes that are no JSON object."""

    children: tuple[Descriptor, ...] = ()
    blobs: tuple[Descriptor, ...] = ()
    config: Descriptor | None = None
    subject: str | None = None
    artifact_type: str | None = None
    annotations: Mapping[str, object] | None = None


def read_facts(body: bytes) -> Facts:
    """The facts in a manifest's bytes. Fields of an unexpected kind count as absent: no error."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return Facts()
    if not isinstance(document, dict):
        return Facts()
    config = _descriptor(document.get("config"))
    layers = _descriptors(document, "layers") + _descriptors(document, "blobs")
    subject = _descriptor(document.get("subject"))
    artifact_type = document.get("artifactType")
    annotations = document.get("annotations")
    return Facts(
        children=_descriptors(document, "manifests"),
        blobs=layers if config is None else (config, *layers),
        config=config,
        subject=None if subject is None else subject.digest,
        artifact_type=artifact_type if isinstance(artifact_type, str) else None,
        annotations=annotations if isinstance(annotations, dict) else None,
    )


def _descriptors(document: Mapping[str, object], key: str) -> tuple[Descriptor, ...]:
    entries = document.get(key)
    if not isinstance(entries, list):
        return ()
    found = (_descriptor(entry) for entry in entries)
    return tuple(descriptor for descriptor in found if descriptor is not None)


def _descriptor(entry: object) -> Descriptor | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("digest"), str):
        return None
    size, media_type = entry.get("size"), entry.get("mediaType")
    return Descriptor(
        digest=entry["digest"],
        size=size if isinstance(size, int) else 0,
        media_type=media_type if isinstance(media_type, str) else None,
        platform=read_platform(entry.get("platform")),
    )


def read_platform(entry: object) -> Platform | None:
    """The platform in a JSON object with `architecture` and `os`, or None."""
    if not isinstance(entry, dict):
        return None
    architecture, os = entry.get("architecture"), entry.get("os")
    if not isinstance(architecture, str) or not isinstance(os, str):
        return None
    variant = entry.get("variant")
    return Platform(
        architecture=architecture,
        os=os,
        variant=variant if isinstance(variant, str) else None,
    )
