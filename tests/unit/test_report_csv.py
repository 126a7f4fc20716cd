"""The tables of a report: what they hold, and that no name in them is a formula."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purge_core.model import RepositoryName
from purge_core.records.overviews import RepositoryFilter
from purge_core.records.store_records import RepositoryState
from purge_core.report.csv_text import (
    overview_csv,
    repository_csv,
    run_csv,
    safe,
    write_csv,
)
from purge_core.reviewing.registries import Sight, overview
from purge_core.reviewing.repositories import repository_report
from purge_core.reviewing.runs import run_report
from tests.builders import NOW
from tests.fake_store import FakeStore
from tests.nights import AT_ONE, a_night, a_repository, a_step, note, stays
from tests.stores import REGISTRY, SHOP

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "=cmd|'/c calc'!A1")
RUN = a_night(0)


def read(text: str) -> list[dict[str, str]]:
    """Read a table as another program would."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas(name: str) -> None:
    """What a spreadsheet would calculate begins with an apostrophe."""
    assert safe(name) == f"'{name}"


@pytest.mark.parametrize("cell", ["shop/web", "a=b", "", " =1", "'x", -5, 0, None])
def test_what_is_no_formula(cell: str | int | None) -> None:
    """Other text, and numbers below zero, stay as they are."""
    assert safe(cell) == cell


@given(st.lists(st.lists(st.text(max_size=20), min_size=3, max_size=3), max_size=5))
def test_whatever_a_cell_holds(rows: list[list[str]]) -> None:
    """Every cell comes back, and none begins like a formula."""
    text = write_csv(("a", "b", "c"), rows)
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert found[1:] == [[safe(cell) for cell in row] for row in rows]
    assert not any(cell.startswith(FORMULAS[0][0]) for row in found for cell in row)


def journal() -> FakeStore:
    """Return a store with a run of hostile names."""
    store = FakeStore()
    records = [a_repository(name, deleted=2, held=50) for name in (SHOP, "=cmd()", "<script>")]
    refused = a_repository("bad", state=RepositoryState.REFUSED)
    note(store, RUN, *records, refused)
    store.runs[RUN.id].steps[SHOP] = [a_step(0), a_step(1)]
    store.runs[RUN.id].kept[SHOP] = stays(["-x", "stable"])
    return store


async def test_nights() -> None:
    """A line for each registry and day."""
    found = await overview(journal(), [REGISTRY], Sight(NOW, AT_ONE, 2))
    rows = read(overview_csv(found))
    assert [(row["day"], row["condition"], row["deleted"]) for row in rows] == [
        ("2026-11-20", "", "0"),
        ("2026-11-21", "troubled", "6"),
    ]
    assert (rows[1]["registry"], rows[1]["freed_bytes"]) == (REGISTRY, "60")
    assert rows[1]["runs"] == RUN.id


async def test_repositories() -> None:
    """A line for each, with what went and why something did not."""
    report = await run_report(journal(), RUN.id, RepositoryFilter(), NOW)
    rows = {row["repository"]: row for row in read(run_csv(report))}
    assert set(rows) == {SHOP, "'=cmd()", "<script>", "bad"}
    assert (rows[SHOP]["deleted_tags"], rows[SHOP]["bytes_held"]) == ("2", "50")
    assert (rows["bad"]["state"], rows["bad"]["bytes_held"]) == ("refused", "")


async def test_steps_and_what_stays() -> None:
    """A line for each, in the same columns."""
    report = await repository_report(journal(), RUN.id, RepositoryName(SHOP), NOW)
    rows = read(repository_csv(report))
    assert [(row["name"], row["verdict"], row["status"]) for row in rows] == [
        ("v000000", "delete", "deleted"),
        ("v000001", "delete", "deleted"),
        ("'-x", "keep", ""),
        ("stable", "keep", ""),
    ]
    assert rows[2]["reasons"].startswith("no rule")


async def test_a_table_without_lines() -> None:
    """It has its headings."""
    store = FakeStore()
    note(store, RUN)
    report = await run_report(store, RUN.id, RepositoryFilter(), NOW)
    assert run_csv(report).startswith("repository,state,")
