"""A policy from whatever text runs ``acr purge`` elsewhere.

What is seen and not understood is an error that names its place, and nothing that narrows a
line is passed over. What is literally switched off is left out; a line of which it depends on
something whether it runs is refused, unless the same line also runs without that.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import dedent
from typing import Final

from purge_core.errors import PolicyError, Problem
from purge_core.policies.importing.combining import combined
from purge_core.policies.importing.findings import Around, Findings, mentions_purge
from purge_core.policies.importing.lines import ReadLine, read_line
from purge_core.policies.importing.schedules import purge_schedules
from purge_core.policies.importing.shell.reader import read_shell
from purge_core.policies.importing.shell.text import HERE, written_files
from purge_core.policies.importing.template.reader import read_template
from purge_core.policies.importing.template.tokens import language_of
from purge_core.policies.importing.tree.reader import read_tree
from purge_core.policies.importing.variables import NO_VALUES, Values
from purge_core.policies.policy import Policy
from purge_core.policies.yaml_text import MAX_CHARACTERS

_TREE: Final = re.compile(
    r"\A\s*(?:\{|\[\s*\{)|^\s*(?:-\s+)?(?:apiVersion|cmd|steps|jobs|stages|on|trigger|schedules"
    r"|script|services|tasks|kind)\s*:",
    re.MULTILINE,
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WANTED: Final = (
    "a line with acr purge, by itself or in a script, an ACR Task (its YAML, or what"
    " `az acr task show` prints), Terraform, Bicep or a workflow"
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read. ``policy`` is of the ``acr purge`` dialect, unless lines were joined.

    ``lines`` are the command lines in today's form, ``schedules`` six-field schedules for
    PURGE_SCHEDULE, ``notes`` for people.
    """

    policy: Policy
    lines: tuple[str, ...]
    schedules: tuple[str, ...]
    notes: tuple[str, ...]


def import_policy(text: str, given: Values = NO_VALUES) -> Imported:
    """Read ``text``; ``given`` are values of variables, by name.

    Raises:
        PolicyError: with everything that was not understood, and where it stands.

    """
    found = Findings()
    _find(text, found, given)
    if not found.lines and not found.problems:
        off = f" that runs ({'; '.join(found.off)})" if found.off else ""
        found.wrong("text", f"no acr purge{off}", _WANTED)
    read = [read_line(line, given, found) for line in found.lines]
    _raise(found)
    lines = _in_force([line for line in read if line is not None], found)
    policy = combined(lines, found)
    _raise(found)
    schedules = purge_schedules(found, given)
    if len(schedules) > 1:
        found.note("the lines run at different times; the app has one PURGE_SCHEDULE")
    texts: dict[Policy, str] = {}
    for line in lines:
        texts.setdefault(line.policy, line.text)
    return Imported(policy, tuple(texts.values()), schedules, tuple(found.notes))


def _find(text: str, found: Findings, given: Values) -> None:
    """Find out what the text is, and read it as that."""
    text = text.removeprefix("\ufeff")
    if (control := _CONTROL.search(text)) is not None:
        line = text.count("\n", 0, control.start()) + 1
        found.wrong(f"line {line}", f"the control character {control[0]!a}", "text")
    elif len(text) > MAX_CHARACTERS:
        found.wrong("text", f"{len(text)} characters", f"at most {MAX_CHARACTERS} characters")
    elif (language := language_of(text)) is not None:
        read_template(text, language, found, given)
    elif _TREE.search(HERE.sub("", text)):
        read_tree(text, "", found, given)
    else:
        _read_script(text, found, given)


def _read_script(text: str, found: Findings, given: Values) -> None:
    """Read a script; a task's file that stands in it is read as that file."""
    of_shell, tasks = Findings(), list(filter(_is_task, HERE.finditer(text)))
    files = frozenset(name for match in tasks for name in written_files(match))
    script = HERE.sub(_emptied, text)
    doubts = read_shell(script, "", of_shell, given, Around(files=files))
    for match in tasks:
        line = text.count("\n", 0, match.start("body")) + 1
        doubt = doubts.get(max((each for each in doubts if each < line), default=line))
        place = f"here-document of line {line}"
        read_tree(dedent(match["body"]), place, found, given, Around(doubt=doubt))
    found.add(of_shell)


def _is_task(match: re.Match[str]) -> bool:
    return _TREE.search(match["body"]) is not None and mentions_purge(match["body"])


def _emptied(match: re.Match[str]) -> str:
    """Leave the lines of a here-document that was read, so that line numbers stay right."""
    if not _is_task(match):
        return match[0]
    return match["head"] + "\n" * match["body"].count("\n") + match["tag"]


def _raise(found: Findings) -> None:
    problems: dict[Problem, None] = dict.fromkeys(found.problems)
    if problems:
        raise PolicyError(problems)


def _in_force(lines: Sequence[ReadLine], found: Findings) -> list[ReadLine]:
    """Leave out lines that only show, where others delete; say what no policy holds."""
    real = [line for line in lines if not line.command.dry_run]
    if len(real) < len(lines):
        found.note(
            "--dry-run is no part of a policy: `acr-purge plan` shows, and deletes nothing"
            + ("; the lines with it are left out" if real else "")
        )
    for line in lines:
        if line.command.concurrency is not None:
            found.note(f"--concurrency is no part of a policy: {_concurrency(line)}")
    return real or list(lines)


def _concurrency(line: ReadLine) -> str:
    return f"PURGE_CONCURRENCY={line.command.concurrency} is the same"
