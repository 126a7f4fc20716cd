"""What a manifest takes by itself, as far as a registry tells."""

from collections.abc import Mapping

from purge_core.model import Body, Digest, Manifest, RepositorySnapshot


def own_bytes(
    manifest: Manifest, snapshot: RepositorySnapshot, manifests: Mapping[Digest, Manifest]
) -> int:
    """Take from an index's size that of the children, which count by themselves."""
    body = snapshot.bodies.get(manifest.digest)
    children = set(body.children) if isinstance(body, Body) else ()
    below = sum(manifests[child].size for child in children if child in manifests)
    return max(0, manifest.size - below)
