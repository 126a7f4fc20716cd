"""The bytes of manifests, as registries hold them: compact JSON with true digests and sizes."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Final

from acr_emulator import media
from acr_emulator.media import Descriptor

EMPTY_CONFIG: Final = b"{}"


def digest_of(content: bytes) -> str:
    """The digest of bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def descriptor_json(
    descriptor: Descriptor, *, annotations: Mapping[str, str] | None = None
) -> dict[str, object]:
    """The JSON form of a reference."""
    document: dict[str, object] = {
        "mediaType": descriptor.media_type,
        "digest": descriptor.digest,
        "size": descriptor.size,
    }
    if descriptor.platform is not None:
        document["platform"] = descriptor.platform.wire()
    if annotations:
        document["annotations"] = annotations
    return document


def image_body(
    *,
    media_type: str,
    config: Descriptor,
    layers: Iterable[Descriptor],
    subject: Descriptor | None = None,
    artifact_type: str | None = None,
) -> bytes:
    """An image manifest, OCI or Docker."""
    document: dict[str, object] = {"schemaVersion": 2, "mediaType": media_type}
    if artifact_type is not None:
        document["artifactType"] = artifact_type
    document["config"] = descriptor_json(config)
    document["layers"] = [descriptor_json(layer) for layer in layers]
    return _bytes(document, subject)


def index_body(
    *,
    media_type: str,
    children: Iterable[Mapping[str, object]],
    subject: Descriptor | None = None,
    artifact_type: str | None = None,
) -> bytes:
    """An OCI index or Docker manifest list; the children come as `descriptor_json`."""
    document: dict[str, object] = {"schemaVersion": 2, "mediaType": media_type}
    if artifact_type is not None:
        document["artifactType"] = artifact_type
    document["manifests"] = list(children)
    return _bytes(document, subject)


def artifact_body(
    *,
    media_type: str,
    blobs: Iterable[Descriptor],
    subject: Descriptor | None = None,
    artifact_type: str,
) -> bytes:
    """An artifact manifest: OCI's withdrawn one, or that of ORAS."""
    document: dict[str, object] = {
        "mediaType": media_type,
        "artifactType": artifact_type,
        "blobs": [descriptor_json(blob) for blob in blobs],
    }
    return _bytes(document, subject)


def config_content(*, architecture: str, os: str, salt: str) -> bytes:
    """An image's configuration, different for each salt."""
    history = [{"created_by": salt}]
    return _bytes({"architecture": architecture, "os": os, "config": {}, "history": history}, None)


def attestation_annotations(digest: str) -> dict[str, str]:
    """What marks a child of an index as BuildKit's attestation of another child."""
    return {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": digest,
    }


def signature_tag(digest: str, kind: str) -> str:
    """The tag that cosign's scheme gives to the `sig`, `att` or `sbom` of a digest."""
    return f"{digest.replace(':', '-')}.{kind}"


def is_index(media_type: str | None) -> bool:
    """Whether manifests of this type list other manifests."""
    return media_type in media.INDEX_TYPES


def _bytes(document: dict[str, object], subject: Descriptor | None) -> bytes:
    if subject is not None:
        document = document | {"subject": descriptor_json(subject)}
    return json.dumps(document, separators=(",", ":")).encode()
