"""What the suite of the registry ports runs on: a fake, and the adapter on a real server."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Protocol

import pytest

from acr_emulator import Options
from purge_core.instants import Instant
from purge_core.model import OPEN, Body, Digest, Lock
from purge_core.registry import Registry
from tests.emulated import OCI_IMAGE, emulated
from tests.fakes import FakeRegistry

PAGE = 3
"""Small pages, so that a handful of entries takes several."""


class Stage(Protocol):
    """A registry under test, and the means to fill it."""

    @property
    def registry(self) -> Registry:
        """The registry."""
        ...

    def push(
        self,
        repository: str,
        *tags: str,
        children: Iterable[Digest] = (),
        bare: Iterable[Digest] = (),
        subject: Digest | None = None,
        media_type: str | None = OCI_IMAGE,
        label: str = "",
        at: int | None = None,
        lock: Lock = OPEN,
    ) -> Digest:
        """Push a manifest; return its digest."""
        ...

    def move(self, repository: str, tag: str, digest: Digest, *, at: Instant | None = None) -> None:
        """Point a tag at a manifest."""
        ...


class FakeStage:
    """The fake."""

    def __init__(self) -> None:
        self.fake = FakeRegistry(page=PAGE)
        self.registry: Registry = self.fake

    def push(
        self,
        repository: str,
        *tags: str,
        children: Iterable[Digest] = (),
        bare: Iterable[Digest] = (),
        subject: Digest | None = None,
        media_type: str | None = OCI_IMAGE,
        label: str = "",
        at: int | None = None,
        lock: Lock = OPEN,
    ) -> Digest:
        """Push a manifest; return its digest."""
        without = tuple(bare)
        body = Body((*children, *without), subject, without)
        moment = None if at is None else Instant(at)
        return self.fake.push(
            repository, *tags, media_type=media_type, body=body, at=moment, lock=lock
        )

    def move(self, repository: str, tag: str, digest: Digest, *, at: Instant | None = None) -> None:
        """Point a tag at a manifest."""
        self.fake.tag(repository, tag, digest, at=at)


@asynccontextmanager
async def stage_of(kind: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """Open a stage by name."""
    if kind == "fake":
        yield FakeStage()
        return
    async with emulated(monkeypatch, Options(page_cap=PAGE)) as opened:
        opened.emulator.clock.run()
        yield opened
