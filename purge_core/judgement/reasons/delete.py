"""Why something goes: one class per reason, with the evidence."""

from dataclasses import dataclass
from typing import ClassVar

from purge_core.instants import Instant, Span
from purge_core.model import Digest, TagName


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
