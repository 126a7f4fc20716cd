"""What a repository is after a purge, and when the judgement of it may change by time alone."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from purge_core.instants import Instant
from purge_core.judgement.decision import Decisions, Delete
from purge_core.model import RepositorySnapshot
from purge_core.policies.policy import Policy


def aftermath(snapshot: RepositorySnapshot, decisions: Decisions) -> RepositorySnapshot:
    """Give the repository once all is gone that ``decisions``, made on it, delete."""
    tags = set(decisions.deleted_tags)
    manifests = snapshot.manifests
    if manifests is not None:
        stay = (m for m in manifests if not isinstance(decisions.manifests[m.digest], Delete))
        manifests = tuple(
            m
            if tags.isdisjoint(m.tags)
            else replace(m, tags=tuple(t for t in m.tags if t not in tags))
            for m in stay
        )
    gone = set(decisions.deleted_manifests)
    return replace(
        snapshot,
        tags=tuple(tag for tag in snapshot.tags if tag.name not in tags),
        manifests=manifests,
        bodies={d: body for d, body in snapshot.bodies.items() if d not in gone},
    )


def changing(snapshot: RepositorySnapshot, policy: Policy, times: Sequence[Instant]) -> set[int]:
    """Give the positions in ``times``, sorted, at which something may be old enough anew.

    Between them time alone changes no verdict: every one of them depends on time only by
    the ages that the policy names.
    """
    ages = {rule.older_than for rule in policy.rules if rule.covers(snapshot.name)}
    if policy.untagged is not None and policy.untagged.covers(snapshot.name):
        ages.add(policy.untagged.older_than)
    updated = {tag.updated for tag in snapshot.tags}
    updated |= {manifest.updated for manifest in snapshot.manifests or ()}
    known = (instant for instant in updated if instant is not None)
    # Strictly older than the age: from one tick later on.
    return {bisect_right(times, since + age) for since in known for age in ages}
