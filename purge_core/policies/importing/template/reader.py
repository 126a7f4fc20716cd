"""Terraform and Bicep: the tasks in ``task_content`` and ``encodedTaskContent``.

Literal texts are read, with the values that stand in the same file. A text that an
expression puts together is an error that names its line; so is one of which it depends on
something whether it is deployed. What is literally switched off is left out.
"""

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, assert_never

from purge_core.policies.importing.findings import (
    NOT_READ,
    NOWHERE,
    Around,
    Findings,
    FoundSchedule,
    mentions_purge,
)
from purge_core.policies.importing.shell.flow import CONDITION
from purge_core.policies.importing.shell.reader import read_shell
from purge_core.policies.importing.template.mentions import mentions, unclear_in
from purge_core.policies.importing.template.nodes import (
    Encoded,
    Entry,
    Fields,
    Guarded,
    Items,
    Name,
    Node,
    Text,
    Unclear,
    Word,
)
from purge_core.policies.importing.template.plain import Plain
from purge_core.policies.importing.template.standing import decided, deployed
from purge_core.policies.importing.template.syntax import parse
from purge_core.policies.importing.template.tokens import Language, TemplateError
from purge_core.policies.importing.template.values import Known, known_in, used_names
from purge_core.policies.importing.tree.reader import decoded_task, read_tree, read_values
from purge_core.policies.importing.tree.standing import Depends, Off
from purge_core.policies.importing.variables import Values, wanted_value
from purge_core.wording import shown

_TASKS: Final = frozenset({"task_content", "encodedTaskContent"})
_FILES: Final = frozenset({"task_file_path", "taskFilePath"})
_FOR_PEOPLE: Final = frozenset({"description", "name", "displayName", "error_message"})
_DEFINING: Final = frozenset({"variable", "locals", "param", "var"})
_EXPECTED: Final = "a text by itself; this one is part of an expression"


