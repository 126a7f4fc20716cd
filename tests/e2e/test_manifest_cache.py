"""Manifests that the command line has read once it remembers, in a file that may be anything."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.shop import Shop

INDEXES = """
  {shop}/web:
    images:
      - {tags: [v1], age: 40d, platforms: [linux/amd64, linux/arm64]}
      - {tags: [v2], age: 41d, platforms: [linux/amd64, linux/arm64]}
      - {tags: [v3], age: 42d, platforms: [linux/amd64, linux/arm64]}
"""
NOTHING_GOES = ("--filter", "{shop}/web:none", "--ago", "7d", "--untagged", "-q")


@pytest.fixture
def indexes(shop: Shop) -> Shop:
    """Give a repository of three indexes that stay, and whose children would go by themselves."""
    shop.seed(INDEXES)
    return shop


def reads(shop: Shop, *options: str, **environment: str) -> int:
    """Purge; return how many manifests were read for it. Nothing may have gone."""
    shop.served.admin("DELETE", "requests")
    finished = shop.run("purge", *NOTHING_GOES, *options, **environment)
    assert finished.code == 0, finished.err
    assert len(shop.state("web")["manifests"]) == 9
    counts: dict[str, int] = shop.served.admin("GET", "requests")["counts"]
    return counts.get("manifest_get", 0)


def test_second_run_reads_no_manifest(indexes: Shop, tmp_path: Path) -> None:
    """The file may be named by option or variable; off remembers nothing."""
    named, other = str(tmp_path / "named.db"), str(tmp_path / "other.db")
    assert [reads(indexes, "--manifest-cache", named) for _ in range(2)] == [3, 0]
    assert reads(indexes, PURGE_MANIFEST_CACHE=named) == 0
    assert reads(indexes, "--manifest-cache", other, PURGE_MANIFEST_CACHE=named) == 3
    assert reads(indexes, "--manifest-cache", "off", PURGE_MANIFEST_CACHE=named) == 3


def test_default_is_in_the_cache_folder(indexes: Shop, tmp_path: Path) -> None:
    """Where the system keeps what may be forgotten."""
    places = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert [reads(indexes, PURGE_MANIFEST_CACHE="", **places) for _ in range(2)] == [3, 0]
    assert list(tmp_path.rglob("manifests.db"))


@pytest.mark.parametrize("spoilt", ["DELETE FROM manifests", "UPDATE manifests SET content = ?"])
def test_spoilt_entries_cost_reads(indexes: Shop, tmp_path: Path, spoilt: str) -> None:
    """An entry that hides the children of its index saves none of them from being protected."""
    path = tmp_path / "manifests.db"
    reads(indexes, "--manifest-cache", str(path))
    with closing(sqlite3.connect(path)) as file, file:
        (entry,) = file.execute("SELECT content FROM manifests LIMIT 1").fetchone()
        file.execute(spoilt, (entry,) if "?" in spoilt else ())
    assert reads(indexes, "--manifest-cache", str(path)) in (2, 3)
    assert reads(indexes, "--manifest-cache", str(path)) == 0


def test_a_file_that_cannot_be_used_is_done_without(indexes: Shop, tmp_path: Path) -> None:
    """It is told, everything is read, and the file stays as it is."""
    path = tmp_path / "letter.txt"
    path.write_text("text, and no database")
    finished = indexes.run("purge", *NOTHING_GOES, "--manifest-cache", str(path))
    assert finished.code == 0
    assert f"the memory of manifests in {path} cannot be used" in finished.err
    assert "manifests are read instead" in finished.err
    assert path.read_text() == "text, and no database"
