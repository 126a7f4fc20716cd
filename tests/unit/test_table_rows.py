"""Rows of the tables: types, texts of any length, transactions that fit."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purge_core.adapters.tables.codec import AlteredRow, read_repository, read_run, run_row
from purge_core.adapters.tables.documents import Place, spread
from purge_core.adapters.tables.keys import STEP
from purge_core.adapters.tables.operations import MAX_OPERATIONS, MAX_PAYLOAD, chunked
from purge_core.adapters.tables.past import past_rows, read_entry
from purge_core.adapters.tables.rows import (
    CHUNK,
    ROW_TEXT,
    Row,
    cut,
    put_text,
    read_moment,
    take_text,
)
from purge_core.adapters.tables.steps import progress
from purge_core.errors import AlteredRecord
from purge_core.instants import parse_instant
from purge_core.judgement.reasons import LastTagGoes
from purge_core.model import OPEN, Digest, Manifest, TagName
from purge_core.plans.document import GoingManifest
from purge_core.plans.steps import ManifestStep
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import StepRecord
from tests.builders import NOW, days
from tests.stores import SHOP, a_run

PROPERTY_BYTES = 64 * 1024
ENTITY_BYTES = 1024 * 1024


def utf16(text: str) -> int:
    """Return how many bytes the service counts for a text."""
    return len(text.encode("utf-16-le"))


@given(st.text(max_size=100), st.integers(0, 3), st.integers(-2, 2))
def test_text_of_any_length(text: str, times: int, more: int) -> None:
    """It comes back whole, in parts that each fit."""
    whole = text + "🚢" * max(0, times * CHUNK // 2 + more)
    row: Row = {}
    put_text(row, "policy", whole)
    assert all(utf16(part) <= PROPERTY_BYTES for part in row.values())
    assert take_text(row, "policy") == whole


def test_text_with_half_a_character() -> None:
    """What is no text becomes a question mark rather than a refused request."""
    row: Row = {}
    put_text(row, "error", "a\ud800b")
    assert take_text(row, "error") == "a?b"


def test_no_text() -> None:
    """Nothing is not the empty text."""
    row: Row = {}
    put_text(row, "a", None)
    put_text(row, "b", "")
    assert (take_text(row, "a"), take_text(row, "b")) == (None, "")


def test_cut() -> None:
    """A text that is cut says so."""
    assert cut("x" * 10, 10) == "x" * 10
    assert cut("x" * 11, 10) == "x" * 9 + "…"


def test_times_are_exact() -> None:
    """The seventh digit is in the text that was sent; a plain datetime will do as well."""

    class Sent(datetime):
        tables_service_value = "2026-11-21T01:00:00.1234567Z"

    exact = parse_instant("2026-11-21T01:00:00.1234567Z")
    assert read_moment({"at": Sent(2026, 11, 21, tzinfo=UTC)}, "at") == exact
    plain = datetime(2026, 11, 21, 1, tzinfo=UTC)
    assert read_moment({"at": plain}, "at") == parse_instant("2026-11-21T01:00:00Z")
    assert read_moment({}, "at") is None


@given(st.lists(st.integers(0, 1_000_000), max_size=300))
def test_transactions_fit(sizes: list[int]) -> None:
    """At most a hundred, small enough, none empty, none lost, in order."""
    rows: list[Row] = [{"PartitionKey": "p", "RowKey": str(n)} for n in range(len(sizes))]
    weights = {str(n): size for n, size in enumerate(sizes)}
    chunks = list(chunked(row | {"x": "y" * weights[row["RowKey"]]} for row in rows))
    assert [row["RowKey"] for chunk in chunks for row in chunk] == [r["RowKey"] for r in rows]
    for chunk in chunks:
        assert 1 <= len(chunk) <= MAX_OPERATIONS
        assert len(chunk) == 1 or sum(len(json.dumps(row)) for row in chunk) <= MAX_PAYLOAD


@pytest.mark.parametrize("length", [0, 1, ROW_TEXT, ROW_TEXT + 1, 3 * ROW_TEXT + 5])
def test_documents_of_any_length(length: int) -> None:
    """Spread over as many rows as need be, each within what an entity may hold."""
    text = '"' * length
    rows = list(spread(Place(1, STEP, 7), {"entry": STEP}, text))
    assert "".join(take_text(row, "document") or "" for _, row in rows) == text
    assert [key for key, _ in rows] == sorted(key for key, _ in rows)
    for _, row in rows:
        assert sum(utf16(str(value)) for value in row.values()) < ENTITY_BYTES


def big_step() -> StepRecord:
    """Return a deleted manifest whose reason alone is more than a row holds."""
    digest = Digest("sha256:" + "a" * 64)
    tags = tuple(TagName(f"{n:04}-{'x' * 120}") for n in range(4000))
    manifest = Manifest(digest, None, NOW)
    reason = LastTagGoes(tags, NOW, days(7))
    return StepRecord(
        index=0,
        stage=0,
        step=ManifestStep(digest, (), NOW, OPEN),
        tags=(),
        manifest=GoingManifest(manifest, (reason,)),
        bytes=1,
        status=Outcome.DELETED,
        opened=NOW,
        closed=NOW,
    )


def as_read(row: Row) -> Row:
    """Return a row as the client gives it: times as datetimes."""
    times = {k: v[0] for k, v in row.items() if isinstance(v, tuple) and v[1] == "Edm.DateTime"}
    return row | {k: datetime.fromisoformat(v) for k, v in times.items()}


def test_history_of_a_step_with_endless_reasons() -> None:
    """Its entry fits a row: the reasons stay with the step, the rules are there."""
    (_, by_time), _ = past_rows(a_run(), SHOP, big_step())
    assert sum(utf16(str(value)) for value in by_time.values()) < ENTITY_BYTES
    entry = read_entry(as_read(by_time))
    assert (entry.reasons, entry.rules) == ((), ("untagged",))


def test_a_long_detail_is_cut() -> None:
    """A hundred of them fit into one transaction."""
    row = progress(
        StepRecord(
            **{
                name: getattr(big_step(), name)
                for name in ("index", "stage", "step", "tags", "manifest", "bytes")
            },
            status=Outcome.FAILED,
            detail="🚢" * 100_000,
        )
    )
    assert 100 * len(json.dumps(row["detail"])) < MAX_PAYLOAD * 2


@pytest.mark.parametrize("wrong", [{"state": "asleep"}, {"now": None}, {"mode": 3}, {"run": None}])
def test_a_row_that_was_altered(wrong: Row) -> None:
    """What this program did not write is an error, not a guess."""
    row = as_read(run_row(a_run()))
    assert read_run(row) == a_run()
    altered = {k: v for k, v in (row | wrong).items() if v is not None}
    with pytest.raises(AlteredRow, match="cannot be read") as caught:
        read_run(altered)
    assert isinstance(caught.value, AlteredRecord)  # who ends runs tells it from lost answers
    with pytest.raises(AlteredRow):
        read_repository(row)
