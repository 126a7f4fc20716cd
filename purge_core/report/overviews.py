"""The values of a report as JSON; what they are told from is ``purge_core.records.overviews``."""

from typing import assert_never

from purge_core.instants import Instant, format_instant
from purge_core.judgement.decision import Delete, Keep, Verdict
from purge_core.records.overviews import (
    ImageNow,
    ImageReport,
    LastVerdict,
    Night,
    Overview,
    RegistryOverview,
    RepositoryReport,
    RunReport,
    TagPoint,
)
from purge_core.records.step_records import KeptManifest, KeptTag, StepRecord
from purge_core.records.store_records import RepositoryState
from purge_core.report.records import (
    history_document,
    kept_counts_document,
    kept_document,
    repository_document,
    run_document,
    step_document,
    sums_document,
)
from purge_core.wire import JsonObject, write_value


def overview_document(overview: Overview) -> JsonObject:
    """Give the registries at a glance."""
    return {
        "now": format_instant(overview.now),
        "schedule": overview.schedule,
        "registries": [_registry(each) for each in overview.registries],
    }


def _registry(found: RegistryOverview) -> JsonObject:
    return {
        "registry": found.registry,
        "condition": found.condition.value,
        "latest": None if found.latest is None else run_document(found.latest),
        "sums": None if found.sums is None else sums_document(found.sums),
        "missing": [format_instant(due) for due in found.missing],
        "nights": [_night(night) for night in found.nights],
        "runs": [run_document(run) for run in found.runs],
        "biggest": [repository_document(each) for each in found.biggest],
        "troubled": [repository_document(each) for each in found.troubled],
        "cut": found.cut,
    }


def _night(night: Night) -> JsonObject:
    return {
        "day": day(night.day),
        "condition": None if night.condition is None else night.condition.value,
        "runs": list(night.runs),
        "deleted": night.deleted,
        "freed_bytes": night.freed,
        "exact_bytes": night.exact,
        "planned": night.planned,
        "planned_bytes": night.planned_bytes,
        "unknown": night.unknown,
    }


def day(instant: Instant) -> str:
    """Give the day (UTC) of an instant."""
    return format_instant(instant)[:10]


def run_report_document(report: RunReport) -> JsonObject:
    """Give a run and its repositories."""
    return {
        "now": format_instant(report.now),
        "run": run_document(report.run),
        "sums": sums_document(report.sums),
        "states": {state.value: report.states.get(state, 0) for state in RepositoryState},
        "kept": kept_counts_document(report.kept),
        "find": report.find.text,
        "show": report.find.showing.value,
        "first": report.first,
        "matching": report.matching,
        "repositories": [repository_document(each) for each in report.repositories],
        "next": report.next,
        "cut": report.cut,
    }


def repository_report_document(report: RepositoryReport) -> JsonObject:
    """Give a repository of a run: every step, and what stays."""
    return {
        "now": format_instant(report.now),
        "run": run_document(report.run),
        "repository": repository_document(report.record),
        "steps": [step_document(step) for step in report.steps],
        "kept": [kept_document(kept) for kept in report.kept],
        "next": report.next,
        "points": [_point(point) for point in report.points],
        "points_cut": report.points_cut,
        "history": [history_document(entry) for entry in report.history],
    }


def _point(point: TagPoint) -> JsonObject:
    return {
        "name": point.name,
        "updated": format_instant(point.updated),
        "status": None if point.status is None else point.status.value,
    }


def image_report_document(report: ImageReport) -> JsonObject:
    """Give what is known of a tag or an image."""
    return {
        "now": format_instant(report.now),
        "registry": report.registry,
        "repository": report.repository,
        "tag": report.tag,
        "digest": report.digest,
        "reading": report.reading.value,
        "trouble": report.trouble,
        "image": None if report.image is None else _image(report.image),
        "last": None if report.last is None else _last(report.last),
        "history": [history_document(entry) for entry in report.history],
        "more": report.more,
    }


def _image(image: ImageNow) -> JsonObject:
    return {
        "tag": None if image.tag is None else write_value(image.tag),
        "tag_verdict": _verdict(image.tag_verdict),
        "manifest": None if image.manifest is None else write_value(image.manifest),
        "manifest_verdict": _verdict(image.manifest_verdict),
        "tags": [{"name": name, "verdict": _word(verdict)} for name, verdict in image.tags],
        "related": [
            {
                "relation": each.relation.value,
                "digest": each.digest,
                "verdict": _word(each.verdict),
            }
            for each in image.related
        ],
        "refusals": [write_value(refusal) for refusal in image.refusals],
    }


def _verdict(verdict: Verdict | None) -> JsonObject | None:
    """Give a verdict with its reasons, and from when time alone would let the item go."""
    if verdict is None:
        return None
    from_when = verdict.deletable_from if isinstance(verdict, Keep) else None
    return {
        "verdict": _word(verdict),
        "reasons": [write_value(reason) for reason in verdict.reasons],
        "deletable_from": None if from_when is None else format_instant(from_when),
    }


def _word(verdict: Verdict | None) -> str | None:
    match verdict:
        case None:
            return None
        case Delete():
            return "delete"
        case Keep():
            return "keep"
        case _:
            assert_never(verdict)


def _last(last: LastVerdict) -> JsonObject:
    match last.verdict:
        case StepRecord():
            told = step_document(last.verdict)
        case KeptTag() | KeptManifest():
            told = kept_document(last.verdict)
        case _:
            assert_never(last.verdict)
    return {"run": run_document(last.run), "verdict": told}
