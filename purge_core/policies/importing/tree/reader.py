"""YAML and JSON: the file of an ACR Task, ``az acr task show``, a workflow or a pipeline.

Whatever the document is, what matters stands under the same keys: ``cmd`` (a step of a
task), ``encodedTaskContent`` (a whole task), ``schedule`` and ``cron``; every other text
that mentions ``acr purge`` is a script.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from purge_core.errors import PolicyError
from purge_core.policies.importing.findings import (
    MAX_DEPTH,
    NOT_READ,
    NOWHERE,
    Around,
    Findings,
    FoundLine,
    FoundSchedule,
    mentions_purge,
)
from purge_core.policies.importing.purge_words import is_program, purge_words, split_command
from purge_core.policies.importing.shell.reader import read_shell
from purge_core.policies.importing.tree.scope import SCHEDULES, entered
from purge_core.policies.importing.tree.scripts import joined
from purge_core.policies.importing.tree.standing import Off, standing
from purge_core.policies.importing.variables import NO_VALUES, Values, expanded
from purge_core.policies.yaml_text import ROOT, read_yaml, step
from purge_core.wording import shown

_NAMES: Final = frozenset({"name", "description", "title", "displayName", "summary", "image"})
"""Keys whose text runs nothing."""

_PLACED: Final = re.compile(r"\$\(([A-Za-z_][\w.-]*)\)")
"""The only way in which Kubernetes puts a variable into an argument."""

_PLACED_BEFORE: Final = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
"""What a workflow replaces; everything else is left to the shell."""

_MERGE: Final = "<<"
_EXPECTED: Final = "acr purge --filter ..., and nothing around it"


def read_tree(
    text: str, where: str, found: Findings, given: Values, around: Around = NOWHERE
) -> None:
    """Read a document; ``where`` names it, and is empty for the whole text."""
    if around.depth > MAX_DEPTH:
        wanted = f"at most {MAX_DEPTH}: import the innermost by itself"
        found.wrong(where.rpartition(", ")[0], f"texts within texts, {around.depth} deep", wanted)
        return
    try:
        value = read_yaml(text).value
    except PolicyError as error:
        prefix = f"{where}, " if where else ""
        found.problems.extend(replace(p, path=prefix + p.path) for p in error.problems)
        return
    if isinstance(value, Mapping | list):
        read_values(value, where, found, given, around)
    else:
        found.wrong(where or ROOT, shown(text.strip()), "a document with steps")


def read_values(
    value: object, where: str, found: Findings, given: Values, around: Around = NOWHERE
) -> None:
    """Read what a document holds, as plain values."""
    _Reader(found, given, where).walk(value, "", around)


def decoded_task(text: str) -> str | None:
    """Decode what Azure stores of a task's file; ``None``: it is no base64."""
    try:
        return b64decode(re.sub(r"\s", "", text), validate=True).decode()
    except (Base64Error, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Walks a document; a path is told with its place in front."""

    found: Findings
    given: Values
    where: str

    def walk(self, value: object, path: str, around: Around) -> None:
        """Read a value and all in it."""
        if isinstance(value, Mapping):
            self._mapping(value, path, around)
        elif isinstance(value, list) and not self._words(value, path, around):
            for index, inner in enumerate(value):
                self.entry("", inner, step(path, index), around)

    def _mapping(self, value: Mapping[object, object], path: str, around: Around) -> None:
        stands = standing(value)
        if isinstance(stands, Off):
            if self._holds(value, path, around):
                self.found.leave_out(shown(str(value.get("name", path))))
            return
        if stands is not None:
            around = replace(around, doubt=stands.why)
        around = entered(value, around, self.given)
        before = len(self.found.lines)
        contained = self._container(value, path, around)
        for key, inner in joined(value).items():
            if not (contained and key in {"command", "args"}):
                self.entry(str(key), inner, step(path, str(key)), _hidden(str(key), path, around))
        if _MERGE in value and len(self.found.lines) > before:
            place = self._place(step(path, _MERGE))
            self.found.wrong(place, "a merge key (<<)", "the keys themselves")

    def _holds(self, value: Mapping[object, object], path: str, around: Around) -> bool:
        """Whether anything that concerns a purge stands in a mapping."""
        trial = Findings()
        reader = _Reader(trial, self.given, self.where)
        for key, inner in value.items():
            reader.entry(str(key), inner, step(path, str(key)), around)
        return trial.size > 0

    def _place(self, path: str) -> str:
        return ", ".join(filter(None, (self.where, path))) or ROOT

    def _container(self, value: Mapping[object, object], path: str, around: Around) -> bool:
        """Read a container whose image is acr's, as in a CronJob of Kubernetes."""
        image = value.get("image")
        if not isinstance(image, str) or not is_program(image):
            return False
        given = [value.get(key) for key in ("command", "args")]
        lists = [each.split() if isinstance(each, str) else each for each in given]
        words = [str(word) for each in lists if isinstance(each, list) for word in each]
        if words and is_program(words[0]):
            del words[0]
        if words[:1] == ["purge"]:
            values = {**around.values, **self.given}
            words = [_PLACED.sub(lambda m: values.get(m[1], m[0]), word) for word in words[1:]]
            self._line(words, image, path, replace(around, values=NO_VALUES))
        else:
            wanted = "purge --filter ... as its args"
            self.found.wrong(self._place(path), shown(" ".join(words)), wanted)
        return True

    def _words(self, value: Sequence[object], path: str, around: Around) -> bool:
        """Read a list of words that are one command, and say whether it is one."""
        if any(isinstance(word, Mapping | list) for word in value):
            return False
        words = [str(word) for word in value]
        if not mentions_purge(" ".join(words)) or any(map(mentions_purge, words)):
            return False
        if (purge := purge_words(words)) is not None:
            self._line(purge.words, purge.program, path, around)
        else:
            self.found.wrong(self._place(path), shown(" ".join(words)), _EXPECTED)
        return True

    def _line(self, words: Sequence[str], program: str, path: str, around: Around) -> None:
        """Take the words after ``purge``, which no shell sees."""
        if program != "acr":
            self.found.note(f"the program {shown(program)} is read as acr")
        texts = tuple(expanded(word, {**around.values, **self.given}) for word in words)
        line = FoundLine(texts, self._place(path), around.registry, around.reasons, around.doubt)
        self.found.lines.append(line)

    def entry(self, key: str, value: object, path: str, around: Around) -> None:
        """Read a value by its key."""
        if not isinstance(value, str):
            self.walk(value, path, around)
        elif key == "cmd":
            self._step(value, path, around)
        elif key == "encodedTaskContent":
            self._encoded(value, path, around)
        elif key == "taskFilePath":
            self.found.leave_out(f"{self._place(path)}: the task's file {shown(value)}", NOT_READ)
        elif key in SCHEDULES:
            self._schedule(key, value, path, around)
        elif key not in _NAMES and mentions_purge(value):
            self._script(value, path, around)

    def _schedule(self, key: str, text: str, path: str, around: Around) -> None:
        values = {**around.values, **self.given}
        unix = key == "cron" or around.unix
        schedule = FoundSchedule(expanded(text, values), self._place(path), unix, around.zone)
        self.found.schedules.append(schedule)

    def _script(self, text: str, path: str, around: Around) -> None:
        """Read a script; a workflow puts values in before a shell sees it."""
        every = {**around.values, **self.given}
        script = _PLACED_BEFORE.sub(lambda m: every.get(m[1], m[0]), text)
        read_shell(script, self._place(path), self.found, self.given, around)

    def _step(self, text: str, path: str, around: Around) -> None:
        """Read the ``cmd`` of a task's step."""
        command = expanded(text, {**around.values, **self.given})
        place = self._place(path)
        try:
            purge = purge_words(split_command(command))
        except ValueError as error:
            self.found.wrong(place, shown(command), f"closed quotes ({error})")
            return
        if purge is not None:
            self._line(purge.words, purge.program, path, around)
        elif mentions_purge(command):
            self.found.wrong(place, shown(command), _EXPECTED)
        else:
            self.found.note(f"{place}: {shown(command)} is no purge, and left out")

    def _encoded(self, text: str, path: str, around: Around) -> None:
        """Read a whole task within a document; of its variables it knows only its own."""
        place = self._place(path)
        task = decoded_task(text)
        if task is None:
            wanted = "a task in base64, as `az acr task show` prints it (import its YAML instead)"
            self.found.wrong(place, shown(text), wanted)
            return
        own = {name: text for name, text in around.values.items() if name.startswith("Values.")}
        inner = replace(around, values=own, reasons={}, depth=around.depth + 1)
        read_tree(task, place, self.found, self.given, inner)


def _hidden(key: str, path: str, around: Around) -> Around:
    """Doubt what stands in a hidden job of GitLab: only the jobs that extend it run."""
    if path or not key.startswith("."):
        return around
    return replace(around, doubt=f"a line in a hidden job ({key})")
