"""YAML and JSON: the file of an ACR Task, ``az acr task show``, a workflow or a pipeline.

Whatever the document is, what matters stands under the same keys: ``cmd`` (a step of a
task), ``encodedTaskContent`` (a whole task), ``schedule`` and ``cron``; every other text
that mentions ``acr purge`` is a script.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from purge_core.errors import PolicyError
from purge_core.policies.importing.findings import (
    Findings,
    FoundLine,
    FoundSchedule,
    mentions_purge,
)
from purge_core.policies.importing.purge_words import is_program, purge_words, split_command
from purge_core.policies.importing.shell import read_shell
from purge_core.policies.importing.variables import Values, expanded
from purge_core.policies.yaml_text import read_yaml, step
from purge_core.wording import shown

_TASK: Final = re.compile(r"/registries/(?P<registry>[^/]+)/tasks/", re.IGNORECASE)
_NAMES: Final = frozenset({"name", "description", "title", "displayName", "summary", "image"})
"""Keys whose text runs nothing."""

_ENVIRONMENTS: Final = frozenset({"env", "variables"})


def read_tree(text: str, where: str, found: Findings, given: Values) -> None:
    """Read a document; ``where`` names it, and is empty for the whole text."""
    try:
        value = read_yaml(text).value
    except PolicyError as error:
        prefix = f"{where}, " if where else ""
        found.problems.extend(replace(p, path=prefix + p.path) for p in error.problems)
        return
    values = {**_single(_values(value)), **given}
    _Reader(found, values, given, where).walk(value, "", None)


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
    values: Values
    given: Values
    where: str

    def walk(self, value: object, path: str, registry: str | None) -> None:
        """Read a value and all in it."""
        if isinstance(value, Mapping):
            task = _registry(value)
            if _is_off(value, task):
                self.found.note(f"{shown(str(value.get('name', path)))} is off, and left out")
                return
            self._condition(value, path)
            self._container(value, path)
            for key, inner in value.items():
                self._entry(str(key), inner, step(path, str(key)), task or registry)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                self._entry("", inner, step(path, index), registry)

    def _condition(self, value: Mapping[object, object], path: str) -> None:
        """Refuse what may not run, where a line stands in it."""
        for key in map(str, value):
            asks = key in {"if", "condition", "enabled"} or re.match(r"\$\{\{\s*if\b", key)
            if asks and value.get(key) is not True and mentions_purge(str(value)):
                place = f"{self.where}, {step(path, key)}" if self.where else step(path, key)
                wanted = "lines that all run: import those of each case by themselves"
                self.found.wrong(place, "a line that runs only under a condition", wanted)

    def _container(self, value: Mapping[object, object], path: str) -> None:
        """Read a container whose image is acr's, as in a CronJob of Kubernetes."""
        image = value.get("image")
        if not isinstance(image, str) or not is_program(image):
            return
        lists = [value.get(key) for key in ("command", "args")]
        given = [str(word) for each in lists if isinstance(each, list) for word in each]
        words = [expanded(word, self.values) for word in given]
        place = f"{self.where}, {path}" if self.where else path
        if words and is_program(words[0]):
            del words[0]
        if words[:1] == ["purge"]:
            self.found.note(f"the program {shown(image)} is read as acr")
            self.found.lines.append(FoundLine(tuple(words[1:]), place))
        else:
            self.found.wrong(place, shown(" ".join(words)), "purge --filter ... as its args")

    def _entry(self, key: str, value: object, path: str, registry: str | None) -> None:
        if not isinstance(value, str):
            self.walk(value, path, registry)
            return
        place = f"{self.where}, {path}" if self.where else path
        if key == "cmd":
            self._step(value, place, registry)
        elif key == "encodedTaskContent":
            self._encoded(value, place, registry)
        elif key in {"schedule", "cron"}:
            self.found.schedules.append(FoundSchedule(value, place, unix=key == "cron"))
        elif key not in _NAMES and mentions_purge(value):
            read_shell(expanded(value, self._dotted()), place, self.found, self.given, self.values)

    def _dotted(self) -> dict[str, str]:
        """Give what a workflow replaces before a shell sees the script."""
        return {name: value for name, value in self.values.items() if "." in name}

    def _step(self, text: str, place: str, registry: str | None) -> None:
        """Read the ``cmd`` of a task's step."""
        command = expanded(text, self.values)
        try:
            purge = purge_words(split_command(command))
        except ValueError as error:
            self.found.wrong(place, shown(command), f"closed quotes ({error})")
            return
        if purge is not None:
            if purge.program != "acr":
                self.found.note(f"the program {shown(purge.program)} is read as acr")
            self.found.lines.append(FoundLine(purge.words, place, registry))
        elif mentions_purge(command):
            self.found.wrong(place, shown(command), "acr purge --filter ..., and nothing around it")
        else:
            self.found.note(f"{place}: {shown(command)} is no purge, and left out")

    def _encoded(self, text: str, place: str, registry: str | None) -> None:
        """Read a whole task within a document."""
        task = decoded_task(text)
        if task is None:
            wanted = "a task in base64, as `az acr task show` prints it (import its YAML instead)"
            self.found.wrong(place, shown(text), wanted)
            return
        before = len(self.found.lines)
        read_tree(task, place, self.found, self.values)
        for index in range(before, len(self.found.lines)):
            line = self.found.lines[index]
            self.found.lines[index] = replace(line, registry=registry)


def _registry(value: Mapping[object, object]) -> str | None:
    """Find the registry in the resource id that ``az acr task show`` prints."""
    text = value.get("id")
    match = _TASK.search(text) if isinstance(text, str) else None
    return match["registry"] if match else None


def _is_off(value: Mapping[object, object], task: str | None) -> bool:
    """Whether nothing in it runs: a task or a CronJob that is suspended."""
    return (task is not None and value.get("status") == "Disabled") or value.get("suspend") is True


def _single(pairs: Iterator[tuple[str, str]]) -> dict[str, str]:
    """Keep the variables that have one value: which of several holds is not known here."""
    known: dict[str, set[str]] = {}
    for name, text in pairs:
        known.setdefault(name, set()).add(text)
    return {name: texts.pop() for name, texts in known.items() if len(texts) == 1}


def _values(value: object) -> Iterator[tuple[str, str]]:
    """Yield the variables that a document sets, by all the names they are called."""
    if isinstance(value, list):
        for inner in value:
            yield from _values(inner)
    if not isinstance(value, Mapping):
        return
    for key, inner in value.items():
        if key in _ENVIRONMENTS and isinstance(inner, Mapping):
            for name, text in _texts(inner):
                yield from ((name, text), (f"{key}.{name}", text))
        elif key == "alias" and isinstance(inner, Mapping):
            aliases = inner.get("values")
            yield from _texts(aliases if isinstance(aliases, Mapping) else {})
        else:
            yield from _values(inner)


def _texts(values: Mapping[object, object]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, str | int) and not isinstance(value, bool):
            yield str(name), str(value)
