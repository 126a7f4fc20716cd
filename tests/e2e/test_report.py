"""`report`: one page for people, and the same as data, from what the command line recorded."""

import csv
import io
from pathlib import Path

import jsonschema
import pytest

from purge_core.report.overview_schema import report_schema
from tests.e2e.shop import Shop
from tests.stores import empty_tables

SEED = """
  "{shop}/web":
    images:
      - {tags: [v1, v1.0], age: 60d}
      - {tags: [v2], age: 50d}
      - {tags: [stable], age: 40d}
"""
LINE = ("--filter", "{shop}/.*:v.*", "--ago", "7d", "--untagged")


@pytest.fixture
def purged(shop: Shop, storage: str) -> tuple[Shop, str, str]:
    """Return a shop after a recorded purge, its journal, and the id of the run."""
    empty_tables(storage)
    shop.seed(SEED)
    assert shop.run("purge", *LINE, "--journal", storage).code == 0
    listed = shop.run("runs", "-o", "json", "--journal", storage).document
    return shop, storage, str(listed["items"][0]["id"])


def test_one_page(purged: tuple[Shop, str, str], tmp_path: Path) -> None:
    """It needs nothing else, and holds the run, its repositories and its steps."""
    shop, journal, run = purged
    page = tmp_path / "report.html"
    done = shop.run("report", "--journal", journal, "--out", str(page))
    assert (done.code, done.out) == (0, ""), done.err
    assert f"the report is in {page}" in done.err
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    for word in (run, "/web", "v1.0", "v2"):
        assert word in text
    assert "://" not in text


def test_the_same_as_data(purged: tuple[Shop, str, str]) -> None:
    """As JSON, which fits its schema, and as a table with a line for each day."""
    shop, journal, run = purged
    at = ("--journal", journal, "--days", "7")
    document = shop.run("report", "--format", "json", *at).document
    jsonschema.Draft202012Validator(report_schema()).validate(document)
    (registry,) = document["registries"]
    assert (registry["condition"], registry["missing"]) == ("done", [])
    assert registry["runs"][0]["id"] == run
    assert registry["sums"]["outcomes"]["deleted"]["tags"] == 3
    rows = list(csv.DictReader(io.StringIO(shop.run("report", "--format", "csv", *at).out)))
    assert [row["deleted"] for row in rows] == [*["0"] * 6, "5"]


def test_a_run_and_a_repository(purged: tuple[Shop, str, str]) -> None:
    """Each by itself, in every form."""
    shop, journal, run = purged
    at = ("--journal", journal, "--run", run)
    of_run = shop.run("report", "--format", "json", *at).document
    jsonschema.Draft202012Validator(report_schema()).validate(of_run)
    (item,) = of_run["repositories"]
    whole = (*at, "--repository", item["repository"])
    found = shop.run("report", "--format", "json", *whole).document
    jsonschema.Draft202012Validator(report_schema()).validate(found)
    assert [step["status"] for step in found["steps"]] == ["deleted", "deleted"]
    for given in (at, whole):
        assert shop.run("report", *given).out.startswith("<!doctype html>")
        assert shop.run("report", "--format", "csv", *given).code == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--run", "nobody"), "there is no run nobody"),
        (("--repository", "web"), "--repository"),
        (("--after", "steps,1"), "--after"),
        (("--out", ".."), "--out"),
        (("--days", "0"), "--days"),
    ],
)
def test_bad_input(purged: tuple[Shop, str, str], arguments: tuple[str, ...], why: str) -> None:
    """It is told, and nothing is written."""
    shop, journal, _ = purged
    done = shop.run("report", "--journal", journal, *arguments)
    assert (done.code, done.out) == (2, "")
    assert why in done.err


def test_a_journal_without_runs(shop: Shop, storage: str) -> None:
    """The page says so, and is a page."""
    empty_tables(storage)
    done = shop.run("report", "--journal", storage)
    assert done.code == 0, done.err
    assert done.out.startswith("<!doctype html>")