def read_template(text: str, language: Language, found: Findings, given: Values) -> None:
    """Read a file; ``given`` values win over those that stand in it."""
    try:
        file = parse(text, language)
        _Reader(found, known_in(file, language, given), given).file(file)
    except TemplateError as error:
        found.wrong(error.where, error.found, error.expected)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Walks a file."""

    found: Findings
    known: Known
    given: Values

    def file(self, file: Fields) -> None:
        """Read all that is deployed, and the texts that nothing in the file uses."""
        used = {self.known.base(name) for name in used_names(file)}
        for entry in file.entries:
            if entry.words[0] == "output":
                self._output(entry)
            elif entry.words[0] not in _DEFINING:
                self.entry(entry, NOWHERE)
        for name, node in self.known.definitions.items():
            if node is not None and name not in used:
                self.value("", node, NOWHERE)

    def entry(self, entry: Entry, around: Around) -> None:
        """Read a setting or a block."""
        kind, *labels = entry.words
        if kind == "@" or (kind == "resource" and labels[-1:] == ["existing"]):
            return
        if kind == "dynamic":
            around = _doubted(around, " ".join(entry.words))
        self.value(kind, entry.node, around)

    def value(self, key: str, node: Node, around: Around) -> None:
        """Read a value by the key that it stands under."""
        match node:
            case Text():
                self._text(key, node, around)
            case Name():
                self._name(key, node, around)
            case Word():
                return
            case _:
                self._compound(key, node, around)

    def _compound(
        self, key: str, node: Items | Fields | Encoded | Guarded | Unclear, around: Around
    ) -> None:
        match node:
            case Items():
                self._items(node, around)
            case Fields():
                self._fields(node, around)
            case Encoded():
                self._encoded(node, around)
            case Guarded():
                self._guarded(key, node, around)
            case Unclear():
                self._unclear(key, node)
            case _:
                assert_never(node)

    def _output(self, entry: Entry) -> None:
        """Leave out what a file only shows."""
        if mentions(self.known, entry.node):
            self.found.leave_out(f"the output of line {entry.line}", "runs nothing")

    def _items(self, items: Items, around: Around) -> None:
        """Read a list; the texts in it are parts of something."""
        mentioned = partial(mentions, self.known)
        texts = tuple(node for node in items.nodes if isinstance(node, Text | Name))
        if any(map(mentioned, (*texts, Unclear("", texts, items.line)))):
            wrong = next(filter(mentioned, texts), items)
            found = " ".join(text.text for text in texts)
            self.found.wrong(f"line {wrong.line}", shown(found), _EXPECTED)
            return
        for node in items.nodes:
            self.value("", node, around)

    def _fields(self, fields: Fields, around: Around) -> None:
        stands = deployed(fields, self.known)
        if isinstance(stands, Off):
            self._leave_out(fields)
            return
        if isinstance(stands, Depends):
            around = replace(around, doubt=around.doubt or stands.why)
        for entry in fields.entries:
            self.entry(entry, around)

    def _guarded(self, key: str, node: Guarded, around: Around) -> None:
        if isinstance(node.condition, Unclear):
            self._unclear("", node.condition)
        if node.loops:
            self.value(key, node.inner, _doubted(around, "for"))
            return
        stands = decided(node.condition, self.known, "if")
        if isinstance(stands, Off):
            self._leave_out(node.inner)
        elif isinstance(stands, Depends):
            self.value(key, node.inner, replace(around, doubt=around.doubt or stands.why))
        else:
            self.value(key, node.inner, around)

    def _leave_out(self, node: Node) -> None:
        """Remark what is off, where it holds anything that concerns a purge."""
        trial = _Reader(Findings(), self.known, self.given)
        for entry in node.entries if isinstance(node, Fields) else ():
            trial.entry(entry, NOWHERE)
        if not isinstance(node, Fields):
            trial.value("", node, NOWHERE)
        if trial.found.size:
            self.found.leave_out(f"what begins on line {node.line}")

    def _name(self, key: str, node: Name, around: Around) -> None:
        inner = self.known.node(node.text)
        self.known.look(node.text, around.depth)
        if node.text in self.given:
            self._text(key, Text(self.given[node.text], node.line), around)
        elif inner is not None:
            before = self.found.size
            self.value(key, inner, replace(around, depth=around.depth + 1))
            if self.found.size > before:
                self._note_defaults(node)
        elif key == "schedule":
            self.found.note(f"the schedule comes from {node.text}, which has no value here")
        elif key in _TASKS:
            self.found.wrong(f"line {node.line}", shown(node.text), wanted_value(node.text, {}))

    def _note_defaults(self, node: Node) -> None:
        """Say which values are only defaults: whoever deploys may set others."""
        for name in sorted(set(self.known.open_names(node))):
            if (value := self.known.value(name)) is not None:
                self.found.note(
                    f"{name} is taken as {shown(value)}; --set {name}=... if it is set otherwise"
                )

    def _unclear(self, key: str, node: Unclear) -> None:
        if mentions(self.known, node):
            self.found.wrong(f"line {node.line}", shown(node.source.strip()), _EXPECTED)
        elif key in _TASKS:
            self.found.leave_out(f"line {node.line}: {shown(node.source)}", "is not followed")

    def _encoded(self, node: Encoded, around: Around) -> None:
        """Read an object that is written out as a task, or as a resource."""
        for unclear in unclear_in(node.inner):
            self._unclear("", unclear)
        value = Plain(self.known, self.known.text).of(node.inner)
        before = self.found.size
        read_values(value, f"line {node.line}", self.found, self.given, around)
        if self.found.size > before:
            self._note_defaults(node)

    def _text(self, key: str, node: Text, around: Around) -> None:
        text = self.known.text(node) or ""
        before = self.found.size
        if key == "schedule" and around.doubt is not None:
            self.found.note(f"the schedule of line {node.line} depends: {around.doubt}")
        elif key == "schedule":
            self.found.schedules.append(FoundSchedule(text, f"line {node.line}"))
        elif key in _FILES:
            self.found.leave_out(f"line {node.line}: the file {shown(text)}", NOT_READ)
        elif key not in _FOR_PEOPLE:
            self._task(key, text, node, around)
        if self.found.size > before:
            self._note_defaults(node)

    def _task(self, key: str, text: str, node: Text, around: Around) -> None:
        """Read a text that may be a task, or a script."""
        place = f"line {node.line}"
        task = decoded_task(text) if key in _TASKS else None
        if task is not None:
            read_tree(task, place, self.found, self.given, around)
        elif not mentions_purge(text):
            return
        elif not node.exact:
            self.found.wrong(place, shown(text.strip()), _EXPECTED)
        elif key in _TASKS or re.search(r"^\s*steps\s*:", text, re.MULTILINE):
            read_tree(text, place, self.found, self.given, around)
        else:
            read_shell(text, place, self.found, self.given, around)


def _doubted(around: Around, why: str) -> Around:
    return replace(around, doubt=around.doubt or f"{CONDITION} ({why})")
