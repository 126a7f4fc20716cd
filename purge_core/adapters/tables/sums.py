"""What a run came to, as columns of its row, and back; and what a purge freed."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from purge_core.adapters.tables.rows import Row, dumps, int64, put_text, take_text
from purge_core.records.store_records import OutcomeCount, RunSums
from purge_core.wire import read_value, write_value


def sum_columns(sums: RunSums | None) -> Row:
    """Write the sums: whole, and what is often asked for in columns of its own."""
    if sums is None:
        return {}
    row: Row = {"refused": int64(sums.refused), "failed": int64(sums.failed)}
    put_text(row, "sums", dumps(write_value(sums)))
    return row | freed_columns(sums.outcomes)


def freed_columns(outcomes: Iterable[OutcomeCount]) -> Row:
    """Write what went."""
    deleted = [each for each in outcomes if each.outcome.is_deleted]
    return {
        "deleted_tags": int64(sum(each.tags for each in deleted)),
        "deleted_manifests": int64(sum(each.manifests for each in deleted)),
        "freed_bytes": int64(sum(each.bytes for each in deleted)),
    }


def read_sums(row: Mapping[str, Any]) -> RunSums | None:
    """Read the sums; ``None`` where there are none, as in rows of earlier versions.

    Raises:
        ValueError: what is there is no JSON.
        InputError: it is no sums.

    """
    text = take_text(row, "sums")
    return None if text is None else read_value(RunSums, json.loads(text))
