"""Why something stays: one class per reason, with the evidence."""

from dataclasses import dataclass
from typing import ClassVar

from purge_core.instants import Instant, Span
from purge_core.model import Digest, TagName


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
class InUse:
    """Something runs it: a list of images in use names it as ``reference``."""

    code: ClassVar = "in-use"
    reference: str


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
class ListedByReferrer:
    """Indexes that refer to a subject list this manifest, in the ``acr purge`` dialect.

    That program takes such an index, or sees it go with its subject, and spares what it
    lists; where nothing else holds the manifest, the next run takes it.
    """

    code: ClassVar = "listed-by-referrer"
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
    | InUse
    | Locked
    | ManifestLocked
    | Unknown
    | ImageStays
    | SignatureOfKept
    | SignatureOfUnlisted
    | Tagged
    | ListedByKept
    | ListedByReferrer
    | ReferrerOfKept
    | SubjectOfKept
    | Orphan
    | Cycle
    | MayHaveReferrers
)
