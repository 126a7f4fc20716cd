"""The judgement: one verdict with reasons for every tag and manifest of a repository.

Pure and total. It never looks at a clock, a network or the order of its input; what is
unknown is kept.
"""

from collections import defaultdict

from purge_core.errors import SnapshotIncomplete
from purge_core.instants import Instant
from purge_core.judgement.closure import Closure
from purge_core.judgement.decision import Decisions
from purge_core.judgement.reasons import KeepReason, Young
from purge_core.judgement.references import read_references
from purge_core.judgement.roots import newest_untagged
from purge_core.judgement.selection import select
from purge_core.judgement.standing import Standing
from purge_core.judgement.usage import images_in_use
from purge_core.judgement.verdicts import Findings, manifest_verdicts, tag_verdicts
from purge_core.model import (
    Digest,
    RepositorySnapshot,
    Shape,
    TagName,
    Unread,
    shape_of,
)
from purge_core.policies.policy import Policy


def evaluate(snapshot: RepositorySnapshot, policy: Policy, now: Instant) -> Decisions:
    """Judge every tag and every listed manifest of ``snapshot``.

    Raises:
        PolicyError: a pattern exceeded its time limit.
        SnapshotIncomplete: an index could not be read, so what it lists is not known.

    """
    _require_indexes(snapshot)
    findings = _find(snapshot, policy, now)
    tags = tag_verdicts(findings)
    missing = findings.standing.references.missing
    broken = missing.keys() & findings.closure.kept
    return Decisions(
        repository=snapshot.name,
        tags=tags,
        manifests=manifest_verdicts(findings, tags),
        missing=tuple(sorted({child for index in broken for child in missing[index]})),
    )


def _require_indexes(snapshot: RepositorySnapshot) -> None:
    """Refuse a repository with an index that was asked for and could not be read."""
    unread = {d: s for d, s in snapshot.bodies.items() if isinstance(s, Unread)}
    for manifest in (snapshot.manifests or ()) if unread else ():
        is_index = shape_of(manifest.media_type) is Shape.INDEX
        if is_index and manifest.digest in unread:
            raise SnapshotIncomplete(
                f"index {manifest.digest} could not be read "
                f"({unread[manifest.digest].value}), so what it lists is not known"
            )


def _find(snapshot: RepositorySnapshot, policy: Policy, now: Instant) -> Findings:
    """Find what stays: first for reasons of its own, then what follows from that."""
    references = read_references(snapshot)
    used = images_in_use(snapshot, references)
    selection = select(snapshot, policy, now, used)
    pointing = {tag.name: tag.digest for tag in snapshot.tags}
    standing = Standing(snapshot, policy, now, references, selection, pointing, used)
    tags = _tags_by_digest(snapshot)
    closure = Closure(references)
    own = _own_reasons(standing, tags, closure)
    closure.anchor(tags.keys() - references.listed)
    unread = sorted(d for d, s in snapshot.bodies.items() if s is Unread.FAILED)
    uncertain = references.listed if unread else frozenset[Digest]()
    closure.anchor(uncertain)
    young = (d for d, reasons in own.items() if any(isinstance(r, Young) for r in reasons))
    newest = newest_untagged(standing, closure.kept, young)
    closure.anchor(newest)
    return Findings(standing, tags, closure, own, newest, tuple(unread), uncertain)


def _own_reasons(
    standing: Standing, tags: dict[Digest, tuple[TagName, ...]], closure: Closure
) -> dict[Digest, tuple[KeepReason, ...]]:
    """Collect each manifest's own reasons to stay and anchor those that have any."""
    own: dict[Digest, tuple[KeepReason, ...]] = {}
    untagged = standing.untagged
    for manifest in standing.snapshot.manifests or ():
        digest = manifest.digest
        reasons = tuple(standing.firm(manifest))
        held = any(standing.holds(name, digest) for name in tags.get(digest, ()))
        if not held and digest not in standing.references.subject:
            reasons += tuple(standing.soft(manifest, untagged))
        if reasons:
            own[digest] = reasons
        if reasons or held:
            closure.anchor((digest,))
    return own


def _tags_by_digest(snapshot: RepositorySnapshot) -> dict[Digest, tuple[TagName, ...]]:
    """Group tags by manifest: the union of what both listings say."""
    tags = {m.digest: m.tags for m in snapshot.manifests or () if m.tags}
    more: defaultdict[Digest, set[TagName]] = defaultdict(set)
    for tag in snapshot.tags:
        if tag.digest is None or tags.get(tag.digest) == (tag.name,):
            continue
        if tag.digest in tags:
            more[tag.digest].add(tag.name)
        else:
            tags[tag.digest] = (tag.name,)
    for digest, names in more.items():
        tags[digest] = tuple(sorted(names.union(tags[digest])))
    return tags
