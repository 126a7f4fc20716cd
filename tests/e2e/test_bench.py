"""The bench compares with `acr purge`: both run, each on a registry of its own, laid out right."""

import stat
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from acr_emulator.process import serving
from bench.acr import VARIABLE, Purge, Repository, run_rival
from bench.cases import CASES, Case
from bench.client import DELETES
from bench.compare import HEADS, Condition, compare, run_cell
from purge_core.pace.quotas import Sku

SMALL = Case(
    "2 repositories of 4 images, 3 tags each; all go",
    ("--generate", "aliases", "--repositories", "2", "--tags", "24", "--newest", "30d"),
    ("--filter", ".*:.*", "--ago", "7d", "--untagged"),
    Purge(2, Repository(tags=12, tags_going=12, manifests=4, going=4, read=4)),
    deletes=0.3,
    requests=2.0,  # in a registry so small most of ours are for signing in
)
_SIZES = ("--generate", "--repositories", "--tags", "--oldest", "--newest")
BARE = Condition(Sku.NONE, 0.0)


@pytest.fixture
def acr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a stand-in of the binary in the environment."""
    path = tmp_path / "acr"
    stand_in = Path(__file__).parent / "acr_stand_in.py"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{stand_in}" "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def rows(text: str) -> list[dict[str, str]]:
    """Return the lines of the table that was printed."""
    lines = [line.strip("| ").split("|") for line in text.splitlines() if line.startswith("| ")]
    head, *found = [[cell.strip() for cell in line] for line in lines]
    assert tuple(head) == HEADS
    return [dict(zip(head, line, strict=True)) for line in found]


def test_side_by_side(acr: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The ratios are to what the other program did."""
    cell = run_cell(SMALL, BARE)
    assert acr.exists()
    assert cell.rival is not None
    assert (cell.rival.code, cell.rival.count("tag_delete", "manifest_delete")) == (0, 24 + 8)
    assert cell.ours.count("tag_delete", "manifest_delete") == 8
    assert cell.deletes == 8 / 32
    assert cell.rival.count() == 1 + 2 * 2 + 32
    assert cell.requests == cell.ours.count() / cell.rival.count()
    assert cell.seconds == cell.ours.seconds / cell.rival.seconds
    compare(SMALL, [BARE])
    (row,) = rows(capsys.readouterr().out)
    assert row["DELETEs to acr"] == "0.250"
    assert float(row["time to acr"]) > 0


def test_one_that_fails(
    acr: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its time is no measure, and the table says how it ended."""
    assert acr.exists()
    monkeypatch.setenv("ACR_FAILS", "yes")
    cell = run_cell(SMALL, BARE)
    assert cell.seconds is None
    assert cell.rival is not None
    assert cell.rival.code == 1
    compare(SMALL, [BARE])
    assert rows(capsys.readouterr().out)[0]["time to acr"] == "it failed (1)"


def test_without_the_binary(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its requests are replayed: just those of its arithmetic, timed beside ours."""
    monkeypatch.delenv(VARIABLE, raising=False)
    compare(SMALL, [BARE])
    said = capsys.readouterr().out
    (row,) = rows(said)
    assert "its requests replayed" in said
    assert (row["DELETEs to acr"], float(row["time to acr"]) > 0) == ("0.250", True)


@pytest.mark.parametrize("name", ["many-tags", "idle-night", "many-repositories"])
def test_the_replay_sends_what_acr_purge_sends(name: str) -> None:
    """On a small registry of each kind: as many requests and deletions as its arithmetic says."""
    case = CASES[name]
    given = dict(pairwise(case.registry))
    number = min(2, int(given.get("--repositories", "1")))
    each = int(given["--tags"]) // int(given.get("--repositories", "1"))
    small = {"--repositories": str(number), "--tags": str(each * number)}
    words = [word for pair in (given | small).items() for word in pair if pair[0] in _SIZES]
    with serving(*words) as served:
        used = run_rival(served, case.flags, 32)
    expected = replace(case.acr, repositories=number)
    assert used.code == 0
    assert (used.count(), used.count(*DELETES)) == (expected.requests, expected.deletes)


def test_what_is_more_than_claimed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bench says which claim does not hold, and where."""
    monkeypatch.delenv(VARIABLE, raising=False)
    strict = replace(SMALL, deletes=0.1, peak=1)
    with pytest.raises(SystemExit, match=r"none, 0 ms: 0\.250 times the deletions; .* MiB"):
        compare(strict, [BARE])


def test_along_a_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line knows that time flies: it stays along the quota, and is refused nothing."""
    monkeypatch.delenv(VARIABLE, raising=False)
    flat = ("--generate", "flat", "--tags", "700", "--newest", "30d")
    each = Repository(tags=700, tags_going=700, manifests=700, going=700, read=700)
    case = Case("700 images", flat, SMALL.flags, Purge(1, each))
    cell = run_cell(case, Condition(Sku.STANDARD, 0.0))
    assert cell.quota is not None
    assert cell.quota.deletions == 700
    assert cell.quota.bound == 200 / 500 * 60
    assert cell.quota.seconds >= cell.quota.bound * 0.9
    assert cell.ours.refused == 0
