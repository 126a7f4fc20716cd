"""What is noted with a run beside its course, as columns of its row, and back."""

from collections.abc import Mapping
from typing import Any

from purge_core.adapters.tables.rows import (
    Row,
    int64,
    moment,
    put_short,
    read_int,
    read_moment,
    take_text,
)
from purge_core.records.results import Exact
from purge_core.records.store_records import RunRecord
from purge_core.records.told import Told


def noted_columns(run: RunRecord) -> Row:
    """Write the columns; none for what is not known."""
    row: Row = {}
    if run.told is not None:
        row["told_at"] = moment(run.told.at)
        put_short(row, "told_error", run.told.error)
    if run.exact is not None:
        row["exact_manifests"] = int64(run.exact.manifests)
        row["exact_unread"] = int64(run.exact.unread)
        if run.exact.bytes is not None:
            row["exact_plan_bytes"] = int64(run.exact.bytes)
    return row


def read_told(row: Mapping[str, Any]) -> Told | None:
    """Read whether somebody was told of a run's end."""
    at = read_moment(row, "told_at")
    return None if at is None else Told(at, take_text(row, "told_error"))


def read_exact(row: Mapping[str, Any]) -> Exact | None:
    """Read what a run's plans free, where that was counted."""
    manifests, unread = read_int(row, "exact_manifests"), read_int(row, "exact_unread")
    if manifests is None or unread is None:
        return None
    return Exact(read_int(row, "exact_plan_bytes"), manifests, unread)
