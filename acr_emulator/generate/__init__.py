"""Large registries, realistic or regular, the same for the same seed."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum, unique
from itertools import accumulate, count
from random import Random
from typing import Final, assert_never

from acr_emulator.clock import Clock
from acr_emulator.generate.mixed import Team
from acr_emulator.generate.pusher import PLATFORMS, Pusher
from acr_emulator.state import Registry
from acr_emulator.times import TICKS_PER_SECOND

__all__ = ["Shape", "Size", "generate"]

_DAY: Final = 86_400 * TICKS_PER_SECOND
_TAGS_PER_REPOSITORY: Final = 250
_TEAMS: Final = ("shop", "data", "infra", "mobile", "search", "billing", "platform", "ml")
_SERVICES: Final = ("web", "api", "worker", "cron", "proxy", "auth", "report", "index", "feed")


@unique
class Shape(StrEnum):
    """What is generated.

    MIXED: repositories of busy teams. The others are regular: FLAT has one tag per image, PAIRS
    one and two by turns, ALIASES three, INDEXES one tag per index of two images, DANGLING one tag
    per image and beside each an image without a tag.
    """

    MIXED = "mixed"
    FLAT = "flat"
    PAIRS = "pairs"
    ALIASES = "aliases"
    INDEXES = "indexes"
    DANGLING = "dangling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much, and how old.

    Ages are in ticks; pushes are spread evenly from the oldest to the newest age. `repositories`
    None: one per 250 tags where they are MIXED, one in all where they are regular. Raises
    ValueError for sizes that make no sense.
    """

    tags: int
    repositories: int | None = None
    oldest: int = 730 * _DAY
    newest: int = 0

    def __post_init__(self) -> None:
        if self.tags < 1 or (self.repositories is not None and self.repositories < 1):
            raise ValueError("tags and repositories are at least one")
        if self.oldest < self.newest:
            raise ValueError("the oldest age is less than the newest")


def generate(shape: Shape, *, seed: int, size: Size, now: int) -> Registry:
    """A registry of exactly `size.tags` tags, with its clock standing at `now` (ticks).

    The content depends on shape, seed and counts alone; other times give the same digests.
    """
    registry = Registry(clock=Clock(start=now))
    serials = count(1)
    with _without_collection():
        for name, tags, random in _repositories(shape, seed, size):
            place = registry.add_repository(name, at=now - size.oldest)
            pusher = Pusher(seed, place, serials, tags=tags)
            times = _times(random, size, now, steps=tags)
            match shape:
                case Shape.MIXED:
                    _mixed(Team(pusher, place, random), pusher, times)
                case Shape.FLAT:
                    _regular(pusher, times, aliases=(1,))
                case Shape.PAIRS:
                    _regular(pusher, times, aliases=(1, 2))
                case Shape.ALIASES:
                    _regular(pusher, times, aliases=(3,))
                case Shape.INDEXES:
                    _indexes(pusher, times)
                case Shape.DANGLING:
                    _dangling(pusher, times)
                case _:
                    assert_never(shape)
    return registry


def _repositories(shape: Shape, seed: int, size: Size) -> Iterator[tuple[str, int, Random]]:
    if shape is not Shape.MIXED:
        yield from _even(shape, seed, size)
        return
    number = size.repositories or max(1, size.tags // _TAGS_PER_REPOSITORY)
    random = Random(seed)
    weights = [0.2 + random.random() ** 3 for _ in range(number)]
    total, given = sum(weights), 0
    for position, reached in enumerate(accumulate(weights)):
        until = round(size.tags * reached / total)
        team = _TEAMS[position % len(_TEAMS)]
        service = _SERVICES[position // len(_TEAMS) % len(_SERVICES)]
        if until > given:
            random = Random(seed * 1_000_003 + position)
            yield f"{team}/{service}-{position}", until - given, random
        given = until


def _even(shape: Shape, seed: int, size: Size) -> Iterator[tuple[str, int, Random]]:
    """One repository, or as many as are wanted, with as many tags each, give or take one."""
    if size.repositories is None:
        yield f"bench/{shape}", size.tags, Random(seed)
        return
    for position in range(size.repositories):
        tags = (size.tags + position) // size.repositories
        if tags:
            random = Random(seed * 1_000_003 + position)
            yield f"bench/{shape}-{position}", tags, random


def _times(random: Random, size: Size, now: int, *, steps: int) -> Iterator[int]:
    """Instants in ascending order, as many as steps, the last one for ever."""
    span = size.oldest - size.newest
    first = now - size.oldest
    for step in range(steps):
        yield first + int(span * (step + random.random()) / max(steps, 1))
    while True:
        yield now - size.newest


def _mixed(team: Team, pusher: Pusher, times: Iterator[int]) -> None:
    while pusher.left > 0:
        team.work(next(times))


def _regular(pusher: Pusher, times: Iterator[int], *, aliases: tuple[int, ...]) -> None:
    number = 0
    while pusher.left > 0:
        at = next(times)
        image = pusher.image(at)
        for alias in range(aliases[number % len(aliases)]):
            pusher.tag(f"v{number}" if alias == 0 else f"v{number}-{alias}", image, at)
        number += 1


def _dangling(pusher: Pusher, times: Iterator[int]) -> None:
    number = 0
    while pusher.left > 0:
        at = next(times)
        pusher.image(at)
        pusher.tag(f"v{number}", pusher.image(at), at)
        number += 1


def _indexes(pusher: Pusher, times: Iterator[int]) -> None:
    number = 0
    while pusher.left > 0:
        at = next(times)
        children = tuple(pusher.image(at, platform=platform) for platform in PLATFORMS[:2])
        pusher.tag(f"v{number}", pusher.index(at, children), at)
        number += 1


@contextmanager
def _without_collection() -> Iterator[None]:
    """Nothing here is ever garbage: looking for some would double the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
