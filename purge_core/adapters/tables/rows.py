"""Rows of a table as plain values: what each type becomes, and text of any length.

A string of a table holds 64 KiB of UTF-16, an entity 1 MiB. Integers go as Int64: those
above 32 bits are refused otherwise. Times go as DateTime, exact to 100 ns.
Source: https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from purge_core.instants import Instant, format_instant, parse_instant

Row = dict[str, Any]
"""The properties of an entity, keys included, as the client takes and gives them."""

INT64: Final = "Edm.Int64"
DATETIME: Final = "Edm.DateTime"

CHUNK: Final = 32_000
"""Units of UTF-16 in one property."""
ROW_CHUNKS: Final = 12
"""Properties of this size in one row, which leaves room for all the others."""
ROW_TEXT: Final = ROW_CHUNKS * CHUNK


def int64(value: int) -> tuple[int, str]:
    """Write a whole number."""
    return value, INT64


def moment(value: Instant | None) -> tuple[str, str] | None:
    """Write a time."""
    return None if value is None else (format_instant(value), DATETIME)


def read_int(row: Mapping[str, Any], name: str) -> int | None:
    """Read a whole number; ``None`` when there is none."""
    value = row.get(name)
    return value[0] if isinstance(value, tuple) else value


def read_moment(row: Mapping[str, Any], name: str) -> Instant | None:
    """Read a time; ``None`` when there is none. The text that was sent is exact."""
    value = row.get(name)
    if not isinstance(value, datetime):
        return None
    return parse_instant(getattr(value, "tables_service_value", "") or value.isoformat())


def put_text(row: Row, name: str, text: str | None) -> None:
    """Write text of any length: ``name``, then ``name_2``, ``name_3`` and so on."""
    if text is None:
        return
    clean = text.encode("utf-8", "replace").decode()
    size = CHUNK if not clean or max(clean) <= "\uffff" else CHUNK // 2
    for number, start in enumerate(range(0, len(clean) or 1, size), start=1):
        row[_part(name, number)] = clean[start : start + size]


def take_text(row: Mapping[str, Any], name: str) -> str | None:
    """Read text of any length; ``None`` when there is none."""
    if name not in row:
        return None
    parts: list[str] = []
    while (key := _part(name, len(parts) + 1)) in row:
        parts.append(row[key])
    return "".join(parts)


def cut(text: str, limit: int = CHUNK // 2) -> str:
    """Shorten text that is for reading only."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def put_short(row: Row, name: str, text: str | None) -> None:
    """Write text that is for reading only, shortened."""
    put_text(row, name, None if text is None else cut(text))


def dumps(value: object) -> str:
    """Write JSON in ASCII, so that a character is a unit of UTF-16."""
    return json.dumps(value, separators=(",", ":"))


def _part(name: str, number: int) -> str:
    return name if number == 1 else f"{name}_{number}"
