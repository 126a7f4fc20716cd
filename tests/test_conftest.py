"""The rules of the test run itself, tried on small runs of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import STAGES

CONFTEST = Path(__file__).with_name("conftest.py")
SKIPPED = "import pytest\n\n@pytest.mark.skip\ndef test_skipped(): pass\n"
SKIPPED_MODULE = "import pytest\n\npytest.importorskip('no_such_module')\n"
RECORDED = "import pytest\n\n@pytest.mark.recordings\ndef test_recorded(recordings): pass\n"
EXPECTED_FAILURE = "import pytest\n\n@pytest.mark.xfail\ndef test_known(): assert False\n"
PASSED = "def test_passed(): pass\n"


def run(folder: Path, files: dict[str, str], *options: str, **environ: str) -> str:
    """Run pytest under this project's conftest on the given test files; return what it printed."""
    tests = folder / "tests"
    for name, text in files.items():
        (tests / name).parent.mkdir(parents=True, exist_ok=True)
        (tests / name).write_text(text)
    shutil.copy(CONFTEST, tests)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = recordings\n")
    inherited = {k: v for k, v in os.environ.items() if k not in {"CI", "ACR_RECORDINGS"}}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, "tests"],
        cwd=folder,
        env={**inherited, **environ},
        capture_output=True,
        text=True,
        check=False,
    ).stdout


@pytest.mark.parametrize("text", [SKIPPED, SKIPPED_MODULE], ids=["test", "module"])
def test_skip_is_a_failure_in_ci(tmp_path: Path, text: str) -> None:
    """What CI does not run is not tested, so it fails."""
    files = {"test_a.py": text, "test_b.py": PASSED}
    assert "1 skipped" in run(tmp_path, files)
    printed = run(tmp_path, files, CI="true")
    assert "skipped, which CI does not allow" in printed
    assert "1 skipped" not in printed
    assert "1 failed" in printed or "1 error" in printed


def test_recordings_may_be_absent_in_ci(tmp_path: Path) -> None:
    """The recorded answers are not part of the repository, so their tests may skip."""
    assert "1 skipped" in run(tmp_path, {"test_a.py": RECORDED}, CI="true")


def test_recordings_are_used_where_they_are(tmp_path: Path) -> None:
    """A folder of recordings is enough for its tests to run."""
    recorded = tmp_path / "recorded"
    recorded.mkdir()
    printed = run(tmp_path, {"test_a.py": RECORDED}, CI="true", ACR_RECORDINGS=str(recorded))
    assert "1 passed" in printed


def test_expected_failure_stays_expected_in_ci(tmp_path: Path) -> None:
    """An xfail is reported by pytest as a kind of skip, and is none."""
    assert "1 xfailed" in run(tmp_path, {"test_a.py": EXPECTED_FAILURE}, CI="true")


def test_quick_stages_run_first(tmp_path: Path) -> None:
    """Whatever the random order within a stage, the stages keep theirs."""
    files = {f"{stage}/test_{stage}.py": PASSED for stage in reversed(STAGES)}
    printed = run(tmp_path, {**files, "test_top.py": PASSED}, "-v")
    lines = [line for line in printed.splitlines() if "::test_passed" in line]
    ran = [line.split("::")[0].rpartition("test_")[2].removesuffix(".py") for line in lines]
    assert ran == ["top", *STAGES]


def test_every_folder_has_its_stage() -> None:
    """A folder of tests that is no stage would run at a moment that nobody chose."""
    folders = {path.parent.name for path in CONFTEST.parent.glob("*/test_*.py")}
    assert folders <= set(STAGES)
