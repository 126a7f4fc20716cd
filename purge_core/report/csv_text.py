"""The values of a report as CSV (RFC 4180), safe to open in a spreadsheet.

A spreadsheet takes a cell that begins like a formula for one, and names in a registry are
whatever somebody pushed: so an apostrophe goes before such text. Numbers are no text.
Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final, assert_never

from purge_core.instants import Instant, format_instant
from purge_core.judgement.decision import Keep
from purge_core.plans.steps import target_of
from purge_core.records.overviews import ImageReport, Overview, RepositoryReport, RunReport
from purge_core.records.step_records import (
    HistoryRecord,
    Kept,
    KeptManifest,
    KeptTag,
    StepRecord,
)
from purge_core.records.store_making import rules_of
from purge_core.records.store_records import OutcomeCount, RepositoryRecord
from purge_core.report.outcomes import refusal_sentence
from purge_core.report.overviews import day
from purge_core.report.reasons import delete_sentence, keep_sentence

Cell = str | int | None
Rows = Iterable[Sequence[Cell]]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The wide ones are taken for the others where such letters are usual."""
_NIGHTS: Final = (
    *("registry", "day", "condition", "deleted", "freed_bytes", "exact_bytes"),
    *("planned", "planned_bytes", "runs"),
)
_REPOSITORIES: Final = (
    *("repository", "state", "tags", "manifests", "bytes_held"),
    *("tags_to_delete", "manifests_to_delete", "bytes_to_delete"),
    *("deleted_tags", "deleted_manifests", "freed_bytes", "why"),
)
_ITEMS: Final = (
    *("kind", "name", "digest", "verdict", "status", "detail"),
    *("tags", "bytes", "rules", "reasons", "closed", "deletable_from"),
)
_HISTORY: Final = (
    *("at", "kind", "name", "digest", "outcome", "detail"),
    *("run", "trigger", "policy_name", "rules", "bytes"),
)


def write_csv(heads: Sequence[str], rows: Rows) -> str:
    """Write a table, its headings first."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def safe(cell: Cell) -> Cell:
    """Give text that is no formula, whatever it was."""
    risky = isinstance(cell, str) and cell.startswith(_FORMULA)
    return f"'{cell}" if risky else cell


def overview_csv(overview: Overview) -> str:
    """Give a line for each registry and day."""
    return write_csv(
        _NIGHTS,
        (
            (
                each.registry,
                day(night.day),
                None if night.condition is None else night.condition.value,
                night.deleted,
                night.freed,
                night.exact,
                night.planned,
                night.planned_bytes,
                " ".join(night.runs),
            )
            for each in overview.registries
            for night in each.nights
        ),
    )


def run_csv(report: RunReport) -> str:
    """Give a line for each repository."""
    return write_csv(_REPOSITORIES, map(_repository, report.repositories))


def _repository(record: RepositoryRecord) -> Sequence[Cell]:
    totals, gone = record.totals, [c for c in record.outcomes if c.outcome.is_deleted]
    why = [refusal_sentence(refusal) for refusal in record.refusals]
    return (
        *(record.repository, record.state.value),
        *(totals.tags, totals.manifests, totals.bytes_held),
        *(totals.tags_to_delete, totals.manifests_to_delete, totals.bytes_to_delete),
        *_freed(gone),
        "; ".join([*([record.error] if record.error else []), *why]),
    )


def _freed(gone: Sequence[OutcomeCount]) -> tuple[int, int, int]:
    return (
        sum(count.tags for count in gone),
        sum(count.manifests for count in gone),
        sum(count.bytes for count in gone),
    )


def repository_csv(report: RepositoryReport) -> str:
    """Give a line for each step, and one for each item that stays."""
    now = report.run.now
    steps = (_step(step, now) for step in report.steps)
    return write_csv(_ITEMS, [*steps, *(_kept(kept, now) for kept in report.kept)])


def _step(step: StepRecord, now: Instant) -> Sequence[Cell]:
    tagged = [reason for tag in step.tags for reason in tag.reasons]
    reasons = tagged if step.manifest is None else [*tagged, *step.manifest.reasons]
    return (
        *(step.step.code, target_of(step.step), step.step.digest),
        *("delete", step.status.value, step.detail),
        *(" ".join(tag.name for tag in step.tags), step.bytes, " ".join(rules_of(reasons))),
        "; ".join(dict.fromkeys(delete_sentence(reason, now) for reason in reasons)),
        *(_time(step.closed), None),
    )


def _kept(kept: Kept, now: Instant) -> Sequence[Cell]:
    match kept:
        case KeptTag():
            named: Sequence[Cell] = (kept.name, None)
        case KeptManifest():
            named = (None, kept.digest)
        case _:
            assert_never(kept)
    return (
        *(kept.code, *named, "keep", None, None, None, None, None),
        "; ".join(keep_sentence(reason, now) for reason in kept.reasons),
        *(None, _time(Keep(kept.reasons).deletable_from)),
    )


def image_csv(report: ImageReport) -> str:
    """Give a line for each piece of history."""
    return write_csv(_HISTORY, map(_entry, report.history))


def _entry(entry: HistoryRecord) -> Sequence[Cell]:
    return (
        *(_time(entry.at), entry.kind.value, entry.name, entry.digest),
        *(entry.outcome.value, entry.detail, entry.run, entry.trigger.value),
        *(entry.policy_name, " ".join(entry.rules), entry.bytes),
    )


def _time(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
