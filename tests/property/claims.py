"""What must not be lost once somebody has done something, and what was lost."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from purge_core.instants import Instant
from purge_core.model import Digest, TagName
from purge_core.plans.steps import Target
from tests.fake_state import FakeRepository
from tests.fakes import Call
from tests.property.events import Kind

WINDOW: Final = 2.0
"""Seconds between a change and a delete that need not respect it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``item`` must not be lost from ``since`` on, as long as ``holds``."""

    item: Target
    since: float
    kind: Kind
    holds: Callable[[FakeRepository], bool]


@dataclass(slots=True)
class Loss:
    """What one of our requests took away, and what had happened long enough before."""

    call: Call
    sent: float
    before: FakeRepository = field(default_factory=FakeRepository)
    manifests: set[Digest] = field(default_factory=set)
    tags: set[TagName] = field(default_factory=set)


def same_as(repo: FakeRepository, target: Target) -> Callable[[FakeRepository], bool]:
    """Tell whether an item is still the one that it is now, whatever its lock."""
    if TagName(target) in repo.tags:
        tag = repo.tags[TagName(target)]
        return lambda later: (
            (now := later.tags.get(tag.name)) is not None
            and (now.digest, now.updated) == (tag.digest, tag.updated)
        )
    manifest = repo.manifests[Digest(target)]
    return lambda later: is_from(later, manifest.digest, manifest.updated)


def is_from(repo: FakeRepository, digest: Digest, updated: Instant | None) -> bool:
    """Tell whether a manifest is there that was pushed at such a time."""
    found = repo.manifests.get(digest)
    return found is not None and found.updated == updated


def copied(repo: FakeRepository) -> FakeRepository:
    """Return what a repository holds in this moment."""
    return FakeRepository(dict(repo.tags), dict(repo.manifests), dict(repo.bodies), repo.lock)
