"""Terraform and Bicep: the tasks in ``task_content`` and ``encodedTaskContent``.

Only literal texts are read, with the variables whose value stands in the same file. A text
that an expression puts together is an error that names its line.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from purge_core.policies.importing.findings import Findings, FoundSchedule, mentions_purge
from purge_core.policies.importing.shell import read_shell
from purge_core.policies.importing.template_tokens import (
    Language,
    Literal,
    literals,
    without_comments,
)
from purge_core.policies.importing.tree import decoded_task, read_tree
from purge_core.policies.importing.variables import Values, expanded, references
from purge_core.wording import shown

_TASKS: Final = frozenset({"task_content", "encodedTaskContent"})
_FOR_PEOPLE: Final = frozenset({"description", "name", "displayName", "error_message"})
_VARIABLE: Final = re.compile(
    r'^variable\s+"(?P<name>\w+)"\s*\{(?P<body>.*?)^\}', re.DOTALL | re.MULTILINE
)
_LOCALS: Final = re.compile(r"^locals\s*\{(?P<body>.*?)^\}", re.DOTALL | re.MULTILINE)
_HCL_SETTING: Final = re.compile(
    r'^\s*(?P<name>\w+)\s*=\s*(?:"(?P<text>[^"\\$\n]*)"|(?P<number>[0-9.]+))\s*$', re.MULTILINE
)
_BICEP_SETTING: Final = re.compile(
    r"^\s*(?:param|var)\s+(?P<name>\w+)(?:\s+\w+)?\s*=\s*"
    r"(?:'(?P<text>[^'\\$\n]*)'|(?P<number>[0-9.]+))\s*$",
    re.MULTILINE,
)
_SCHEDULE: Final = re.compile(r"^\s*schedule\s*[=:]\s*(?P<name>[A-Za-z_][\w.]*)\s*$", re.MULTILINE)


def language_of(text: str) -> Language | None:
    """Tell Terraform and Bicep from everything else."""
    if re.search(r'^\s*(?:resource|variable|module|data)\s+"|^locals\s*\{', text, re.MULTILINE):
        return Language.TERRAFORM
    if re.search(r"^\s*(?:encoded_step\s*\{|task_content\s*=)", text, re.MULTILINE):
        return Language.TERRAFORM
    if re.search(r"^\s*resource\s+\w+\s+'|^\s*(?:param|var)\s+\w+", text, re.MULTILINE):
        return Language.BICEP
    return None


def read_template(text: str, language: Language, found: Findings, given: Values) -> None:
    """Read a file; ``given`` values win over those that stand in it."""
    own = dict(_values(without_comments(text, language), language))
    values = {**own, **given}
    every = list(literals(text, language))
    used = {name for literal in every for name, _ in references(literal.text)}
    parts = {own[name] for name in used & own.keys()}
    for literal in every:
        if literal.text not in parts:  # what is used within another text is no line by itself
            _read_literal(literal, found, values)
    _note_defaults(used & own.keys() - given.keys(), own, found)
    for match in _SCHEDULE.finditer(without_comments(text, language)):
        name = match["name"]
        if name in values:
            found.schedules.append(FoundSchedule(values[name], f"schedule ({name})"))
        else:
            found.note(f"the schedule comes from {name}, which has no value here")


def _note_defaults(names: Iterable[str], values: Values, found: Findings) -> None:
    """Say which values are only defaults: whoever deploys may set others."""
    for name in sorted(names):
        if not name.startswith("local."):
            value = shown(values[name])
            found.note(f"{name} is taken as {value}; --set {name}=... if it is set otherwise")


def _read_literal(literal: Literal, found: Findings, values: Values) -> None:
    place = f"line {literal.line}"
    text = expanded(literal.text, values)
    task = decoded_task(text) if literal.key in _TASKS else None
    if literal.key == "schedule":
        found.schedules.append(FoundSchedule(text, place))
    elif task is not None:
        read_tree(task, place, found, values)
    elif mentions_purge(text) and literal.key not in _FOR_PEOPLE:
        _read_text(text, literal, place, found, values)


def _read_text(text: str, literal: Literal, place: str, found: Findings, values: Values) -> None:
    if literal.key is None:
        wanted = "a text by itself; this one is part of an expression"
        found.wrong(place, shown(text.strip()), wanted)
    elif re.search(r"^\s*steps\s*:", text, re.MULTILINE):
        read_tree(text, place, found, values)
    else:
        read_shell(text, place, found, values)


def _values(source: str, language: Language) -> Iterator[tuple[str, str]]:
    """Yield the variables that have a literal value, by the names they are used by."""
    if language is Language.BICEP:
        for match in _BICEP_SETTING.finditer(source):
            yield match["name"], _value(match)
        return
    for block in _VARIABLE.finditer(source):
        for match in _HCL_SETTING.finditer(block["body"]):
            if match["name"] == "default":
                yield f"var.{block['name']}", _value(match)
    for block in _LOCALS.finditer(source):
        for match in _HCL_SETTING.finditer(block["body"]):
            yield f"local.{match['name']}", _value(match)


def _value(match: re.Match[str]) -> str:
    return match["number"] if match["text"] is None else match["text"]
