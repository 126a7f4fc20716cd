"""Steps as rows, and back. The columns are documented in docs/reports.md.

What a step is and why stands in a JSON document. Most other columns are for those who
query the tables; only those that tell how far the step is are read back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from purge_core.adapters.tables.codec import read_json, reading, write_json
from purge_core.adapters.tables.documents import Document, Place, Rows, spread
from purge_core.adapters.tables.keys import STEP
from purge_core.adapters.tables.rows import (
    Row,
    cut,
    dumps,
    int64,
    moment,
    read_int,
    read_moment,
)
from purge_core.judgement.reasons import DeleteReason
from purge_core.model import RepositoryName
from purge_core.plans.document import GoingManifest, GoingTag
from purge_core.plans.steps import Step, target_of
from purge_core.records.journal import RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import Pending, Status, StepRecord
from purge_core.records.store_making import rules_of

_DETAIL: Final = 1_000
"""Characters of a detail; a hundred of them fit into one transaction, whatever they are."""
_STATUSES: Final[Mapping[str, Status]] = {s.value: s for s in (*Pending, *Outcome)}


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a step is, and why each of its items goes."""

    step: Step
    tags: tuple[GoingTag, ...]
    manifest: GoingManifest | None


def step_rows(run: RunId, name: RepositoryName, attempt: int, steps: Iterable[StepRecord]) -> Rows:
    """Write steps."""
    for record in steps:
        contents = _Contents(record.step, record.tags, record.manifest)
        row = {"run": run, "repository": name, **_columns(record), **progress(record)}
        place = Place(attempt, STEP, record.index)
        yield from spread(place, row, write_json(_Contents, contents))


def _columns(record: StepRecord) -> Row:
    reasons = _reasons(record)
    return {
        "entry": STEP,
        "index": int64(record.index),
        "stage": int64(record.stage),
        "kind": record.step.code,
        "target": cut(target_of(record.step)),
        "digest": cut(record.step.digest),
        "tags": cut(" ".join(tag.name for tag in record.tags)),
        "tag_count": int64(len(record.tags)),
        "rules": cut(dumps(rules_of(reasons))),
        "reasons": cut(" ".join(sorted({reason.code for reason in reasons}))),
        "bytes": int64(record.bytes),
    }


def _reasons(record: StepRecord) -> list[DeleteReason]:
    found = [reason for tag in record.tags for reason in tag.reasons]
    return found if record.manifest is None else [*found, *record.manifest.reasons]


def progress(record: StepRecord) -> Row:
    """Write how far a step is."""
    return {
        "status": record.status.value,
        "detail": cut(record.detail.encode("utf-8", "replace").decode(), _DETAIL),
        "opened": moment(record.opened),
        "closed": moment(record.closed),
    }


def read_step(document: Document) -> StepRecord:
    """Read a step.

    Raises:
        AlteredRow: the row is none.

    """
    row = document.head.row
    with reading("a step"):
        contents = read_json(_Contents, document.text)
        status = _STATUSES[row["status"]]
        return StepRecord(
            index=_number(row, "index"),
            stage=_number(row, "stage"),
            step=contents.step,
            tags=contents.tags,
            manifest=contents.manifest,
            bytes=_number(row, "bytes"),
            status=status,
            detail=row["detail"],
            opened=read_moment(row, "opened"),
            # A step that was opened again keeps the time in its row.
            closed=read_moment(row, "closed") if isinstance(status, Outcome) else None,
        )


def _number(row: Mapping[str, Any], name: str) -> int:
    value = read_int(row, name)
    if value is None:
        raise KeyError(name)
    return value
