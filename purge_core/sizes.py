"""What manifests take: by themselves, as far as a listing tells, and part by part."""

from collections.abc import Mapping
from dataclasses import dataclass

from purge_core.model import Body, Digest, Manifest, RepositorySnapshot


@dataclass(frozen=True, slots=True)
class Blob:
    """Something that a registry stores once, whoever names it. ``size``: bytes, if told."""

    digest: Digest
    size: int | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a manifest keeps in the registry: its own bytes, its configuration, its layers."""

    blobs: tuple[Blob, ...]


def own_bytes(
    manifest: Manifest, snapshot: RepositorySnapshot, manifests: Mapping[Digest, Manifest]
) -> int:
    """Take from an index's size that of the children, which count by themselves."""
    body = snapshot.bodies.get(manifest.digest)
    children = set(body.children) if isinstance(body, Body) else ()
    below = sum(manifests[child].size for child in children if child in manifests)
    return max(0, manifest.size - below)
