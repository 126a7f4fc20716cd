"""Where the command line writes: results to standard output, all else to standard error."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from purge_core.errors import PurgeError


class OutputError(PurgeError):
    """A result could not be written to standard output."""


def prepare() -> None:
    """Let neither a closed stream nor a character that it cannot show end the program."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller; no socket may get its number
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - stays open
            setattr(sys, name, nowhere)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def say(lines: Iterable[str]) -> None:
    """Write lines of a result.

    Raises:
        OutputError: standard output cannot be written.

    """
    emit(f"{line}\n" for line in lines)


def emit(pieces: Iterable[str]) -> None:
    """Write a document that comes in pieces.

    Raises:
        OutputError: standard output cannot be written.
        BrokenPipeError: nobody reads it any more.

    """
    try:
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:  # a full disk, not a defect
        drop_output()
        raise OutputError(f"standard output cannot be written: {error.strerror}") from error


def tell(message: str) -> None:
    """Write a line to standard error, whatever it holds made harmless.

    A line that nobody can read any more, or for which there is no room, is left out: it
    must not end a purge in the middle.
    """
    from purge_core.report.text import printable

    try:
        sys.stderr.write(f"{printable(message)}\n")
        sys.stderr.flush()
    except OSError:
        _drop(sys.stderr)


def warn(message: str) -> None:
    """Write a line that must not be missed."""
    tell(f"acr-purge: {message}")


def drop_output() -> None:
    """Forget what is still to be written: nobody reads standard output any more."""
    _drop(sys.stdout)


def _drop(stream: TextIO) -> None:
    """Send what a stream still holds, and all that follows, nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
