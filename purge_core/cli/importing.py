"""What ``policy import`` does, apart from reading its options."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from purge_core.cli import console
from purge_core.cli.exits import Exit
from purge_core.cli.policies import read_text
from purge_core.errors import InputError, Problem
from purge_core.policies.importing.imported import import_policy
from purge_core.policies.importing.written import Form, written
from purge_core.wording import shown


def import_text(source: str, settings: Iterable[str], output: str | None) -> int:
    """Read ``source`` and write the policy; everything else goes to standard error.

    Without an ``output`` the policy takes no more than the lines that it is made of.
    """
    imported = import_policy(_text(source), dict(_pairs(settings)))
    policy = written(imported, None if output is None else Form(output))
    console.emit([policy.text])
    for note in policy.notes:
        console.tell(f"note: {note}")
    for schedule in imported.schedules:
        console.tell(f"PURGE_SCHEDULE={schedule}")
    return Exit.DONE


def _text(source: str) -> str:
    """Give a file's text, standard input's, or ``source`` itself where it is no name."""
    if source != "-" and (len(source.split()) > 1 or "=" in source):
        try:
            known = Path(source).is_file()
        except (OSError, ValueError):
            known = False
        if not known:
            return source
    return read_text(source, "SOURCE")


def _pairs(settings: Iterable[str]) -> Iterator[tuple[str, str]]:
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            wanted = "NAME=VALUE, such as --set repository=shop/cart"
            raise InputError([Problem("--set", shown(setting), wanted)])
        yield name, value
