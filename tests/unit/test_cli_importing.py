"""`policy import` on the command line: where it reads, what goes to which stream."""

import io
import json
import sys
from pathlib import Path

import pytest

from purge_core.cli import main
from purge_core.errors import PolicyError
from purge_core.policies.policy import Dialect
from purge_core.policies.source import load_policy

LINE = "acr purge --filter 'a:^ci-' --ago 7d"
TASK = f"steps:\n  - cmd: {LINE}\n"


def test_a_document_for_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    """A text in quotes needs no file; the document loads, and its notes are apart."""
    assert main(["policy", "import", LINE]) == 0
    out, err = capsys.readouterr()
    assert [rule.name for rule in load_policy(out).rules] == ["filters"]
    assert "note: No limits apply" in err


def test_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A name is a file's, even one with a space in it."""
    file = tmp_path / "purge task.yaml"
    file.write_text(TASK)
    assert main(["policy", "import", str(file), "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["rules"][0]["older_than"] == "7d"


def test_standard_input_and_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-o line` writes the line itself, without notes on a document; the schedule is told."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"schedule: 0 1 * * Sun\n{TASK}"))
    assert main(["policy", "import", "-", "-o", "line"]) == 0
    assert capsys.readouterr() == (f"{LINE}\n", "PURGE_SCHEDULE=0 0 1 * * Sun\n")


@pytest.mark.parametrize("flags", ["-f a:b --ago 0d --keep 2", "--untagged-only --keep 1"])
def test_keep(capsys: pytest.CaptureFixture[str], flags: str) -> None:
    """--keep counts otherwise than a document: so the line stands, unless one is asked for."""
    line = f"acr purge {flags}"
    assert main(["policy", "import", line]) == 0
    out, err = capsys.readouterr()
    assert out == f"{line}\n"
    assert "`-o yaml` writes the document" in err
    assert main(["policy", "import", line, "-o", "yaml"]) == 0
    out, err = capsys.readouterr()
    assert "# So this document may delete what the line keeps." in out
    assert load_policy(out).dialect is Dialect.DOCUMENT


def test_what_differs_stands_in_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever reads the file later reads it, too; it stays a policy."""
    assert main(["policy", "import", f"{LINE} --untagged"]) == 0
    out, err = capsys.readouterr()
    comments = [text[2:] for text in out.splitlines() if text.startswith("# ")]
    assert comments[0] == f"Made of: {LINE} --untagged"
    assert comments[1:] == [text.removeprefix("note: ") for text in err.splitlines()]
    assert any(comment.startswith("A signature tag") for comment in comments)
    assert load_policy(out).untagged


def test_several_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """One document, or each line by itself, and told so; with --keep neither is guessed."""
    both = f"{LINE}\nacr purge -f b:c --ago 1d"
    assert main(["policy", "import", both]) == 0
    assert len(load_policy(capsys.readouterr().out).rules) == 2
    assert main(["policy", "import", both, "-o", "line"]) == 0
    out, err = capsys.readouterr()
    assert out == f"{both}\n"
    assert err.startswith("note: 2 lines: each is a policy by itself")
    with pytest.raises(PolicyError):
        load_policy(out)
    assert main(["policy", "import", f"{both} --keep 1"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--keep: found 2 lines" in err
    assert main(["policy", "import", f"{both} --keep 1", "-o", "yaml"]) == 0


def test_values(capsys: pytest.CaptureFixture[str]) -> None:
    """What the text leaves open is given with --set."""
    text = "acr purge --filter '$repository:^ci-' --ago ${days}d"
    values = ["--set", "repository=shop/cart", "--set", "days=3"]
    assert main(["policy", "import", text, *values, "-o", "line"]) == 0
    assert capsys.readouterr().out == "acr purge --filter 'shop/cart:^ci-' --ago 3d\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.yaml"], "SOURCE: found 'missing.yaml' (No such file or directory)"),
        (["acr purge -f $x:b --ago 1d"], "line 1: found '$x'"),
        (["acr purge -f a:b --ago 1d", "--set", "x"], "--set: found 'x'"),
        (["acr purge -f a:b --ago 1d", "--set", "=1"], "--set: found '=1'"),
        (["acr purge -f $r:b --ago ${DAYS:-9}d", "--set", "DAY=1"], "--set: found 'DAY'"),
        (["acr purge -f $r:b --ago 1d", "--set", "repo=a"], "--set: found 'repo'"),
        (["ls -l"], "text: found no acr purge"),
    ],
)
def test_bad_input(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    """Exit code 2, the problem in one line, and no document."""
    assert main(["policy", "import", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, said in err) == ("", True)
