"""What ``policy import`` does, apart from reading its options."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from purge_core.cli import console
from purge_core.cli.exits import Exit
from purge_core.cli.policies import read_text
from purge_core.errors import InputError, Problem
from purge_core.policies.importing.imported import import_policy
from purge_core.policies.importing.written import Form, written
from purge_core.wording import shown

_ENCODED: Final = "encodedTaskContent"
"""Where a text holds one, names may stand in it that cannot be seen in the text."""


def import_text(source: str, settings: Iterable[str], output: str | None) -> int:
    """Read ``source`` and write the policy; everything else goes to standard error.

    Without an ``output`` the policy takes no more than the lines that it is made of.
    """
    text, given = _text(source), dict(_pairs(settings))
    _require_names(given, text)
    imported = import_policy(text, given)
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


def _require_names(given: Iterable[str], text: str) -> None:
    """Refuse values of names that stand nowhere: a slip there would change nothing, unnoticed."""
    unused = [n for n in given if not re.search(rf"(?<!\w){re.escape(n)}(?!\w)", text)]
    if unused and _ENCODED not in text:
        wanted = "a name that stands in SOURCE, as it is written there"
        raise InputError([Problem("--set", shown(name), wanted) for name in unused])


def _pairs(settings: Iterable[str]) -> Iterator[tuple[str, str]]:
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            wanted = "NAME=VALUE, such as --set repository=shop/cart"
            raise InputError([Problem("--set", shown(setting), wanted)])
        yield name, value
