"""Why one manifest stays by itself, before anything that refers to it is looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from purge_core.instants import Instant
from purge_core.judgement.reasons import (
    Cycle,
    InUse,
    KeepReason,
    ListedByReferrer,
    Orphan,
    Unknown,
    UntaggedNotPurged,
    Young,
)
from purge_core.judgement.references import References
from purge_core.judgement.scene import is_old, lock_reason
from purge_core.judgement.selection import Candidate, Selection
from purge_core.model import (
    ORAS_ARTIFACT,
    Body,
    Digest,
    Manifest,
    RepositorySnapshot,
    Shape,
    TagName,
    Unread,
    shape_of,
)
from purge_core.policies.policy import UNTAGGED, Dialect, Policy, Untagged


@dataclass(frozen=True, slots=True)
class Standing:
    """What every manifest of one repository is judged against."""

    snapshot: RepositorySnapshot
    policy: Policy
    now: Instant
    references: References
    selection: Selection
    pointing: Mapping[TagName, Digest | None]
    """Where the tag listing says that each tag points."""
    used: Mapping[Digest, str]
    """The manifests in use, each with the reference that says so."""

    @property
    def untagged(self) -> Untagged | None:
        """The policy's ``untagged`` part, where it covers this repository."""
        untagged = self.policy.untagged
        covered = untagged is not None and untagged.covers(self.snapshot.name)
        return untagged if covered else None

    def holds(self, name: TagName, digest: Digest) -> bool:
        """Whether a tag stays for good, or is not known to point at ``digest`` alone."""
        candidate = isinstance(self.selection.drafts.get(name), Candidate)
        return not candidate or self.pointing[name] != digest

    def firm(self, manifest: Manifest) -> Iterator[KeepReason]:
        """Give the reasons for which it must stay, and its subject along with it."""
        if reference := self.used.get(manifest.digest):
            yield InUse(reference)
        if lock := lock_reason(manifest.lock, self.policy):
            yield lock
        if manifest.updated is None:
            yield Unknown("time")
        body = self.snapshot.bodies.get(manifest.digest)
        if isinstance(body, Unread):
            yield Unknown("body")
        odd = shape_of(manifest.media_type) is Shape.UNKNOWN
        if manifest.media_type is None or (odd and _names_something(body)):
            yield Unknown("media type")
        if manifest.digest in self.references.cyclic:
            yield Cycle()
        if indexes := self._referring_indexes(manifest.digest):
            yield ListedByReferrer(indexes)

    def soft(self, manifest: Manifest, untagged: Untagged | None) -> Iterator[KeepReason]:
        """Give the reasons for which nothing selects an untagged manifest.

        They do not hold against a subject that goes: a referrer goes along with it.
        """
        subject = self.references.orphans.get(manifest.digest)
        if subject is not None and not self._takes_orphan(manifest, untagged):
            yield Orphan(subject)
        if manifest.digest in self.selection.images:
            return
        if untagged is None:
            yield UntaggedNotPurged()
            return
        updated, older_than = manifest.updated, untagged.older_than
        if updated is not None and not is_old(updated, older_than, self.now):
            yield Young(UNTAGGED, updated, older_than)

    def _referring_indexes(self, digest: Digest) -> tuple[Digest, ...]:
        """Give the index-shaped referrers that list it, where ``acr purge`` spares it."""
        if self.policy.dialect is Dialect.DOCUMENT:
            return ()
        edges = self.references
        return tuple(i for i in edges.parents.get(digest, ()) if i in edges.subject)

    def _takes_orphan(self, manifest: Manifest, untagged: Untagged | None) -> bool:
        if self.policy.dialect is Dialect.ACR_PURGE:
            return manifest.media_type == ORAS_ARTIFACT
        return untagged is not None and untagged.orphans


def _names_something(body: object) -> bool:
    return isinstance(body, Body) and bool(body.children or body.subject is not None)
