"""What a new policy deletes more and less than an old one: both judge one reading."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from purge_core.bounded import map_bounded
from purge_core.errors import NotFound, RegistryError, SnapshotIncomplete
from purge_core.judgement.decision import Decisions, Delete, Keep
from purge_core.judgement.guards import check_run, refusals
from purge_core.judgement.reasons import Unknown, UntaggedNotPurged
from purge_core.model import Digest, Manifest, RepositoryName, RepositorySnapshot
from purge_core.planning import RunOrder, choose_repositories
from purge_core.records.differences import (
    Difference,
    ManifestDifference,
    Part,
    RepositoryDifference,
    TagDifference,
)
from purge_core.registry import RegistryReader
from purge_core.sizes import own_bytes
from purge_core.survey import judge_anew, survey

_UNSEEN: Final = Keep((UntaggedNotPurged(),))
"""What becomes of a manifest at which the other policy does not even look."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same run by either policy."""

    old: RunOrder
    new: RunOrder


async def compare(reader: RegistryReader, pair: Pair) -> Difference:
    """Compare the policies in every repository that either of them covers.

    Raises:
        RegistryError: the catalogue could not be read.
        PolicyError: a pattern exceeded its time limit.

    """
    names = {*await choose_repositories(reader, pair.old)}
    names |= {*await choose_repositories(reader, pair.new)}

    async def one(name: RepositoryName) -> RepositoryDifference:
        return await compare_repository(reader, pair, name)

    found = tuple(await map_bounded(one, sorted(names), pair.new.concurrency))
    old, new = pair.old, pair.new
    return Difference(
        new.registry,
        new.now,
        old.policy,
        new.policy,
        found,
        check_run(old.policy, (e.old_deletions for e in found if not e.old_refusals)),
        check_run(new.policy, (e.new_deletions for e in found if not e.new_refusals)),
    )


async def compare_repository(
    reader: RegistryReader, pair: Pair, name: RepositoryName
) -> RepositoryDifference:
    """Compare the policies in one repository, or say why it was not possible.

    What does not exist (any more) does not differ.

    Raises:
        PolicyError: a pattern exceeded its time limit.

    """
    old, new, limit = pair.old, pair.new, pair.new.concurrency
    try:
        used = old.used.of(name)
        before, by_old = await survey(reader, name, old.policy, old.now, limit, used)
        read = replace(before, in_use=new.used.of(name))
        after, by_new = await judge_anew(reader, read, new.policy, new.now, limit)
    except NotFound:
        return RepositoryDifference(name)
    except (RegistryError, SnapshotIncomplete) as error:
        return RepositoryDifference(name, error=str(error))
    both = before if after.manifests is None else after
    return RepositoryDifference(
        name,
        _part(both, by_new, by_old),
        _part(both, by_old, by_new),
        _deletions(by_old),
        _deletions(by_new),
        refusals(before, old.policy, by_old),
        refusals(after, new.policy, by_new),
    )


def _deletions(decisions: Decisions) -> int:
    return len(decisions.deleted_tags) + len(decisions.deleted_manifests)


def _part(snapshot: RepositorySnapshot, one: Decisions, other: Decisions) -> Part:
    """Give what ``one`` deletes and the ``other`` does not."""
    manifests = {m.digest: m for m in snapshot.manifests or ()}
    return Part(
        tuple(_tags(snapshot, one, other)), tuple(_manifests(snapshot, one, other, manifests))
    )


def _tags(
    snapshot: RepositorySnapshot, one: Decisions, other: Decisions
) -> Iterator[TagDifference]:
    digests = {tag.name: tag.digest for tag in snapshot.tags}
    for name, verdict in one.tags.items():
        against = other.tags.get(name, Keep((Unknown("tag"),)))
        if isinstance(verdict, Delete) and isinstance(against, Keep):
            yield TagDifference(name, digests.get(name), verdict.reasons, against.reasons)


def _manifests(
    snapshot: RepositorySnapshot,
    one: Decisions,
    other: Decisions,
    manifests: Mapping[Digest, Manifest],
) -> Iterator[ManifestDifference]:
    for digest, verdict in one.manifests.items():
        against = other.manifests.get(digest, _UNSEEN)
        if isinstance(verdict, Delete) and isinstance(against, Keep):
            manifest = manifests[digest]
            yield ManifestDifference(
                digest,
                manifest.tags,
                manifest.platform,
                own_bytes(manifest, snapshot, manifests),
                verdict.reasons,
                against.reasons,
            )
