"""The newest untagged manifests, which ``untagged.keep_newest`` (or ``--keep``) keeps.

Policy documents rank roots, by the newest time in a root's closure: a multi-arch image
counts once. All of the closure counts, also what stays anyway: were it only what can go,
one more lock or protection could make a root look older, and so delete it.
``acr purge`` ranks single manifests.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from purge_core.instants import Instant
from purge_core.judgement.reasons import Newest
from purge_core.judgement.standing import Standing
from purge_core.model import Digest
from purge_core.policies.policy import UNTAGGED, Dialect


def newest_untagged(
    standing: Standing, kept: AbstractSet[Digest], young: Iterable[Digest]
) -> dict[Digest, Newest]:
    """Find which untagged manifests are kept for being among the newest.

    Counted are those that would go; equal times share a rank. ``kept`` are the manifests
    that stay anyway; of these, the ``young`` are told their rank as well.
    """
    keep = standing.untagged.keep_newest if standing.untagged is not None else 0
    if keep == 0:
        return {}
    times = _times(standing)
    counted = {d for d in times.keys() - kept if _is_ranked(standing, d)}
    order = sorted(times[d] for d in counted)
    told = counted.union(d for d in young if d in times and _is_ranked(standing, d))
    newer = {d: len(order) - bisect_right(order, times[d]) for d in told}
    return {d: Newest(UNTAGGED, rank, keep) for d, rank in newer.items() if rank < keep}


def _is_ranked(standing: Standing, digest: Digest) -> bool:
    """Whether a manifest counts: one that gets a deletion of its own, or is a root."""
    edges = standing.references
    if digest in edges.subject:
        return False
    if standing.policy.dialect is Dialect.ACR_PURGE:
        return True
    return digest not in edges.parents and digest not in standing.selection.images


def _times(standing: Standing) -> Mapping[Digest, Instant]:
    """Give the time by which each manifest is ranked; without any time it is not.

    Every time is carried up to what lists the manifest and to its subject, the newest
    first, so that the first one to arrive is the newest and circles come to an end.
    """
    listed = standing.snapshot.manifests or ()
    own = {m.digest: m.updated for m in listed if m.updated is not None}
    if standing.policy.dialect is Dialect.ACR_PURGE:
        return own
    edges = standing.references
    times: dict[Digest, Instant] = {}
    for newest in sorted(own, key=own.__getitem__, reverse=True):
        work = [newest]
        while work:
            digest = work.pop()
            if digest in times or digest not in edges.listed:
                continue
            times[digest] = own[newest]
            work.extend(edges.parents.get(digest, ()))
            if digest in edges.subject:
                work.append(edges.subject[digest])
    return times
