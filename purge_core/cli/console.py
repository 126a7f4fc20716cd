"""Where the command line writes: results to standard output, all else to standard error."""

import os
import sys
from collections.abc import Iterable


def prepare() -> None:
    """Let no character that a terminal cannot show end the program."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def say(lines: Iterable[str]) -> None:
    """Write lines of a result."""
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def emit(pieces: Iterable[str]) -> None:
    """Write a document that comes in pieces."""
    for piece in pieces:
        sys.stdout.write(piece)
    sys.stdout.flush()


def tell(message: str) -> None:
    """Write a line to standard error, whatever it holds made harmless."""
    from purge_core.report.text import printable

    sys.stderr.write(f"{printable(message)}\n")
    sys.stderr.flush()


def warn(message: str) -> None:
    """Write a line that must not be missed."""
    tell(f"acr-purge: {message}")


def drop_output() -> None:
    """Forget what is still to be written: nobody reads standard output any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
