"""Read of one repository what its judgement needs, and judge it."""

import asyncio
from dataclasses import replace

from purge_core.bounded import map_bounded
from purge_core.instants import Instant
from purge_core.judgement.decision import Decisions
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reads import Reads, next_reads
from purge_core.model import (
    BodyState,
    Digest,
    RepositoryName,
    RepositorySnapshot,
    Shape,
    Unread,
    UsedNames,
    shape_of,
)
from purge_core.policies.policy import Policy
from purge_core.registry import RegistryReader

Survey = tuple[RepositorySnapshot, Decisions]


async def survey(
    reader: RegistryReader,
    repository: RepositoryName,
    policy: Policy,
    now: Instant,
    limit: int,
    in_use: UsedNames,
) -> Survey:
    """Read and judge one repository, with at most ``limit`` requests at once.

    ``in_use`` is what something runs of it.

    Raises:
        NotFound: the repository does not exist.
        RegistryError: a listing could not be read.
        SnapshotIncomplete: an index could not be read.
        PolicyError: a pattern exceeded its time limit.

    """
    snapshot = replace(await _list(reader, repository, policy), in_use=in_use)
    relisted = False
    while True:
        decisions = evaluate(snapshot, policy, now)
        reads = next_reads(snapshot, policy, decisions)
        if not reads:
            return snapshot, decisions
        snapshot = await _read(reader, snapshot, reads, limit)
        if not relisted and _lost_an_index(snapshot):
            relisted = True
            snapshot = await _relist(reader, snapshot)


async def judge_further(
    reader: RegistryReader,
    snapshot: RepositorySnapshot,
    policy: Policy,
    now: Instant,
    limit: int,
) -> Survey:
    """Judge what is read already, and read on where this judgement needs more bodies.

    Nothing is listed again, except manifests that were not listed yet.

    Raises:
        RegistryError: the listing could not be read.
        SnapshotIncomplete: an index could not be read.
        PolicyError: a pattern exceeded its time limit.

    """
    while True:
        decisions = evaluate(snapshot, policy, now)
        reads = next_reads(snapshot, policy, decisions)
        if not reads:
            return snapshot, decisions
        snapshot = await _read(reader, snapshot, reads, limit)


async def judge_anew(
    reader: RegistryReader,
    read: RepositorySnapshot,
    policy: Policy,
    now: Instant,
    limit: int,
) -> Survey:
    """Judge by another policy what was ``read`` for one, as if it were read for this one.

    A judgement that does not list manifests may know less, and then keeps more; so they are
    looked at only when this policy would list them, though nothing is listed twice.

    Raises:
        RegistryError: the listing could not be read.
        SnapshotIncomplete: an index could not be read.
        PolicyError: a pattern exceeded its time limit.

    """
    if read.manifests is not None and not _lists_at_once(policy, read.name):
        unlisted = replace(read, manifests=None)
        decisions = evaluate(unlisted, policy, now)
        if not next_reads(unlisted, policy, decisions):
            return unlisted, decisions
    return await judge_further(reader, read, policy, now, limit)


def _lists_at_once(policy: Policy, repository: RepositoryName) -> bool:
    return policy.untagged is not None and policy.untagged.covers(repository)


async def _list(
    reader: RegistryReader, repository: RepositoryName, policy: Policy
) -> RepositorySnapshot:
    """List the tags; at the same time the manifests where they are needed in any case."""
    if not _lists_at_once(policy, repository):
        tags = await reader.tags(repository)
        return RepositorySnapshot(repository, tags.items, tags_mark=tags.mark)
    listings = asyncio.gather(reader.tags(repository), reader.manifests(repository))
    tags, manifests = await listings
    return RepositorySnapshot(
        repository,
        tags.items,
        manifests.items,
        tags_mark=tags.mark,
        manifests_mark=manifests.mark,
    )


async def _read(
    reader: RegistryReader, snapshot: RepositorySnapshot, reads: Reads, limit: int
) -> RepositorySnapshot:
    if reads.manifests:
        manifests = await reader.manifests(snapshot.name)
        return replace(snapshot, manifests=manifests.items, manifests_mark=manifests.mark)

    async def body(digest: Digest) -> tuple[Digest, BodyState]:
        return digest, await reader.body(snapshot.name, digest)

    found = await map_bounded(body, reads.bodies, limit)
    return replace(snapshot, bodies={**snapshot.bodies, **dict(found)})


def _lost_an_index(snapshot: RepositorySnapshot) -> bool:
    """Whether an index that was listed answered 404: perhaps it went meanwhile."""
    return any(
        snapshot.bodies.get(m.digest) is Unread.GONE
        for m in snapshot.manifests or ()
        if shape_of(m.media_type) is Shape.INDEX
    )


async def _relist(reader: RegistryReader, snapshot: RepositorySnapshot) -> RepositorySnapshot:
    """List everything again, once; what is listed now and answered 404 is asked again."""
    listing = await reader.tags(snapshot.name)
    manifests = await reader.manifests(snapshot.name)
    known = {d: state for d, state in snapshot.bodies.items() if state is not Unread.GONE}
    return replace(
        snapshot,
        tags=listing.items,
        manifests=manifests.items,
        bodies=known,
        tags_mark=listing.mark,
        manifests_mark=manifests.mark,
    )
