"""Blobs, and what a registry works out from them when a manifest comes in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from acr_emulator.media import Facts, Platform, read_platform
from acr_emulator.repository import Repository


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob: its size in bytes, and its content where that is held."""

    size: int
    content: bytes | None = None


def image_size(place: Repository, body: bytes, facts: Facts) -> int:
    """What the registry calls imageSize.

    Own bytes, config and layers; of an index, own bytes and its children's sizes.
    """
    children = (place.manifests.get(child.digest) for child in facts.children)
    return (
        len(body)
        + sum(blob.size for blob in facts.blobs)
        + sum(child.size for child in children if child is not None)
    )


def platform_of(facts: Facts, blobs: Mapping[str, Blob]) -> Platform | None:
    """The platform that a manifest's configuration names, where its content is held."""
    blob = None if facts.config is None else blobs.get(facts.config.digest)
    if blob is None or blob.content is None:
        return None
    try:
        return read_platform(json.loads(blob.content))
    except (ValueError, RecursionError):
        return None
