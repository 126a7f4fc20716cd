"""How much a registry holds, counted as a registry stores it: every blob and manifest once."""

from dataclasses import asdict, dataclass

from acr_emulator.state import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Counts, and the bytes of all manifests and of all blobs that a manifest names."""

    repositories: int
    manifests: int
    tags: int
    bytes: int

    def wire(self) -> dict[str, object]:
        """The JSON form."""
        return asdict(self)


def usage(registry: Registry) -> Usage:
    """What the registry holds now. Reads every manifest: seconds for a million."""
    places = registry.repositories.values()
    sizes: dict[str, int] = {}
    for place in places:
        for digest, manifest in place.manifests.items():
            if digest not in sizes:
                sizes[digest] = len(manifest.body)
                sizes.update((blob.digest, blob.size) for blob in manifest.facts.blobs)
    return Usage(
        repositories=len(registry.repositories),
        manifests=sum(len(place.manifests) for place in places),
        tags=sum(len(place.tags) for place in places),
        bytes=sum(sizes.values()),
    )
