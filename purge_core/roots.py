"""The newest untagged manifests, which ``untagged.keep_newest`` (or ``--keep``) keeps.

Policy documents rank roots, by the newest time among the deletable members of a root's
closure: a multi-arch image counts once. ``acr purge`` ranks single manifests.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from graphlib import TopologicalSorter

from purge_core.instants import Instant
from purge_core.model import Digest
from purge_core.policy import UNTAGGED, Dialect
from purge_core.reasons import Newest
from purge_core.standing import Standing


def newest_untagged(standing: Standing, kept: AbstractSet[Digest]) -> dict[Digest, Newest]:
    """Find which of the manifests that would go are kept for being among the newest.

    Equal times share a rank. ``kept`` are the manifests that stay anyway.
    """
    keep = standing.untagged.keep_newest if standing.untagged is not None else 0
    if keep == 0:
        return {}
    single = {
        m.digest: m.updated
        for m in standing.snapshot.manifests or ()
        if m.digest not in kept and m.updated is not None
    }
    whole = standing.policy.dialect is Dialect.DOCUMENT
    ranked = dict(_roots(standing, single) if whole else _singles(standing, single))
    times = sorted(ranked.values())
    newer = {d: len(times) - bisect_right(times, time) for d, time in ranked.items()}
    return {d: Newest(UNTAGGED, rank, keep) for d, rank in newer.items() if rank < keep}


def _singles(
    standing: Standing, going: Mapping[Digest, Instant]
) -> Iterator[tuple[Digest, Instant]]:
    """Give every manifest that would get a deletion of its own."""
    for digest, updated in going.items():
        if digest not in standing.references.subject:
            yield digest, updated


def _roots(standing: Standing, going: Mapping[Digest, Instant]) -> Iterator[tuple[Digest, Instant]]:
    """Give every untagged manifest that nothing lists, with the newest time below it."""
    edges = standing.references
    below = {
        digest: [
            follower
            for kind in (edges.children, edges.referrers)
            for follower in kind.get(digest, ())
            if follower in going
        ]
        for digest in going.keys() & (edges.children.keys() | edges.referrers.keys())
    }
    newest = dict(going)
    for digest in TopologicalSorter(below).static_order():
        for follower in below.get(digest, ()):
            newest[digest] = max(newest[digest], newest[follower])
    for digest in going:
        listed = digest in edges.parents or digest in edges.subject
        if not listed and digest not in standing.selection.images:
            yield digest, newest[digest]
