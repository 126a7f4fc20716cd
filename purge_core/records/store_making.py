"""From a judged repository to the records that are kept of it, and from steps to history."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, assert_never

from purge_core.instants import Instant
from purge_core.judgement.decision import Decisions, Delete, Keep, Verdict
from purge_core.judgement.reasons import (
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
from purge_core.model import Manifest, RepositoryName, RepositorySnapshot
from purge_core.plans.document import GoingManifest, GoingTag
from purge_core.plans.steps import CascadeStep, ManifestStep, Step, TagStep
from purge_core.policies.policy import UNTAGGED
from purge_core.records.journal import RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.results import RepositoryResult, State
from purge_core.records.step_records import (
    HistoryRecord,
    ItemKind,
    Kept,
    KeptManifest,
    KeptTag,
    StepRecord,
)
from purge_core.records.store_records import (
    ReasonCount,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    Totals,
)
from purge_core.records.store_rules import seal_of
from purge_core.records.sums import sum_kept
from purge_core.sizes import own_bytes

_STATES: Final[Mapping[State, RepositoryState]] = {
    State.PLANNED: RepositoryState.PLANNED,
    State.REFUSED: RepositoryState.REFUSED,
    State.FAILED: RepositoryState.FAILED,
    State.GONE: RepositoryState.GONE,
    State.PURGED: RepositoryState.PLANNED,
}
"""What a judgement makes of a repository, whatever was done after it."""


def repository_record(
    run: RunId, result: RepositoryResult, at: Instant, *, attempts: int
) -> RepositoryRecord:
    """Make the record of a judged repository."""
    return RepositoryRecord(
        run=run,
        repository=result.repository,
        state=_STATES[result.state],
        updated=at,
        totals=_totals(result),
        seal=None if result.plan is None else seal_of(result.plan),
        refusals=result.refusals,
        error=result.error,
        attempts=attempts,
        kept=None if result.decisions is None else _kept_counts(result.decisions),
    )


def step_records(result: RepositoryResult) -> Iterator[StepRecord]:
    """Make the records of all steps, in order.

    A plan that was read from a file may come without the judgement: then its steps have no
    reasons, and what the registry said of a manifest is what the step says.
    """
    if result.plan is None:
        return
    making = _Making(result)
    staged = ((n, step) for n, stage in enumerate(result.plan.stages) for step in stage)
    for index, (stage, step) in enumerate(staged):
        yield making.record(index, stage, step)


def kept_records(result: RepositoryResult) -> Iterator[Kept]:
    """Make the records of all that stays: tags, then manifests, each sorted."""
    if result.decisions is None:
        return
    tags = {} if result.snapshot is None else {tag.name: tag for tag in result.snapshot.tags}
    for name, verdict in sorted(result.decisions.tags.items()):
        if isinstance(verdict, Keep):
            updated = tags[name].updated if name in tags else None
            yield KeptTag(name, verdict.reasons, updated)
    for digest, verdict in sorted(result.decisions.manifests.items()):
        if isinstance(verdict, Keep):
            yield KeptManifest(digest, verdict.reasons)


class _Making:
    """Finds what a step's record needs."""

    def __init__(self, result: RepositoryResult) -> None:
        self._snapshot = result.snapshot or RepositorySnapshot(result.repository)
        self._listed = {m.digest: m for m in self._snapshot.manifests or ()}
        self._decisions = result.decisions or Decisions(result.repository, {}, {})

    def record(self, index: int, stage: int, step: Step) -> StepRecord:
        names = (step.tag,) if isinstance(step, TagStep) else step.tags
        manifest = None if isinstance(step, TagStep) else self._manifest(step)
        return StepRecord(
            index=index,
            stage=stage,
            step=step,
            tags=tuple(GoingTag(n, _reasons(self._decisions.tags.get(n))) for n in names),
            manifest=None if manifest is None else self._going(manifest),
            bytes=0 if manifest is None else own_bytes(manifest, self._snapshot, self._listed),
        )

    def _manifest(self, step: ManifestStep | CascadeStep) -> Manifest:
        known = self._listed.get(step.digest)
        return known or Manifest(step.digest, None, step.updated, step.tags, step.lock)

    def _going(self, manifest: Manifest) -> GoingManifest:
        verdict = self._decisions.manifests.get(manifest.digest)
        return GoingManifest(manifest, _reasons(verdict))


