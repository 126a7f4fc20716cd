"""Pushes generated manifests straight into a repository, without the cost of a real push."""

import hashlib
from collections.abc import Iterator
from typing import Final

from acr_emulator import media
from acr_emulator.bodies import signature_tag
from acr_emulator.generate.recipes import (
    UNKNOWN,
    AttachedRecipe,
    Flavor,
    ImageRecipe,
    IndexRecipe,
    blob_of,
)
from acr_emulator.media import Descriptor, Platform
from acr_emulator.repository import BodySource, Manifest, Repository

PLATFORMS: Final = tuple(
    Platform(architecture=name, os="linux") for name in ("amd64", "arm64", "s390x", "ppc64le")
)
BASES: Final = 12
"""How many base images all images are built on."""


class Pusher:
    """Pushes to one repository; `serials` are shared by all repositories of a registry.

    `left` is how many tags may still be set: what would be one too many is not.
    """

    def __init__(self, seed: int, place: Repository, serials: Iterator[int], *, tags: int) -> None:
        self._seed = seed
        self._place = place
        self._serials = serials
        self._flavors: dict[tuple[bool, Platform, int], Flavor] = {}
        self.left = tags

    def image(
        self, at: int, *, docker: bool = False, platform: Platform = PLATFORMS[0], base: int = 0
    ) -> Manifest:
        """A manifest for one platform."""
        flavor = self._flavor(docker=docker, platform=platform, base=base)
        serial = next(self._serials)
        blobs = flavor.blobs(serial)
        body = flavor.write(blobs)
        size = len(body) + sum(size for _, size in blobs)
        return self._add(
            ImageRecipe(flavor, serial), body, flavor.media_type, at, size=size, platform=platform
        )

    def index(
        self,
        at: int,
        children: tuple[Manifest, ...],
        *,
        docker: bool = False,
        attestations: int = 0,
    ) -> Manifest:
        """An index of manifests."""
        recipe = IndexRecipe(children, docker=docker, attestations=attestations)
        body = recipe.render()
        size = len(body) + sum(child.size for child in children)
        media_type = media.DOCKER_LIST if docker else media.OCI_INDEX
        return self._add(recipe, body, media_type, at, size=size)

    def attached(self, at: int, kind: str, *, subject: Manifest | None) -> Manifest:
        """A referrer of a manifest, or of one that is not there."""
        serial = next(self._serials)
        if subject is None:
            digest, size = blob_of(self._seed, f"missing {serial}", bits=10)
            described = Descriptor(digest=digest, size=size, media_type=media.OCI_MANIFEST)
        else:
            described = Descriptor(
                digest=subject.digest, size=len(subject.body), media_type=subject.media_type
            )
        return self._attach(at, serial, kind, described)

    def cosigned(self, at: int, kind: str, *, image: Manifest) -> Manifest:
        """A signature or the like of an image in cosign's scheme, with its tag."""
        manifest = self._attach(at, next(self._serials), kind, None)
        self.tag(signature_tag(image.digest, kind), manifest, at)
        return manifest

    def tag(self, name: str, manifest: Manifest, at: int) -> None:
        """Point a tag at a manifest, if one more tag may be set or the name is there already."""
        if name not in self._place.tags:
            if self.left <= 0:
                return
            self.left -= 1
        self._place.set_tag(name, manifest.digest, at=at)

    def _attach(self, at: int, serial: int, kind: str, subject: Descriptor | None) -> Manifest:
        recipe = AttachedRecipe(self._seed, serial, kind, subject)
        body = recipe.render()
        _, size = blob_of(self._seed, f"{kind} {serial}", bits=12)
        manifest_subject = None if subject is None else subject.digest
        return self._add(
            recipe,
            body,
            media.OCI_MANIFEST,
            at,
            size=len(body) + size + 2,
            subject=manifest_subject,
        )

    def _add(
        self,
        recipe: BodySource,
        body: bytes,
        media_type: str,
        at: int,
        *,
        size: int,
        platform: Platform | None = None,
        subject: str | None = None,
    ) -> Manifest:
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        known = self._place.manifests.get(digest)
        if known is not None:
            self._place.touch_manifest(known, at=at)
            return known
        manifest = Manifest(
            digest=digest,
            source=recipe,
            media_type=media_type,
            created=at,
            updated=at,
            size=size,
            platform=platform,
            subject=subject,
        )
        self._place.add_manifest(manifest)
        self._place.updated = max(self._place.updated, at)
        return manifest

    def _flavor(self, *, docker: bool, platform: Platform, base: int) -> Flavor:
        key = (docker, platform, base)
        flavor = self._flavors.get(key)
        if flavor is None:
            layers = tuple(
                blob_of(self._seed, f"base {base} {platform} {number}", bits=26)
                for number in range(2)
            )
            flavor = Flavor(seed=self._seed, docker=docker, platform=platform, base=layers)
            self._flavors[key] = flavor
        return flavor

    def attestations(self, at: int, children: tuple[Manifest, ...]) -> tuple[Manifest, ...]:
        """BuildKit's attestation of each child, in their order."""
        return tuple(self.image(at, platform=UNKNOWN) for _ in children)
