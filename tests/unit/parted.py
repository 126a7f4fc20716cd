"""A registry that tells of what manifests consist, as a fake that keeps state."""

from collections.abc import AsyncIterator, Collection

from purge_core.model import Digest, RepositoryName, Unread
from purge_core.sizes import Blob, Parts
from tests.builders import days, image, repository
from tests.fakes import FakeRegistry

BASE, APP, OTHER = (Digest(f"sha256:{letter * 64}") for letter in "abc")
SIZES = {BASE: 1_000, APP: 20, OTHER: 300}
OWN = 5
"""Bytes of every manifest itself."""


class Parted(FakeRegistry):
    """A registry that tells parts; ``unread`` says which manifests it cannot read, and why."""

    def __init__(self, *snapshots: object, layers: dict[Digest, tuple[Digest, ...]]) -> None:
        super().__init__(*snapshots)  # type: ignore[arg-type]
        self.layers = layers
        self.sizes: dict[Digest, int | None] = dict(SIZES)
        self.unread: dict[Digest, Unread] = {}
        self.asked: list[Digest] = []

    async def parts(
        self, repository: RepositoryName, digests: Collection[Digest]
    ) -> AsyncIterator[tuple[Digest, Parts | Unread]]:
        """Give the parts."""
        for digest in sorted(digests):
            self.asked.append(digest)
            blobs = (Blob(layer, self.sizes[layer]) for layer in self.layers.get(digest, ()))
            yield digest, self.unread.get(digest) or Parts((Blob(digest, OWN), *blobs))


OLD = image("old", tags=["v1"], age=days(40))
OLDER = image("older", tags=["v0"], age=days(90))
KEPT = image("kept", tags=["latest"], age=days(40))
FAR = image("far", tags=["latest"], age=days(1))


def stage(**layers: tuple[Digest, ...]) -> Parted:
    """Give a registry of two repositories; ``layers`` are those of the images by name."""
    made = {"old": OLD, "older": OLDER, "kept": KEPT, "far": FAR}
    known = {made[name].digest: blobs for name, blobs in layers.items()}
    return Parted(repository("shop", OLD, OLDER, KEPT), repository("lab", FAR), layers=known)
