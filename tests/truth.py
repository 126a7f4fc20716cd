"""What a registry does on a delete, for tests that need the state afterwards.

Deleting a manifest takes its tags and, at any depth, its referrers along; children stay.
Deleting a tag leaves its manifest. Written for the tests alone: it shares nothing with the
engine or the development registry.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from purge_core.model import Body, Digest, RepositorySnapshot, TagName


def with_referrers(snapshot: RepositorySnapshot, deleted: Iterable[Digest]) -> frozenset[Digest]:
    """Return the listed manifests that are gone once ``deleted`` are: referrers as well."""
    referrers: defaultdict[Digest, list[Digest]] = defaultdict(list)
    for digest, body in snapshot.bodies.items():
        if isinstance(body, Body) and body.subject is not None:
            referrers[body.subject].append(digest)
    gone: set[Digest] = set()
    work = list(deleted)
    while work:
        digest = work.pop()
        if digest not in gone:
            gone.add(digest)
            work.extend(referrers[digest])
    return frozenset(gone & {m.digest for m in snapshot.manifests or ()})


def after(
    snapshot: RepositorySnapshot, tags: Iterable[TagName], manifests: Iterable[Digest]
) -> RepositorySnapshot:
    """Return what is left once the registry has deleted ``tags`` and ``manifests``."""
    dead = with_referrers(snapshot, manifests)
    gone = set(tags) | {t.name for t in snapshot.tags if t.digest in dead}
    left = tuple(
        replace(m, tags=tuple(name for name in m.tags if name not in gone))
        for m in snapshot.manifests or ()
        if m.digest not in dead
    )
    return replace(
        snapshot,
        tags=tuple(t for t in snapshot.tags if t.name not in gone),
        manifests=None if snapshot.manifests is None else left,
        bodies={d: body for d, body in snapshot.bodies.items() if d not in dead},
    )
