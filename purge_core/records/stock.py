"""What a registry stores: in all, by repository, and what of it is kept by few."""

from dataclasses import dataclass

from purge_core.costs import Cost
from purge_core.instants import Instant
from purge_core.model import Digest, RepositoryName, TagName


@dataclass(frozen=True, slots=True)
class RepositoryStock:
    """What one repository needs. ``alone``: bytes that no other repository needs as well."""

    repository: RepositoryName
    manifests: int
    bytes: int
    alone: int


@dataclass(frozen=True, slots=True)
class Pin:
    """An image that stays, and so keeps ``bytes`` that belong to what goes as well.

    An index counts with what it lists, where it was read. ``only``: so many of the bytes no
    other image that stays needs.
    """

    repository: RepositoryName
    digest: Digest
    tags: tuple[TagName, ...]
    updated: Instant | None
    bytes: int
    only: int


@dataclass(frozen=True, slots=True)
class Stock:
    """A registry's storage, every blob once. What could not be read is missing in all numbers.

    ``unread`` are such manifests, repositories and sizes. ``freed`` is what a purge by a
    policy would free, where one was given, and ``None`` where that is not known; ``pins`` are
    what keeps most of the rest.
    """

    registry: str
    now: Instant
    bytes: int
    manifests: int
    unread: int
    repositories: tuple[RepositoryStock, ...]
    freed: int | None = None
    pins: tuple[Pin, ...] = ()
    cost: Cost | None = None
