"""Generated repositories: small, odd, and close to every threshold.

At most eight manifests and six tags, since what goes wrong with a million goes wrong with
five. Ages and thresholds are few, so that equal times and exact thresholds are common. All
strategies are made once and draw from short tables, which is many times faster than composing
them anew; the simplest entries come first, so failures shrink to them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from typing import Final, NamedTuple

from hypothesis import strategies as st

from purge_core.instants import DAY, Instant, Span
from purge_core.model import (
    OPEN,
    Body,
    BodyState,
    Digest,
    Lock,
    Manifest,
    RepositoryName,
    RepositorySnapshot,
    Shape,
    Tag,
    TagName,
    Unread,
    shape_of,
)
from tests.builders import (
    DELETE_LOCKED,
    DOCKER_IMAGE,
    DOCKER_LIST,
    LOCKED,
    NOW,
    OCI_ARTIFACT,
    OCI_IMAGE,
    OCI_INDEX,
    ODD,
    ORAS,
    WRITE_LOCKED,
)

THRESHOLDS: Final = (Span(0), DAY, Span(3 * DAY), Span(10 * DAY))

_DISTINCT: Final = tuple(Span(n * DAY) for n in (100, 12, 13, 14, 15, 16, 100))
_CLOSE: Final = tuple(Span(t + ticks) for t in THRESHOLDS for ticks in (0, 1, -1))
"""Ages at and around every threshold; one of them is in the future."""

TIMES: Final = tuple(Instant(NOW - age) for age in _DISTINCT * 2 + _CLOSE)
LOCKS: Final = (*(OPEN,) * 20, DELETE_LOCKED, WRITE_LOCKED, LOCKED)

NAMES: Final = ("shop", "shop-prod", "team/app")
MANIFESTS: Final = 8
DIGESTS: Final = tuple(
    Digest(f"sha256:{hashlib.sha256(bytes([n])).hexdigest()}") for n in range(MANIFESTS + 2)
)
"""Digests of the manifests there may be, in no order, and of two that never are there."""

_TYPES: Final = (
    OCI_IMAGE,
    *(OCI_INDEX,) * 6,
    *(OCI_IMAGE, ORAS, ODD, None) * 2,
    *(DOCKER_IMAGE, DOCKER_LIST, OCI_ARTIFACT),
)
"""The first of a table is drawn far more often than its share: examples tend to be simple."""

_TAG_NAMES: Final = (
    *("v1", "v2", "v3", "v4", "latest", "dev-1", "dev-2", "DEV-3", "pr-1") * 2,
    *(f"{d.replace(':', '-')}.{kind}" for d in DIGESTS[:6] for kind in ("sig", "att")),
)


@dataclass(frozen=True, slots=True)
class World:
    """How bad things may be.

    ``gaps``: the registry leaves out times, locks and digests of tags, hides manifests and
    tags from listings, or contradicts itself. ``unreadable``: bodies of manifests that are not
    indexes may be unreadable. ``forged``: references may run in circles.
    """

    gaps: bool = True
    unreadable: bool = True
    forged: bool = True


HOSTILE: Final = World()
READABLE: Final = World(unreadable=False)
ANSWERING: Final = World(gaps=False, unreadable=False)
"""All that ``acr purge`` can read without crashing: only the references may be forged."""
HONEST: Final = World(gaps=False, unreadable=False, forged=False)


class Slip(NamedTuple):
    """How the manifest listing, or the read of a body, goes wrong for one manifest."""

    unread: Unread | None = None
    hidden: bool = False
    drops_tag: bool = False
    more_tags: tuple[TagName, ...] = ()


_SLIPS: Final = (
    Slip(drops_tag=True),
    Slip(more_tags=(TagName("unlisted"),)),
    Slip(more_tags=(TagName("v1"),)),
    *(Slip(hidden=True),) * 3,
)
_FAILURES: Final = (*(Slip(), Slip()) * 10, *(Slip(unread=why) for why in Unread))


class Sketch(NamedTuple):
    """One manifest to be; its references are numbers, resolved when all are known."""

    media_type: str | None
    updated: Instant | None
    lock: Lock | None
    children: tuple[int, ...]
    subject: int | None
    slip: Slip


class TagSketch(NamedTuple):
    """One tag to be."""

    name: str
    target: int | None
    updated: Instant | None
    lock: Lock | None


@cache
def repositories(world: World = HOSTILE, least: int = 0) -> st.SearchStrategy[RepositorySnapshot]:
    """Whole repositories: every body is known, or known to be unreadable."""
    return st.builds(
        _assemble,
        st.sampled_from(NAMES),
        st.lists(_sketches(world), min_size=least, max_size=MANIFESTS),
        st.lists(_tag_sketches(world), max_size=6, unique_by=lambda tag: tag.name),
        st.sampled_from((*(False,) * 7, world.forged)),
    )


def _sketches(world: World) -> st.SearchStrategy[Sketch]:
    targets = range(MANIFESTS + 2)
    lists: list[tuple[int, ...]] = [()] * 80
    lists += [some for size in (1, 1, 1, 1, 1, 2) for some in combinations(targets, size)]
    lists += list(combinations(targets, 3))[::4]
    slips = [Slip()] * 30
    slips += _SLIPS if world.gaps else ()
    slips += _FAILURES if world.unreadable else ()
    return st.builds(
        Sketch,
        st.sampled_from(_TYPES),
        st.sampled_from((*TIMES * 2, None)),
        st.sampled_from((*LOCKS, None)),
        st.sampled_from(lists),
        st.sampled_from([*(None,) * 12, *targets]),
        st.sampled_from(slips),
    )


def _tag_sketches(world: World) -> st.SearchStrategy[TagSketch]:
    targets: list[int | None] = [*range(MANIFESTS)]
    times: tuple[Instant | None, ...] = TIMES
    locks: tuple[Lock | None, ...] = LOCKS
    if world.gaps:
        targets += [*targets, MANIFESTS, None]
        times, locks = (*times, *times, None), (*locks, None)
    return st.builds(
        TagSketch,
        st.sampled_from(_TAG_NAMES),
        st.sampled_from(targets),
        st.sampled_from(times),
        st.sampled_from(locks),
    )


def _assemble(
    name: str, sketches: Sequence[Sketch], tags: Sequence[TagSketch], forged: bool
) -> RepositorySnapshot:
    count = len(sketches)
    told = tuple(
        Tag(TagName(t.name), _resolve(t.target, count), t.updated, t.lock)
        for t in tags
        if count or t.target is None
    )
    named = {tag.digest for tag in told}
    hidden = {d for d, s in zip(DIGESTS, sketches, strict=False) if s.slip.hidden}
    bodies = {
        DIGESTS[n]: _body(sketch, count if forged else n)
        for n, sketch in enumerate(sketches)
        if DIGESTS[n] not in hidden or DIGESTS[n] in named
    }
    manifests = [
        _manifest(DIGESTS[n], sketch, told)
        for n, sketch in enumerate(sketches)
        if DIGESTS[n] not in hidden
    ]
    snapshot = RepositorySnapshot(RepositoryName(name), told, tuple(manifests), bodies)
    return _with_honest_platforms(snapshot)


def _resolve(number: int | None, reach: int) -> Digest | None:
    """Find the digest meant: one of the first ``reach``, or one that is never there."""
    if number is None:
        return None
    return DIGESTS[number % reach if reach and number < MANIFESTS else max(number, MANIFESTS)]


def _body(sketch: Sketch, reach: int) -> BodyState:
    """Name others below ``reach``, so that no circle closes unless it is forged."""
    shape = shape_of(sketch.media_type)
    if sketch.slip.unread is not None and shape is not Shape.INDEX:
        return sketch.slip.unread
    if shape is Shape.PLAIN:
        return Body()
    children = () if shape is Shape.IMAGE else sketch.children
    subject = sketch.subject if shape is Shape.IMAGE or len(sketch.children) < 2 else None
    named = tuple(dict.fromkeys(d for n in children if (d := _resolve(n, reach))))
    return Body(named, _resolve(subject, reach), named[:1])


def _manifest(digest: Digest, sketch: Sketch, tags: Sequence[Tag]) -> Manifest:
    """Make the entry of the manifest listing, which agrees with the tags unless it slips."""
    names = sorted(tag.name for tag in tags if tag.digest == digest)
    if sketch.slip.drops_tag:
        names = names[1:]
    names = sorted({*names, *sketch.slip.more_tags})
    return Manifest(digest, sketch.media_type, sketch.updated, tuple(names), sketch.lock, size=100)


def _with_honest_platforms(snapshot: RepositorySnapshot) -> RepositorySnapshot:
    """State no platform for children that refer to a subject: platform images never do."""
    referring = {
        d for d, b in snapshot.bodies.items() if isinstance(b, Body) and b.subject is not None
    }
    honest: dict[Digest, BodyState] = {
        d: replace(b, bare=tuple(c for c in b.children if c in b.bare or c in referring))
        if isinstance(b, Body)
        else b
        for d, b in snapshot.bodies.items()
    }
    return replace(snapshot, bodies=honest)
