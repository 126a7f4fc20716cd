"""What ``policy import`` does, apart from reading its options."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from purge_core.cli import console
from purge_core.cli.exits import Exit
from purge_core.cli.policies import read_text
from purge_core.errors import InputError, Problem
from purge_core.policies.importing.imported import Imported, import_policy
from purge_core.policies.writer import policy_document
from purge_core.policies.yaml_text import write_yaml
from purge_core.wording import shown


def import_text(source: str, settings: Iterable[str], output: str) -> int:
    """Read ``source`` and write the policy; everything else goes to standard error."""
    imported = import_policy(_text(source), dict(_pairs(settings)))
    document, notes = policy_document(imported.policy)
    if output == "line":
        console.say(imported.lines)
        notes = ()
    elif output == "json":
        console.emit([json.dumps(document, indent=2), "\n"])
    else:
        console.emit([write_yaml(document)])
    for note in (*imported.notes, *notes, *_more(imported, output)):
        console.tell(f"note: {note}")
    for schedule in imported.schedules:
        console.tell(f"PURGE_SCHEDULE={schedule}")
    return Exit.DONE


def _more(imported: Imported, output: str) -> Iterator[str]:
    """Say how to have exactly what the lines keep, where the document may keep less."""
    counted = any(rule.keep_newest and rule.older_than for rule in imported.policy.rules)
    if counted and output != "line":
        yield (
            "So this document may delete what the line keeps. The line itself is a policy, too,"
            " and keeps exactly that: `-o line` writes it."
        )


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
