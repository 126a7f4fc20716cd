"""Verdicts and the typed reasons that carry their evidence.

Every tag and every manifest gets exactly one verdict with at least one reason. A
reason is a value, not a sentence: reports word it, tests compare it, JSON shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from purge_core.instants import Instant, Span
from purge_core.model import Digest, RepositoryName, TagName

# --- why something stays ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoRule:
    """No rule selects this tag."""

    code: ClassVar = "no-rule"


@dataclass(frozen=True, slots=True)
class UntaggedNotPurged:
    """The policy does not purge untagged manifests in this repository."""

    code: ClassVar = "untagged-not-purged"


@dataclass(frozen=True, slots=True)
class Young:
    """Not strictly older than ``older_than``; it is from ``until`` on."""

    code: ClassVar = "young"
    rule: str
    updated: Instant
    older_than: Span

    @property
    def until(self) -> Instant:
        """The first instant at which the item would be old enough."""
        return Instant(self.updated + self.older_than + 1)


@dataclass(frozen=True, slots=True)
class Newest:
    """Among the ``keep`` newest: ``newer`` of those that count are strictly newer."""

    code: ClassVar = "newest"
    rule: str
    newer: int
    keep: int


@dataclass(frozen=True, slots=True)
class Protected:
    """A protection of the policy matches; ``protection`` says which."""

    code: ClassVar = "protected"
    protection: str


@dataclass(frozen=True, slots=True)
class Locked:
    """The item itself is locked in the registry."""

    code: ClassVar = "locked"
    delete_enabled: bool
    write_enabled: bool


@dataclass(frozen=True, slots=True)
class ManifestLocked:
    """The manifest that this tag names is locked."""

    code: ClassVar = "manifest-locked"
    digest: Digest


@dataclass(frozen=True, slots=True)
class Unknown:
    """The registry did not say, or not readably, what ``field`` is."""

    code: ClassVar = "unknown"
    field: str


@dataclass(frozen=True, slots=True)
class ImageStays:
    """The rule takes whole images, and this tag's image stays because of ``because``."""

    code: ClassVar = "image-stays"
    rule: str
    digest: Digest
    because: str


@dataclass(frozen=True, slots=True)
class SignatureOfKept:
    """A signature tag stays while the image that it signs stays."""

    code: ClassVar = "signature-of-kept"
    image: Digest


@dataclass(frozen=True, slots=True)
class SignatureOfUnlisted:
    """A signature tag whose image may be there: the manifests were not listed."""

    code: ClassVar = "signature-of-unlisted"
    image: Digest


@dataclass(frozen=True, slots=True)
class Tagged:
    """Tags of this manifest stay."""

    code: ClassVar = "tagged"
    tags: tuple[TagName, ...]


@dataclass(frozen=True, slots=True)
class ListedByKept:
    """Indexes (or unknown manifests) that stay list this manifest."""

    code: ClassVar = "listed-by-kept"
    indexes: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class ReferrerOfKept:
    """Its subject stays, and a referrer lives as long as its subject."""

    code: ClassVar = "referrer-of-kept"
    subject: Digest


@dataclass(frozen=True, slots=True)
class SubjectOfKept:
    """Referrers of it must stay, and the registry would delete them with it."""

    code: ClassVar = "subject-of-kept"
    referrers: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Orphan:
    """A referrer whose subject is missing, and the policy does not purge those."""

    code: ClassVar = "orphan"
    subject: Digest


@dataclass(frozen=True, slots=True)
class Cycle:
    """It is part of a cycle of references, which no honest registry holds."""

    code: ClassVar = "cycle"


@dataclass(frozen=True, slots=True)
class MayHaveReferrers:
    """``unread`` could not be read and may refer to it; a deletion would take both."""

    code: ClassVar = "may-have-referrers"
    unread: tuple[Digest, ...]


KeepReason = (
    NoRule
    | UntaggedNotPurged
    | Young
    | Newest
    | Protected
    | Locked
    | ManifestLocked
    | Unknown
    | ImageStays
    | SignatureOfKept
    | SignatureOfUnlisted
    | Tagged
    | ListedByKept
    | ReferrerOfKept
    | SubjectOfKept
    | Orphan
    | Cycle
    | MayHaveReferrers
)

# --- why something goes ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Selected:
    """A rule selects this tag: old enough, and ``newer`` are newer than it."""

    code: ClassVar = "selected"
    rule: str
    updated: Instant
    older_than: Span
    newer: int
    keep: int


@dataclass(frozen=True, slots=True)
class ImageGoes:
    """A rule takes the whole image: the manifest and all its tags."""

    code: ClassVar = "image-goes"
    rule: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class SignatureOfDeleted:
    """A signature tag goes with the image that it signs."""

    code: ClassVar = "signature-of-deleted"
    image: Digest


@dataclass(frozen=True, slots=True)
class UntaggedOld:
    """Untagged and strictly older than ``older_than``."""

    code: ClassVar = "untagged"
    updated: Instant
    older_than: Span


@dataclass(frozen=True, slots=True)
class LastTagGoes:
    """Its last tags go in this run, so it counts as untagged; and it is old enough."""

    code: ClassVar = "last-tag-goes"
    tags: tuple[TagName, ...]
    updated: Instant
    older_than: Span


@dataclass(frozen=True, slots=True)
class IndexesGo:
    """Every index that lists it goes."""

    code: ClassVar = "indexes-go"
    indexes: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class SubjectGoes:
    """Its subject goes, and the registry deletes it along."""

    code: ClassVar = "subject-goes"
    subject: Digest


@dataclass(frozen=True, slots=True)
class OrphanGoes:
    """A referrer whose subject is missing, old enough, and the policy purges those."""

    code: ClassVar = "orphan-goes"
    subject: Digest


DeleteReason = (
    Selected
    | ImageGoes
    | SignatureOfDeleted
    | UntaggedOld
    | LastTagGoes
    | IndexesGo
    | SubjectGoes
    | OrphanGoes
)
Reason = KeepReason | DeleteReason

# --- verdicts --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keep:
    """The item stays, for every one of ``reasons`` (at least one)."""

    reasons: tuple[KeepReason, ...]

    @property
    def deletable_from(self) -> Instant | None:
        """When time alone would make the item deletable; ``None`` when it would not."""
        youth = [reason.until for reason in self.reasons if isinstance(reason, Young)]
        return max(youth) if youth and len(youth) == len(self.reasons) else None


@dataclass(frozen=True, slots=True)
class Delete:
    """The item goes, for every one of ``reasons`` (at least one)."""

    reasons: tuple[DeleteReason, ...]


Verdict = Keep | Delete


@dataclass(frozen=True, slots=True)
class Decisions:
    """One verdict for every tag and every listed manifest of one repository.

    ``missing`` are digests that kept indexes list and the registry does not have:
    damage that was there before, for the report.
    """

    repository: RepositoryName
    tags: Mapping[TagName, Verdict]
    manifests: Mapping[Digest, Verdict]
    missing: tuple[Digest, ...] = ()

    @property
    def deleted_tags(self) -> tuple[TagName, ...]:
        """Names of the tags that go, in the order of the mapping."""
        return tuple(name for name, v in self.tags.items() if isinstance(v, Delete))

    @property
    def deleted_manifests(self) -> tuple[Digest, ...]:
        """Digests of the manifests that go, in the order of the mapping."""
        return tuple(d for d, v in self.manifests.items() if isinstance(v, Delete))
