"""Whether somebody was told of a run's end, as columns of its row, and back."""

from collections.abc import Mapping
from typing import Any

from purge_core.adapters.tables.rows import Row, moment, put_short, read_moment, take_text
from purge_core.records.told import Told


def told_columns(told: Told | None) -> Row:
    """Write the columns; none where nothing is known."""
    if told is None:
        return {}
    row: Row = {"told_at": moment(told.at)}
    put_short(row, "told_error", told.error)
    return row


def read_told(row: Mapping[str, Any]) -> Told | None:
    """Read the columns."""
    at = read_moment(row, "told_at")
    return None if at is None else Told(at, take_text(row, "told_error"))
