"""What still has to be read of a repository before it can be judged: as little as can be.

The judgement is tried with what is known so far, as if every body that was not read
named nothing. If then no manifest would go, and none stays only for being as new as
another, none has to be read. Otherwise the indexes are needed first, since they spare
most of the rest; then the manifests that would go, which may have a subject that stays;
and last, only if some manifest still goes, those that stay and could be its referrer:
the registry would delete them along with it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from purge_core.judgement.decision import Decisions, Delete, Keep
from purge_core.judgement.reasons import ImageStays, Newest
from purge_core.model import (
    OPEN,
    Body,
    Digest,
    RepositorySnapshot,
    Shape,
    shape_of,
)
from purge_core.policies.policy import Dialect, Policy


@dataclass(frozen=True, slots=True)
class Reads:
    """What to read next. Nothing: the decisions stand."""

    manifests: bool = False
    bodies: tuple[Digest, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is to be read."""
        return self.manifests or bool(self.bodies)


_Stage = Callable[[RepositorySnapshot, Decisions], Iterator[Digest]]

NOTHING = Reads()
"""All that is needed is known."""


def next_reads(snapshot: RepositorySnapshot, policy: Policy, decisions: Decisions) -> Reads:
    """Say what has to be read before ``decisions`` (on this snapshot) can be trusted."""
    if snapshot.manifests is None:
        return Reads(manifests=_needs_manifests(snapshot, policy, decisions))
    stages: tuple[_Stage, ...] = (_indexes, _going, _possible_referrers)
    if not decisions.deleted_manifests and not _may_lose_its_rank(policy, decisions):
        # An index may list what is in use, and then keeps its tags.
        stages = stages[: 1 if snapshot.in_use and decisions.deleted_tags else 0]
    for stage in stages:
        unread = (d for d in stage(snapshot, decisions) if d not in snapshot.bodies)
        if bodies := tuple(sorted(set(unread))):
            return Reads(bodies=bodies)
    return NOTHING


def _may_lose_its_rank(policy: Policy, decisions: Decisions) -> bool:
    """Whether what is among the newest may not be, once all references are known.

    More of them than are kept are there only as equals, and a root that lists something
    newer, or has a newer referrer, comes before its equals.
    """
    if policy.dialect is Dialect.ACR_PURGE:
        return False
    kept = (v.reasons for v in decisions.manifests.values() if isinstance(v, Keep))
    ranks = [reason for reasons in kept for reason in reasons if isinstance(reason, Newest)]
    return bool(ranks) and len(ranks) > ranks[0].keep


def _needs_manifests(snapshot: RepositorySnapshot, policy: Policy, decisions: Decisions) -> bool:
    """Whether a manifest could go, or a lock on one, or its use, could matter."""
    if policy.untagged is not None and policy.untagged.covers(snapshot.name):
        return True
    wholes = (r for v in decisions.tags.values() if isinstance(v, Keep) for r in v.reasons)
    if any(isinstance(reason, ImageStays) for reason in wholes):
        return True
    matters = policy.dialect is Dialect.DOCUMENT or bool(snapshot.in_use)
    return matters and bool(decisions.deleted_tags)


def _indexes(snapshot: RepositorySnapshot, _: Decisions) -> Iterator[Digest]:
    """Give all that may list children, also what tags name and the listing hides."""
    listed = set()
    for manifest in snapshot.manifests or ():
        listed.add(manifest.digest)
        if shape_of(manifest.media_type) in (Shape.INDEX, Shape.UNKNOWN):
            yield manifest.digest
    for tag in snapshot.tags:
        if tag.digest is not None and tag.digest not in listed:
            yield tag.digest


def _going(snapshot: RepositorySnapshot, decisions: Decisions) -> Iterator[Digest]:
    """Give the manifests that would go and may have a subject."""
    for manifest in snapshot.manifests or ():
        goes = isinstance(decisions.manifests[manifest.digest], Delete)
        if goes and shape_of(manifest.media_type) is Shape.IMAGE:
            yield manifest.digest


def _possible_referrers(snapshot: RepositorySnapshot, _: Decisions) -> Iterator[Digest]:
    """Give all that may have a subject, but for the mere platform images of indexes.

    One that is tagged, locked or in use stays for its own sake, so what an index says of
    it is not relied upon.
    """
    bodies = [body for body in snapshot.bodies.values() if isinstance(body, Body)]
    bare = {child for body in bodies for child in body.bare}
    platforms = {child for body in bodies for child in body.children} - bare
    special = {*snapshot.in_use, *(tag.digest for tag in snapshot.tags)}
    for manifest in snapshot.manifests or ():
        if shape_of(manifest.media_type) is not Shape.IMAGE:
            continue
        for_itself = manifest.tags or manifest.digest in special or manifest.lock != OPEN
        if for_itself or manifest.digest not in platforms:
            yield manifest.digest
