"""History as rows, and back. The columns are documented in docs/reports.md."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from purge_core.adapters.tables.codec import read_json, reading, write_json
from purge_core.adapters.tables.keys import history_rows
from purge_core.adapters.tables.rows import (
    ROW_TEXT,
    Row,
    cut,
    dumps,
    int64,
    moment,
    put_text,
    read_int,
    read_moment,
    take_text,
)
from purge_core.judgement.reasons import DeleteReason
from purge_core.model import Digest, RepositoryName
from purge_core.records.journal import RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import HistoryRecord, ItemKind, StepRecord
from purge_core.records.store_making import history_records
from purge_core.records.store_records import RunRecord, Trigger

BY_TIME: Final = "time"
BY_NAME: Final = "item"
"""Every entry is there twice: once for each question."""


def past_rows(run: RunRecord, name: RepositoryName, step: StepRecord) -> Iterator[tuple[str, Row]]:
    """Write the history of one step."""
    for item, entry in enumerate(history_records(run, name, step)):
        row = _row(entry) | {"item": int64(item)}
        by_time, by_name = history_rows(entry, item)
        yield by_time, row | {"entry": BY_TIME}
        yield by_name, row | {"entry": BY_NAME}


def twin_of(row: Mapping[str, Any]) -> str:
    """Give the RowKey of the same entry by name.

    Raises:
        AlteredRow: the row is none of history.

    """
    with reading("an entry of history"):
        return history_rows(read_entry(row), read_int(row, "item") or 0)[1]


def _row(entry: HistoryRecord) -> Row:
    row: Row = {
        "registry": entry.registry,
        "repository": entry.repository,
        "kind": entry.kind.value,
        "digest": cut(entry.digest),
        "outcome": entry.outcome.value,
        "detail": cut(entry.detail.encode("utf-8", "replace").decode()),
        "at": moment(entry.at),
        "run": entry.run,
        "step": int64(entry.step),
        "trigger": entry.trigger.value,
        "bytes": int64(entry.bytes),
    }
    put_text(row, "name", entry.name)
    put_text(row, "policy_name", entry.policy_name)
    put_text(row, "rules", dumps(entry.rules))
    reasons = write_json(tuple[DeleteReason, ...], entry.reasons)
    if len(reasons) <= ROW_TEXT:
        put_text(row, "reasons", reasons)
    return row


def read_entry(row: Mapping[str, Any]) -> HistoryRecord:
    """Read an entry; ``reasons`` too long for a row are only kept with the step.

    Raises:
        AlteredRow: the row is none.

    """
    with reading("an entry of history"):
        at = read_moment(row, "at")
        if at is None:
            raise KeyError("at")
        return HistoryRecord(
            registry=row["registry"],
            repository=RepositoryName(row["repository"]),
            kind=ItemKind(row["kind"]),
            name=take_text(row, "name") or "",
            digest=Digest(row["digest"]),
            outcome=Outcome(row["outcome"]),
            detail=row["detail"],
            at=at,
            run=RunId(row["run"]),
            step=read_int(row, "step") or 0,
            trigger=Trigger(row["trigger"]),
            policy_name=take_text(row, "policy_name") or "",
            rules=read_json(tuple[str, ...], take_text(row, "rules") or "[]"),
            reasons=read_json(tuple[DeleteReason, ...], take_text(row, "reasons") or "[]"),
            bytes=read_int(row, "bytes") or 0,
        )
