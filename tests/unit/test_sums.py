"""What the repositories of a run come to; and rows of earlier versions, which have no sums."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from purge_core.adapters.tables.codec import read_repository, read_run, repository_row, run_row
from purge_core.adapters.tables.documents import Document
from purge_core.adapters.tables.kept import read_kept
from purge_core.adapters.tables.operations import Stored
from purge_core.adapters.tables.rows import DATETIME, Row, dumps
from purge_core.model import RepositoryName, TagName
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import KeptTag
from purge_core.records.store_records import (
    OutcomeCount,
    ReasonCount,
    RepositoryRecord,
    RepositoryState,
    Totals,
)
from purge_core.records.sums import is_troubled, sum_kept, sum_totals, sums_of
from tests.builders import NOW
from tests.stores import a_run


def record(state: RepositoryState, *outcomes: Outcome, held: int | None = None) -> RepositoryRecord:
    """Return a repository of a run, with one step of each outcome."""
    return RepositoryRecord(
        run=a_run().id,
        repository=RepositoryName("shop"),
        state=state,
        updated=NOW,
        totals=Totals(2, 3, 1, 1, len(outcomes), 10, held),
        outcomes=tuple(OutcomeCount(each, 1, 1, 1, 10) for each in outcomes),
    )


def stored(row: Row) -> Row:
    """Return a row as the client gives it back: times as such."""
    return {name: _stored(value) for name, value in row.items() if value is not None}


def _stored(value: Any) -> Any:  # noqa: ANN401 - a property of any type
    if isinstance(value, tuple) and value[1] == DATETIME:
        return datetime.fromisoformat(value[0])
    return value


def test_sums_of_a_run() -> None:
    """States are counted, totals and outcomes added up."""
    sums = sums_of(
        [
            record(RepositoryState.DONE, Outcome.DELETED, Outcome.DENIED),
            record(RepositoryState.DONE, Outcome.DELETED),
            record(RepositoryState.REFUSED),
            record(RepositoryState.FAILED),
            record(RepositoryState.GONE),
        ],
        exact=7,
    )
    assert (sums.repositories, sums.refused, sums.failed, sums.gone) == (5, 1, 1, 1)
    assert sums.troubled == 3
    assert sums.totals == Totals(10, 15, 5, 5, 3, 50)
    assert [(each.outcome, each.steps) for each in sums.outcomes] == [
        (Outcome.DELETED, 2),
        (Outcome.DENIED, 1),
    ]
    assert sums.exact_bytes == 7


def test_a_run_of_nothing() -> None:
    """It came to nothing, which is not unknown."""
    assert sums_of([]).repositories == 0
    assert sums_of([]).totals == Totals()


def test_what_is_held_is_that_of_the_known() -> None:
    """Where nothing is known the sum is not known either."""
    known, unknown = Totals(bytes_held=5), Totals()
    assert sum_totals([known, unknown, known]).bytes_held == 10
    assert sum_totals([unknown]).bytes_held is None


def test_trouble() -> None:
    """Refused, failed, or with a step that did not succeed."""
    assert is_troubled(record(RepositoryState.REFUSED))
    assert is_troubled(record(RepositoryState.FAILED))
    assert is_troubled(record(RepositoryState.DONE, Outcome.NOT_REACHED))
    assert not is_troubled(record(RepositoryState.DONE, Outcome.LOCKED, Outcome.ALREADY_GONE))


def test_reasons_are_added_up() -> None:
    """The most frequent comes first, then by name."""
    counts = [ReasonCount("young", 1, 1), ReasonCount("b", 0, 1), ReasonCount("a", 1, 0)]
    assert sum_kept([*counts, ReasonCount("young", 2, 0)]) == (
        ReasonCount("young", 3, 1),
        ReasonCount("a", 1, 0),
        ReasonCount("b", 0, 1),
    )


def test_a_run_of_an_earlier_version() -> None:
    """Its row has no sums, and reads."""
    run = replace(a_run(), sums=sums_of([record(RepositoryState.DONE, Outcome.DELETED)]))
    row = run_row(run)
    assert (row["deleted_tags"][0], row["freed_bytes"][0]) == (1, 10)
    for name in ("sums", "refused", "failed", "deleted_tags", "deleted_manifests", "freed_bytes"):
        del row[name]
    assert read_run(stored(row)).sums is None


def test_a_repository_of_an_earlier_version() -> None:
    """Its row does not say what it held, nor for which reasons how much stays."""
    judged = replace(record(RepositoryState.PLANNED, held=5), kept=(ReasonCount("young", 1, 2),))
    row = repository_row(judged)
    del row["bytes_held"], row["kept"]
    found = read_repository(stored(row))
    assert (found.totals.bytes_held, found.kept) == (None, None)


def test_verdicts_of_an_earlier_version() -> None:
    """They do not say when a tag was updated."""
    reasons = [{"reasons": [{"code": "no-rule"}]}]
    text = dumps({"reasons": reasons, "tags": [{"name": "v1", "why": 0}], "manifests": []})
    (kept,) = read_kept(Document(Stored({}, ""), text))
    assert isinstance(kept, KeptTag)
    assert (kept.name, kept.updated) == (TagName("v1"), None)
