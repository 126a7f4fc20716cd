"""The tour, on a smaller registry than `make demo` shows."""

from pathlib import Path

import pytest

from acr_emulator.process import serving
from demo.stage import DemoFailed, Stage, require
from demo.tour import tour


def test_tour(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Every act runs and finds what it should; commands stand before what they say."""
    with serving(
        "--generate", "mixed", "--repositories", "8", "--tags", "320", "--seed", "11"
    ) as served:
        tour(served, tmp_path / "report.html", 4)
    out = capsys.readouterr().out
    commands = [line for line in out.splitlines() if line.startswith("$ ")]
    assert [command.split()[1:3] for command in commands] == [
        ["cat", "demo/policy.yaml"],
        ["acr-purge", "policy"],
        ["acr-purge", "plan"],
        ["acr-purge", "explain"],
        ["acr-purge", "explain"],
        ["acr-purge", "purge"],
        ["acr-purge", "purge"],
        ["acr-purge", "run"],
        ["acr-purge", "history"],
        ["acr-purge", "report"],
    ]
    assert "Freed: " in out
    assert (tmp_path / "report.html").as_uri() in out


def test_a_tour_that_is_not_right_fails() -> None:
    """A command that ends badly, or an expectation that does not hold, ends the tour."""
    with pytest.raises(DemoFailed, match="ended with 2"):
        Stage.on("127.0.0.1:9", "none").run("purge")
    with pytest.raises(DemoFailed, match="nothing was freed"):
        require(None, "nothing was freed")