def _reasons(verdict: Verdict | None) -> tuple[DeleteReason, ...]:
    match verdict:
        case None:
            return ()
        case Delete():
            return verdict.reasons
        case Keep():
            raise AssertionError("a step of a plan deletes what is kept")
        case _:
            assert_never(verdict)


def _totals(result: RepositoryResult) -> Totals:
    steps = tuple(step_records(result))
    tags = {} if result.decisions is None else result.decisions.tags
    manifests = {} if result.decisions is None else result.decisions.manifests
    return Totals(
        tags=len(tags),
        manifests=len(manifests),
        tags_to_delete=sum(len(step.tags) for step in steps),
        manifests_to_delete=sum(step.manifest is not None for step in steps),
        steps=len(steps),
        bytes_to_delete=sum(step.bytes for step in steps),
        bytes_held=_held(result.snapshot),
    )


def _held(snapshot: RepositorySnapshot | None) -> int | None:
    """Add up what all manifests take; ``None`` where they were not listed."""
    if snapshot is None or snapshot.manifests is None:
        return None
    listed = {manifest.digest: manifest for manifest in snapshot.manifests}
    return sum(own_bytes(manifest, snapshot, listed) for manifest in listed.values())


def _kept_counts(decisions: Decisions) -> tuple[ReasonCount, ...]:
    """Count what stays by each of its reasons."""
    tags = Counter(_keep_codes(decisions.tags.values()))
    manifests = Counter(_keep_codes(decisions.manifests.values()))
    return sum_kept(ReasonCount(code, tags[code], manifests[code]) for code in tags | manifests)


def _keep_codes(verdicts: Iterable[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        if isinstance(verdict, Keep):
            yield from {reason.code for reason in verdict.reasons}


def history_records(
    run: RunRecord, repository: RepositoryName, step: StepRecord
) -> Iterator[HistoryRecord]:
    """Make the history of one step: an entry for each tag and for the manifest.

    None for a step that has not ended or was not reached: nothing happened. The time is
    that of the opening, which a later report of the end does not change.
    """
    outcome, at = step.status, step.opened or step.closed
    if not isinstance(outcome, Outcome) or outcome is Outcome.NOT_REACHED or at is None:
        return
    for kind, name, reasons, size in _items(step):
        yield HistoryRecord(
            registry=run.registry,
            repository=repository,
            kind=kind,
            name=name,
            digest=step.step.digest,
            outcome=outcome,
            detail=step.detail,
            at=at,
            run=run.id,
            step=step.index,
            trigger=run.trigger,
            policy_name=run.policy_name,
            rules=rules_of(reasons),
            reasons=reasons,
            bytes=size,
        )


def _items(step: StepRecord) -> Iterator[tuple[ItemKind, str, tuple[DeleteReason, ...], int]]:
    for tag in step.tags:
        yield ItemKind.TAG, tag.name, tag.reasons, 0
    if step.manifest is not None:
        digest = step.manifest.manifest.digest
        yield ItemKind.MANIFEST, digest, step.manifest.reasons, step.bytes


def rules_of(reasons: Iterable[DeleteReason]) -> tuple[str, ...]:
    """Name the parts of the policy that chose an item, each once, sorted."""
    return tuple(sorted({rule for reason in reasons for rule in _rules(reason)}))


def _rules(reason: DeleteReason) -> tuple[str, ...]:
    match reason:
        case Selected() | ImageGoes():
            return (reason.rule,)
        case UntaggedOld() | LastTagGoes() | OrphanGoes():
            return (UNTAGGED,)
        case SignatureOfDeleted() | SubjectGoes() | IndexesGo():
            return ()
        case _:
            assert_never(reason)
