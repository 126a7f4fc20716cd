"""Rows with their ETags, and the operations that transactions are made of."""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from azure.core import MatchConditions
from azure.data.tables import UpdateMode

from purge_core.adapters.tables.keys import Key
from purge_core.adapters.tables.rows import Row

MAX_OPERATIONS: Final = 100
MAX_PAYLOAD: Final = 900_000
"""Bytes of a transaction. The service takes 4 MiB, but more than 1 MiB at once would hold
up everything else in the event loop (aiohttp warns of it)."""
_FRAME: Final = 1_000
"""Bytes that the headers of one operation take, at most."""

Operation = tuple[Any, ...]
"""What ``submit_transaction`` takes."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A row as it was read, and the ETag that it had then."""

    row: Row
    etag: str


def merge(key: Key, row: Row, etag: str) -> Operation:
    """Give the operation that changes some columns of a row that still has this ETag."""
    condition = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
    return "update", keyed(key, row), {"mode": UpdateMode.MERGE, **condition}


def chunked(rows: Iterable[Row]) -> Iterable[list[Row]]:
    """Cut rows into transactions: at most 100 of them, and below 4 MiB."""
    chunk: list[Row] = []
    size = 0
    for row in rows:
        weight = _weight(row)
        if chunk and (len(chunk) == MAX_OPERATIONS or size + weight > MAX_PAYLOAD):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += weight
    if chunk:
        yield chunk


def _weight(row: Mapping[str, Any]) -> int:
    return len(json.dumps(row, default=_base64)) + _FRAME


def _base64(value: object) -> str:
    """Write bytes as they are sent."""
    if not isinstance(value, bytes):
        raise TypeError(f"a column of type {type(value).__name__}")
    return b64encode(value).decode()


def keyed(key: Key, row: Row) -> Row:
    """Add its key to a row."""
    return {"PartitionKey": key[0], "RowKey": key[1], **row}
