"""Writing where nothing can be written."""

import sys

import pytest

from purge_core.cli import console


def test_full_output_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full is no defect of the program."""
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - a device
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(console.OutputError, match="standard output cannot be written"):
            console.say(["a line"])
        console.say(["what follows goes nowhere"])


def test_full_error_output_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be told is left out."""
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - a device
        monkeypatch.setattr(sys, "stderr", full)
        console.tell("a line")
        console.tell("another one")


def test_closed_streams_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts the program without standard streams wants no words of it."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    console.prepare()
    console.say(["a line"])
    console.tell("a line")
    sys.stdout.close()
    sys.stderr.close()
