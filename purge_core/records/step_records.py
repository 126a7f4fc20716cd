"""What is remembered of single tags and manifests: steps, what stays, and history."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from purge_core.instants import Instant
from purge_core.judgement.reasons import DeleteReason, KeepReason
from purge_core.model import Digest, RepositoryName, TagName
from purge_core.plans.document import GoingManifest, GoingTag
from purge_core.plans.steps import Step
from purge_core.records.journal import RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.store_records import Trigger


class Pending(Enum):
    """Where a step stands that has not ended."""

    PLANNED = "planned"
    DELETING = "deleting"
    """Its deletion may have been sent; what became of it, only the registry knows."""


Status = Pending | Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step of a stored plan, why it is there, and what became of it.

    ``index`` counts through the whole plan; ``tags`` are all that go with the step,
    ``manifest`` is ``None`` for a tag that goes alone. ``bytes`` is what the manifest
    takes without those that it lists, 0 for a tag.
    """

    index: int
    stage: int
    step: Step
    tags: tuple[GoingTag, ...]
    manifest: GoingManifest | None
    bytes: int
    status: Status = Pending.PLANNED
    detail: str = ""
    opened: Instant | None = None
    closed: Instant | None = None


@dataclass(frozen=True, slots=True)
class StepEnd:
    """How the step with this index ended; see ``StepOutcome``."""

    index: int
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class KeptTag:
    """A tag that stays, and why. ``updated``: when it last was, where that is recorded."""

    code: ClassVar = "tag"
    name: TagName
    reasons: tuple[KeepReason, ...]
    updated: Instant | None = None


@dataclass(frozen=True, slots=True)
class KeptManifest:
    """A manifest that stays, and why."""

    code: ClassVar = "manifest"
    digest: Digest
    reasons: tuple[KeepReason, ...]


Kept = KeptTag | KeptManifest


class ItemKind(Enum):
    """What a piece of history is about."""

    TAG = "tag"
    MANIFEST = "manifest"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRecord:
    """What a run did to one tag or one manifest.

    ``at`` is when the deletion was begun, or was found not to be needed. ``name`` is the
    tag, or the digest; ``digest`` is what the tag pointed at, or the
    same again. ``rules`` are those that chose it; none for what goes with its subject.
    ``bytes`` is as for a step.
    """

    registry: str
    repository: RepositoryName
    kind: ItemKind
    name: str
    digest: Digest
    outcome: Outcome
    detail: str
    at: Instant
    run: RunId
    step: int
    trigger: Trigger
    policy_name: str
    rules: tuple[str, ...]
    reasons: tuple[DeleteReason, ...]
    bytes: int
