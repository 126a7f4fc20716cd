"""The words for every reason: a sentence with its evidence, and a label for a kind."""

from collections.abc import Mapping
from typing import Final, assert_never

from purge_core.durations import format_duration
from purge_core.instants import Instant, Span
from purge_core.judgement.reasons import (
    Cycle,
    DeleteReason,
    ImageGoes,
    ImageStays,
    IndexesGo,
    InUse,
    KeepReason,
    LastTagGoes,
    ListedByKept,
    ListedByReferrer,
    Locked,
    ManifestLocked,
    MayHaveReferrers,
    Newest,
    NoRule,
    Orphan,
    OrphanGoes,
    Protected,
    ReferrerOfKept,
    Selected,
    SignatureOfDeleted,
    SignatureOfKept,
    SignatureOfUnlisted,
    SubjectGoes,
    SubjectOfKept,
    Tagged,
    Unknown,
    UntaggedNotPurged,
    UntaggedOld,
    Young,
)
from purge_core.policies.policy import UNTAGGED
from purge_core.report.text import listed, old, printable, quoted, short_digest

LABELS: Final[Mapping[str, str]] = {
    NoRule.code: "no rule selects it",
    UntaggedNotPurged.code: "untagged manifests are not purged",
    Young.code: "too young",
    Newest.code: "among the newest",
    Protected.code: "protected",
    InUse.code: "in use",
    Locked.code: "locked",
    ManifestLocked.code: "its manifest is locked",
    Unknown.code: "not known well enough",
    ImageStays.code: "its image stays",
    SignatureOfKept.code: "signs an image that stays",
    SignatureOfUnlisted.code: "may sign an image that is there",
    Tagged.code: "has a tag that stays",
    ListedByKept.code: "part of an index that stays",
    ListedByReferrer.code: "part of an index that belongs to an image",
    ReferrerOfKept.code: "belongs to an image that stays",
    SubjectOfKept.code: "has a signature or the like that stays",
    Orphan.code: "what it belongs to is missing",
    Cycle.code: "part of a cycle",
    MayHaveReferrers.code: "an unreadable manifest may need it",
    Selected.code: "selected by a rule",
    ImageGoes.code: "whole image goes",
    SignatureOfDeleted.code: "signs an image that goes",
    UntaggedOld.code: "untagged and old enough",
    LastTagGoes.code: "last tag goes",
    IndexesGo.code: "part of an index that goes",
    SubjectGoes.code: "belongs to an image that goes",
    OrphanGoes.code: "what it belongs to is missing",
}
"""What a kind of reason is called where items are counted, by code."""


def keep_sentence(reason: KeepReason, now: Instant) -> str:
    """Say why something stays; ages are told as of ``now``."""
    match reason:
        case NoRule():
            return "no rule selects it"
        case UntaggedNotPurged():
            return "the policy does not purge untagged manifests here"
        case Young() | Newest() | Protected() | InUse() | ImageStays():
            return _by_rule(reason, now)
        case Locked() | ManifestLocked() | Unknown() | Cycle():
            return _by_itself(reason)
        case SignatureOfKept() | SignatureOfUnlisted() | Orphan() | MayHaveReferrers():
            return _by_what_may_be(reason)
        case Tagged() | ListedByKept() | ReferrerOfKept() | SubjectOfKept():
            return _by_others(reason)
        case ListedByReferrer(indexes):
            names = listed([short_digest(digest) for digest in indexes])
            return f"{names} lists it and belongs to an image; acr purge spares such parts"
        case _:
            assert_never(reason)


def _by_rule(reason: Young | Newest | Protected | InUse | ImageStays, now: Instant) -> str:
    match reason:
        case Young(rule, updated, older_than):
            limit = f"{_named(rule)} takes what is older than {format_duration(older_than)}"
            return f"too young: {old(updated, now)}, and {limit}"
        case Newest(rule, newer, keep):
            of = "untagged ones" if rule == UNTAGGED else f"of {_named(rule)}"
            return f"among the newest {keep:,} {of}: {_newer(newer)} newer"
        case Protected(protection):
            return f"protected by {quoted(protection)}"
        case InUse(reference):
            return f"in use: {printable(reference)}"
        case ImageStays(rule, digest, because):
            image = f"its image {short_digest(digest)} stays ({printable(because)})"
            return f"{_named(rule)} takes whole images, and {image}"
        case _:
            assert_never(reason)


