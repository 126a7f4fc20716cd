"""The typed reasons of a verdict, each with its evidence.

A reason is a value, not a sentence: reports word it, tests compare it, JSON shows it.
"""

from purge_core.judgement.reasons.delete import (
    DeleteReason,
    ImageGoes,
    IndexesGo,
    LastTagGoes,
    OrphanGoes,
    Selected,
    SignatureOfDeleted,
    SubjectGoes,
    UntaggedOld,
)
from purge_core.judgement.reasons.keep import (
    Cycle,
    ImageStays,
    KeepReason,
    ListedByKept,
    ListedByReferrer,
    Locked,
    ManifestLocked,
    MayHaveReferrers,
    Newest,
    NoRule,
    Orphan,
    Protected,
    ReferrerOfKept,
    SignatureOfKept,
    SignatureOfUnlisted,
    SubjectOfKept,
    Tagged,
    Unknown,
    UntaggedNotPurged,
    Young,
)

Reason = KeepReason | DeleteReason

__all__ = [
    "Cycle",
    "DeleteReason",
    "ImageGoes",
    "ImageStays",
    "IndexesGo",
    "KeepReason",
    "LastTagGoes",
    "ListedByKept",
    "ListedByReferrer",
    "Locked",
    "ManifestLocked",
    "MayHaveReferrers",
    "Newest",
    "NoRule",
    "Orphan",
    "OrphanGoes",
    "Protected",
    "Reason",
    "ReferrerOfKept",
    "Selected",
    "SignatureOfDeleted",
    "SignatureOfKept",
    "SignatureOfUnlisted",
    "SubjectGoes",
    "SubjectOfKept",
    "Tagged",
    "Unknown",
    "UntaggedNotPurged",
    "UntaggedOld",
    "Young",
]
