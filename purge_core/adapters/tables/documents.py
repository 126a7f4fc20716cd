"""Documents that may be longer than a row: they go on in rows of their own right behind."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Final

from purge_core.adapters.tables.codec import AlteredRow
from purge_core.adapters.tables.keys import verdict_row
from purge_core.adapters.tables.operations import Stored
from purge_core.adapters.tables.rows import ROW_TEXT, Row, int64, put_text, read_int, take_text

Rows = Iterator[tuple[str, Row]]
"""RowKeys and rows of one partition."""

MORE: Final = "more"
_COLUMN: Final = "document"
_PARTS: Final = "parts"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document begins: which plan, which kind of document, which one."""

    attempt: int
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Document:
    """The row in which a document begins, and the whole of it."""

    head: Stored
    text: str


def spread(place: Place, row: Row, text: str) -> Rows:
    """Write a document (in ASCII) into ``row``, and what is left into rows behind it."""
    parts = [text[start : start + ROW_TEXT] for start in range(0, len(text) or 1, ROW_TEXT)]
    for number, part in enumerate(parts):
        head = {**row, _PARTS: int64(len(parts))}
        piece = head if number == 0 else {"entry": MORE}
        put_text(piece, _COLUMN, part)
        yield verdict_row(place.attempt, place.kind, place.number, number), piece


async def gathered(rows: AsyncIterator[Stored]) -> AsyncGenerator[Document, None]:
    """Put documents together from rows in the order of their keys.

    Raises:
        AlteredRow: a part is missing.

    """
    head: Stored | None = None
    texts: list[str] = []
    async for stored in rows:
        if stored.row.get("entry") != MORE:
            if head is not None:
                yield _whole(head, texts)
            head, texts = stored, []
        texts.append(take_text(stored.row, _COLUMN) or "")
    if head is not None:
        yield _whole(head, texts)


def _whole(head: Stored, texts: list[str]) -> Document:
    if read_int(head.row, _PARTS) != len(texts):
        raise AlteredRow("a part of a long row is missing in the journal")
    return Document(head, "".join(texts))
