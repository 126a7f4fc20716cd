"""The registry adapter on the development registry, in one process, over TLS."""

import json
import math
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

import acr_emulator
from acr_emulator import Attributes, Emulator, Kind, Options, Quirks
from purge_core.adapters.acr import AcrOptions, AcrRegistry, open_registry
from purge_core.adapters.acr_auth import credential_for
from purge_core.instants import Instant
from purge_core.model import OPEN, Digest, Lock
from purge_core.pace.clock import Clock
from purge_core.pace.pace import Pace
from purge_core.pace.quotas import Sku

OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"

SIGN_IN = (Kind.CHALLENGE, Kind.OAUTH)
"""The requests that a warm call does without."""


class Pauses:
    """Remembers the pauses that were wanted, and makes none; only they make time pass."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Take note of a pause."""
        self.seconds.append(seconds)

    @property
    def clock(self) -> Clock:
        """The time that these pauses take."""
        return Clock(lambda: math.fsum(self.seconds), self)


@dataclass
class Emulated:
    """A development registry, and the adapter that is open on it."""

    emulator: Emulator
    registry: AcrRegistry
    pauses: Pauses
    pace: Pace

    def push(
        self,
        repository: str,
        *tags: str,
        children: Iterable[Digest] = (),
        bare: Iterable[Digest] = (),
        subject: Digest | None = None,
        media_type: str | None = OCI_IMAGE,
        content: bytes | None = None,
        label: str = "",
        at: int | None = None,
        lock: Lock = OPEN,
        quirks: Quirks | None = None,
    ) -> Digest:
        """Push a manifest made of its edges, or of ``content``; ``label`` makes it another one."""
        body = content or manifest_bytes(children, bare, subject, f"{repository} {tags} {label}")
        state = self.emulator.registry
        digest = state.push(
            repository, body, media_type=media_type, tags=tags, at=at, quirks=quirks
        ).digest
        if lock is not OPEN:
            attributes = Attributes(delete=lock.delete_enabled, write=lock.write_enabled)
            state.set_attributes(repository, attributes, digest=digest)
        return Digest(digest)

    def move(self, repository: str, tag: str, digest: Digest, *, at: Instant | None = None) -> None:
        """Point a tag at a manifest."""
        self.emulator.registry.set_tag(repository, tag, digest, at=at)

    def count(self, *kinds: Kind) -> int:
        """Count the requests of these kinds, or all."""
        log = self.emulator.log
        return sum(log.counts[kind] for kind in kinds) if kinds else log.total


def manifest_bytes(
    children: Iterable[Digest], bare: Iterable[Digest], subject: Digest | None, label: str
) -> bytes:
    """Return the bytes of a manifest with these edges."""
    platform = {"os": "linux", "architecture": "amd64"}
    document: dict[str, Any] = {"schemaVersion": 2, "annotations": {"label": label}}
    entries = [{"digest": child, "platform": platform} for child in children]
    entries += [{"digest": child} for child in bare]
    if entries:
        document["manifests"] = entries
    if subject is not None:
        document["subject"] = {"digest": subject}
    return json.dumps(document).encode()


@asynccontextmanager
async def emulated(
    monkeypatch: pytest.MonkeyPatch,
    options: Options | None = None,
    *,
    registry: "acr_emulator.Registry | None" = None,
    acr: AcrOptions | None = None,
    sku: Sku = Sku.NONE,
) -> AsyncIterator[Emulated]:
    """Serve a registry and open the adapter on it. Pauses between attempts take no time."""
    pauses = Pauses()
    async with Emulator(registry, options) as emulator:
        monkeypatch.setenv("SSL_CERT_FILE", str(emulator.ca_file))
        host = emulator.login_server
        pace = Pace(pauses.clock, sku)
        async with open_registry(host, credential_for(host), acr, pace) as opened:
            yield Emulated(emulator, opened, pauses, pace)
