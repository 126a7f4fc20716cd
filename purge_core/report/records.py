"""What is remembered of runs, as JSON values: the same for the command line and HTTP."""

from typing import Final, assert_never

from purge_core.instants import Instant, format_instant
from purge_core.judgement.decision import Keep
from purge_core.plans.steps import target_of
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import HistoryRecord, Kept, KeptManifest, KeptTag, StepRecord
from purge_core.records.store_records import (
    OutcomeCount,
    ReasonCount,
    RepositoryRecord,
    RunRecord,
    RunSums,
)
from purge_core.wire import JsonObject, write_value

_TIMES: Final = ("now", "created", "updated", "finished")


def run_document(run: RunRecord) -> JsonObject:
    """Give a run, without the text of its policy; what does not apply is left out."""
    document: JsonObject = {
        "id": run.id,
        "registry": run.registry,
        "state": run.state.value,
        "mode": run.mode.value,
        "trigger": run.trigger.value,
        "policy_name": run.policy_name,
        **{name: _time(getattr(run, name)) for name in _TIMES},
        "repositories": run.repositories,
        "sums": None if run.sums is None else sums_document(run.sums),
        "held": None if run.held is None else write_value(run.held),
        "error": run.error,
        "told": None if run.told is None else write_value(run.told),
    }
    return _present(document)


def repository_document(record: RepositoryRecord) -> JsonObject:
    """Give one repository of a run with its counts; bytes are an upper bound."""
    document: JsonObject = {
        "repository": record.repository,
        "state": record.state.value,
        "updated": _time(record.updated),
        "totals": write_value(record.totals),
        "outcomes": outcomes_document(record.outcomes),
        "kept": None if record.kept is None else kept_counts_document(record.kept),
        "refusals": [write_value(refusal) for refusal in record.refusals] or None,
        "error": record.error,
        "verified": None if record.verified is None else write_value(record.verified),
    }
    return _present(document)


def sums_document(sums: RunSums) -> JsonObject:
    """Give what a run came to; ``exact_bytes`` only where they were counted."""
    document: JsonObject = {
        "repositories": sums.repositories,
        "refused": sums.refused,
        "failed": sums.failed,
        "gone": sums.gone,
        "troubled": sums.troubled,
        "totals": write_value(sums.totals),
        "outcomes": outcomes_document(sums.outcomes),
        "exact_bytes": sums.exact_bytes,
    }
    return _present(document)


def kept_counts_document(counts: tuple[ReasonCount, ...]) -> JsonObject:
    """Give how much stays by the code of the reason."""
    return {each.reason: {"tags": each.tags, "manifests": each.manifests} for each in counts}


def outcomes_document(outcomes: tuple[OutcomeCount, ...]) -> JsonObject:
    """Give counts by outcome."""
    return {
        each.outcome.value: {
            "steps": each.steps,
            "tags": each.tags,
            "manifests": each.manifests,
            "bytes": each.bytes,
        }
        for each in outcomes
    }


def step_document(step: StepRecord) -> JsonObject:
    """Give one step: what goes, why, and what became of it. No ``outcome``: not yet."""
    document: JsonObject = {
        "index": step.index,
        "stage": step.stage,
        "kind": step.step.code,
        "target": target_of(step.step),
        "digest": step.step.digest,
        "verdict": "delete",
        "tags": [write_value(tag) for tag in step.tags],
        "manifest": None if step.manifest is None else write_value(step.manifest),
        "bytes": step.bytes,
        "status": step.status.value,
        "outcome": step.status.value if isinstance(step.status, Outcome) else None,
        "detail": step.detail or None,
        "opened": _time(step.opened),
        "closed": _time(step.closed),
    }
    return _present(document)


def kept_document(kept: Kept) -> JsonObject:
    """Give one item that stays, and why."""
    match kept:
        case KeptTag():
            named: JsonObject = {"kind": kept.code, "name": kept.name}
        case KeptManifest():
            named = {"kind": kept.code, "digest": kept.digest}
        case _:
            assert_never(kept)
    document: JsonObject = {
        **named,
        "verdict": "keep",
        "reasons": [write_value(reason) for reason in kept.reasons],
        "deletable_from": _time(Keep(kept.reasons).deletable_from),
    }
    return _present(document)


def history_document(entry: HistoryRecord) -> JsonObject:
    """Give one piece of history."""
    document: JsonObject = {
        "at": _time(entry.at),
        "kind": entry.kind.value,
        "name": entry.name,
        "digest": entry.digest,
        "outcome": entry.outcome.value,
        "detail": entry.detail or None,
        "run": entry.run,
        "step": entry.step,
        "trigger": entry.trigger.value,
        "policy_name": entry.policy_name,
        "rules": list(entry.rules),
        "reasons": [write_value(reason) for reason in entry.reasons],
        "bytes": entry.bytes,
    }
    return _present(document)


def _present(document: JsonObject) -> JsonObject:
    """Leave out what is not known or does not apply."""
    return {name: value for name, value in document.items() if value is not None}


def _time(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
