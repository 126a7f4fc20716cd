"""Small words for registries."""

import json
from collections.abc import Sequence

from acr_emulator import Registry
from acr_emulator.clock import Clock
from acr_emulator.media import OCI_INDEX, OCI_MANIFEST
from acr_emulator.times import TICKS_PER_SECOND, parse_time

NOW = parse_time("2026-01-15T12:00:00Z")
SECOND = TICKS_PER_SECOND


def new_registry() -> Registry:
    """An empty registry whose clock stands at NOW."""
    return Registry(clock=Clock(start=NOW))


def image(
    registry: Registry,
    name: str,
    *,
    tags: Sequence[str] = (),
    at: int = NOW,
    subject: str | None = None,
    repository: str = "shop/web",
) -> str:
    """Push an image whose content is its name: the digest."""
    document: dict[str, object] = {"schemaVersion": 2, "layers": [], "annotations": {"is": name}}
    if subject is not None:
        document["subject"] = {"digest": subject, "size": 1}
    body = json.dumps(document).encode()
    return registry.push(repository, body, media_type=OCI_MANIFEST, tags=tags, at=at).digest


def index(
    registry: Registry,
    *children: str,
    tags: Sequence[str] = (),
    at: int = NOW,
    subject: str | None = None,
    repository: str = "shop/web",
) -> str:
    """Push an index of digests: its digest."""
    document: dict[str, object] = {
        "schemaVersion": 2,
        "manifests": [{"digest": child, "size": 1} for child in children],
    }
    if subject is not None:
        document["subject"] = {"digest": subject, "size": 1}
    body = json.dumps(document).encode()
    return registry.push(repository, body, media_type=OCI_INDEX, tags=tags, at=at).digest
