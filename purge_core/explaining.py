"""Everything that bears on one repository, tag or image, read and judged for a person.

A purge reads as little as it can; an explanation reads what is around its subject as
well. The verdicts are those of a purge, the reasons all that hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from purge_core.bounded import map_bounded
from purge_core.errors import SnapshotIncomplete
from purge_core.judgement.decision import Decisions, Keep, Verdict
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.guards import Refusal, refusals
from purge_core.judgement.reasons import UntaggedNotPurged
from purge_core.model import (
    Body,
    BodyState,
    Digest,
    RepositoryName,
    RepositorySnapshot,
    Shape,
    TagName,
    shape_of,
)
from purge_core.planning import RunOrder
from purge_core.registry import RegistryReader
from purge_core.survey import survey

Name = TypeVar("Name", TagName, Digest)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: a repository, or one tag or manifest of it."""

    repository: RepositoryName
    tag: TagName | None = None
    digest: Digest | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the repository as a whole is meant."""
        return self.tag is None and self.digest is None


@dataclass(frozen=True, slots=True)
class Judged:
    """A repository with all that was read of it, and the verdict on each item.

    ``listed``: whether a purge would look at manifests at all; if not, none can go.
    """

    snapshot: RepositorySnapshot
    decisions: Decisions
    refusals: tuple[Refusal, ...]
    listed: bool


async def judge(reader: RegistryReader, order: RunOrder, subject: Subject) -> Judged:
    """Judge a repository as a purge would, then read on for the reasons.

    Raises:
        NotFound: the repository does not exist.
        RegistryError: a listing could not be read.
        SnapshotIncomplete: an index could not be read, so a purge would refuse.
        PolicyError: a pattern exceeded its time limit.

    """
    name, limit = subject.repository, order.concurrency
    used = order.used.of(name)
    snapshot, decisions = await survey(reader, name, order.policy, order.now, limit, used)
    listed = snapshot.manifests is not None
    refused = refusals(snapshot, order.policy, decisions)
    if not subject.is_whole:
        snapshot = await _read_on(reader, snapshot, limit)
        decisions = _with_more_reasons(decisions, snapshot, order)
    return Judged(snapshot, decisions, refused, listed)


async def _read_on(
    reader: RegistryReader, snapshot: RepositorySnapshot, limit: int
) -> RepositorySnapshot:
    """List the manifests, and read whatever may list or refer to another."""
    if snapshot.manifests is None:
        listing = await reader.manifests(snapshot.name)
        snapshot = replace(snapshot, manifests=listing.items, manifests_mark=listing.mark)
    snapshot = await _read(reader, snapshot, (Shape.INDEX, Shape.UNKNOWN), limit)
    return await _read(reader, snapshot, (Shape.IMAGE,), limit)


async def _read(
    reader: RegistryReader, snapshot: RepositorySnapshot, shapes: tuple[Shape, ...], limit: int
) -> RepositorySnapshot:
    async def body(digest: Digest) -> tuple[Digest, BodyState]:
        return digest, await reader.body(snapshot.name, digest)

    known = {*snapshot.bodies, *_platform_images(snapshot)}
    unread = [
        m.digest
        for m in snapshot.manifests or ()
        if shape_of(m.media_type) in shapes and m.digest not in known
    ]
    found = await map_bounded(body, unread, limit)
    return replace(snapshot, bodies={**snapshot.bodies, **dict(found)})


def _platform_images(snapshot: RepositorySnapshot) -> set[Digest]:
    """Give what indexes list with a platform: these refer to nothing."""
    bodies = [body for body in snapshot.bodies.values() if isinstance(body, Body)]
    bare = {child for body in bodies for child in body.bare}
    return {child for body in bodies for child in body.children} - bare


def _with_more_reasons(
    decisions: Decisions, snapshot: RepositorySnapshot, order: RunOrder
) -> Decisions:
    """Judge again with all that is known; where the verdict is the same, its reasons count.

    What a purge does not look at stays.
    """
    try:
        fuller = evaluate(snapshot, order.policy, order.now)
    except SnapshotIncomplete:
        fuller = decisions
    unseen = Keep((UntaggedNotPurged(),))
    manifests = {m.digest: unseen for m in snapshot.manifests or ()}
    return replace(
        fuller,
        tags=_same(decisions.tags, fuller.tags),
        manifests={**manifests, **_same(decisions.manifests, fuller.manifests)},
    )


def _same(purge: Mapping[Name, Verdict], fuller: Mapping[Name, Verdict]) -> dict[Name, Verdict]:
    """Take the fuller reasons, but never another verdict than the purge's."""
    verdicts = dict(purge)
    for name, verdict in fuller.items():
        known = purge.get(name)
        if type(known) is type(verdict) or (known is None and isinstance(verdict, Keep)):
            verdicts[name] = verdict
    return verdicts