def _by_itself(reason: Locked | ManifestLocked | Unknown | Cycle) -> str:
    match reason:
        case Locked(delete_enabled, write_enabled):
            states = (("deleteEnabled", delete_enabled), ("writeEnabled", write_enabled))
            off = " and ".join(name for name, enabled in states if not enabled)
            return f"locked in the registry: {off} is false"
        case ManifestLocked(digest):
            return f"its manifest {short_digest(digest)} is locked in the registry"
        case Unknown(field):
            return f"the registry did not tell its {printable(field)}, or not readably"
        case Cycle():
            return "part of a cycle of references, which no sound registry holds"
        case _:
            assert_never(reason)


def _by_what_may_be(
    reason: SignatureOfKept | SignatureOfUnlisted | Orphan | MayHaveReferrers,
) -> str:
    match reason:
        case SignatureOfKept(image):
            return f"signs the image {short_digest(image)}, which stays"
        case SignatureOfUnlisted(image):
            return f"signs the image {short_digest(image)}, which may be there (not listed)"
        case Orphan(subject):
            return f"belongs to {short_digest(subject)}, which is missing; orphans are not purged"
        case MayHaveReferrers(unread):
            names = listed([short_digest(digest) for digest in unread])
            return f"{names} could not be read and may belong to it"
        case _:
            assert_never(reason)


def _by_others(reason: Tagged | ListedByKept | ReferrerOfKept | SubjectOfKept) -> str:
    match reason:
        case Tagged(tags):
            return f"has tags that stay: {listed(tags)}"
        case ListedByKept(indexes):
            return f"part of what stays: {listed([short_digest(d) for d in indexes])} lists it"
        case ReferrerOfKept(subject):
            return f"belongs to {short_digest(subject)}, which stays"
        case SubjectOfKept(referrers):
            names = listed([short_digest(digest) for digest in referrers])
            return f"{names} belongs to it and must stay"
        case _:
            assert_never(reason)


def delete_sentence(reason: DeleteReason, now: Instant) -> str:
    """Say why something goes; ages are told as of ``now``."""
    match reason:
        case Selected(rule, updated, older_than, newer, keep):
            rank = f", {newer:,} newer ones (it keeps {keep:,})" if keep else ""
            return f"{_named(rule)} selects it: {_aged(updated, older_than, now)}{rank}"
        case ImageGoes(rule, digest):
            return f"{_named(rule)} takes its whole image {short_digest(digest)}"
        case UntaggedOld(updated, older_than):
            return f"untagged: {_aged(updated, older_than, now)}"
        case LastTagGoes(tags, updated, older_than):
            last = "last tag goes" if len(tags) == 1 else "last tags go"
            return f"its {last} ({listed(tags)}): {_aged(updated, older_than, now)}"
        case SignatureOfDeleted() | IndexesGo() | SubjectGoes() | OrphanGoes():
            return _goes_along(reason)
        case _:
            assert_never(reason)


def _goes_along(reason: SignatureOfDeleted | IndexesGo | SubjectGoes | OrphanGoes) -> str:
    match reason:
        case SignatureOfDeleted(image):
            return f"signs the image {short_digest(image)}, which goes"
        case IndexesGo(indexes):
            return f"what lists it goes: {listed([short_digest(d) for d in indexes])}"
        case SubjectGoes(subject):
            return f"belongs to {short_digest(subject)}, which goes and takes it along"
        case OrphanGoes(subject):
            return f"belongs to {short_digest(subject)}, which is missing"
        case _:
            assert_never(reason)


def _newer(number: int) -> str:
    return {0: "none is", 1: "one is"}.get(number, f"only {number:,} are")


def _named(rule: str) -> str:
    return "`untagged`" if rule == UNTAGGED else f"rule {quoted(rule)}"


def _aged(updated: Instant, older_than: Span, now: Instant) -> str:
    return f"{old(updated, now)}, over {format_duration(older_than)}"
