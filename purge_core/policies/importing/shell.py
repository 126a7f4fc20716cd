"""A shell script, or a single line of one, read for the ``acr purge`` lines that it runs.

Assignments, loops over written-out lists, ``az acr run`` and ``az acr task create`` are
followed. What a command computes, or what depends on a condition, has no value here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from purge_core.policies.importing.az_command import AzCommand, read_az
from purge_core.policies.importing.findings import (
    NOWHERE,
    Around,
    Findings,
    FoundLine,
    FoundSchedule,
    mentions_purge,
)
from purge_core.policies.importing.purge_words import purge_words, split_command
from purge_core.policies.importing.shell_flow import WORDS, Flow
from purge_core.policies.importing.shell_scope import Scope, assigned_names, assignments
from purge_core.policies.importing.shell_text import code_of
from purge_core.policies.importing.shell_words import (
    Command,
    Word,
    commands,
    without_redirections,
)
from purge_core.policies.importing.shell_writes import untold_writes
from purge_core.policies.importing.variables import (
    Values,
    defaults,
    expanded,
    references,
    wanted_value,
)
from purge_core.wording import shown

_LOOPS: Final = frozenset({"for", "while", "until", "select"})
_DECLARING: Final = frozenset({"export", "local", "readonly", "declare", "typeset"})
_SHOWING: Final = frozenset({"echo", "printf", ":", "Write-Host", "Write-Output", "unset", "test"})
"""Commands that run nothing of what they are given."""

_SUBSTITUTED: Final = re.compile(r"\$\(.*\)|`.*`", re.DOTALL)

_MOST_ROUNDS: Final = 1000
"""Rounds of all loops of a script together."""

_OVER: Final = 2
"""The words of a loop begin with ``for NAME in``."""


def read_shell(
    script: str, where: str, found: Findings, given: Values, around: Around = NOWHERE
) -> None:
    """Find the lines of a script; ``where`` names it, and is empty for the whole text.

    ``given`` values win over those that the script sets, and these over those ``around`` it.
    """
    try:
        code = code_of(script)
        all_commands = tuple(commands(code))
    except ValueError as error:
        found.wrong(where or "script", str(error), "a script whose quotes are closed")
        return
    for name, value in defaults(code):
        if name not in given and name not in around.reasons:
            found.note(
                f"{name} is taken as {shown(value)}; --set {name}=... if it is set otherwise"
            )
    scope = Scope(given, dict(around.values), dict(around.reasons))
    scope.refuse(untold_writes(code, all_commands))
    _Reader(found, where, scope, around).run(all_commands)


@dataclass(slots=True)
class _Reader:
    """Goes through commands in their order, with the variables that they set."""

    found: Findings
    where: str
    scope: Scope
    around: Around
    flow: Flow = field(default_factory=Flow)
    tasks: set[str] = field(default_factory=set)
    rounds: int = 0

    def run(self, steps: Sequence[Command]) -> None:
        """Follow commands; a loop is followed once for each of its values."""
        index = 0
        while index < len(steps):
            step = steps[index]
            if step.words and step.words[0].text == "for":
                end = _end_of_loop(steps, index)
                self._loop(step, steps[index + 1 : end])
                index = end
            else:
                following = steps[index + 1].operators if index + 1 < len(steps) else ()
                self._step(step, piped="|" in {*step.operators, *following[:1]})
            index += 1

    def _loop(self, head: Command, body: Sequence[Command]) -> None:
        names = [word.text for word in head.words[1:2]]
        values = self.scope.items(head.words[_OVER + 1 :])
        for name in names if not values else ():
            over = " ".join(word.text for word in head.words[_OVER + 1 :])
            self.scope.forget(name, f"the loop of line {head.line} runs over {shown(over)}")
        if not values:
            self._forget_all_of(body, head)
            self.run(body)
            self._forget_all_of(body, head)
        for value in values:
            self.rounds += 1
            if self.rounds > _MOST_ROUNDS:
                self.found.wrong(self._place(head), "loops without end", "at most 1000 rounds")
                return
            self.scope.values.update((name, value) for name in names)
            self.run(body)

    def _forget_all_of(self, body: Sequence[Command], head: Command) -> None:
        """Forget what a loop sets that runs perhaps never, perhaps several times."""
        for name in {name for each in body for name in assigned_names(each.words)}:
            self.scope.forget(name, f"the loop of line {head.line} sets it")

    def _step(self, step: Command, *, piped: bool) -> None:
        words = self.flow.enter(step)
        if not words:
            return
        self._substituted(words, self._place(step))
        doubt = self.flow.doubt() or self.around.doubt
        declared = words[1:] if words[0].text in _DECLARING else words
        if piped or self.flow.at.brackets or self.flow.at.functions:
            self.scope.refuse(assigned_names(declared))
        if declared and self.scope.assign(declared, conditional=doubt is not None):
            return
        words = words[len(tuple(assignments(words))) :]
        if words[0].text in {".", "source"}:
            self.scope.forget_all(f"the file of line {step.line} may set it")
        self._command(words, self._place(step), doubt)

    def _substituted(self, words: Sequence[Word], place: str) -> None:
        """Refuse what runs inside of ``$(...)``: it is a script of its own."""
        for word in words:
            inside = _SUBSTITUTED.search(word.text)
            if inside is not None and mentions_purge(inside[0]):
                wanted = "the command by itself, outside of $(...)"
                self.found.wrong(place, shown(inside[0]), wanted)

    def _place(self, step: Command) -> str:
        line = f"line {step.line}"
        return f"{self.where}, {line}" if self.where else line

    def _command(self, words: Sequence[Word], place: str, doubt: str | None) -> None:
        kept = without_redirections(words)
        texts = [text for word in kept for text in self.scope.words(word)]
        if (purge := purge_words(texts)) is not None:
            self._told(purge.program)
            self._add(purge.words, place, None, doubt)
        elif (az := read_az(texts)) is not None:
            self._az(az, place, doubt)
        elif mentions_purge(" ".join(texts)) and texts[0] not in _SHOWING:
            self.found.wrong(place, shown(" ".join(texts)), _EXPECTED)

    def _az(self, az: AzCommand, place: str, doubt: str | None) -> None:
        if az.update and (az.name is None or az.name in self.tasks):
            wanted = "one command for each task: import what `az acr task show` prints"
            self.found.wrong(place, f"a task that is changed later ({az.name or '-'})", wanted)
        self.tasks.add(az.name or "")
        if az.off:
            self.found.leave_out(f"{place}: the task")
            return
        self.found.schedules.extend(FoundSchedule(text, place) for text in az.schedules)
        if az.command is None:
            if az.file is not None:
                self.found.note(f"{place}: the task's file {shown(az.file)} is not read; import it")
            return
        command = expanded(az.command, az.values, self.scope.reasons)
        try:
            purge = purge_words(split_command(command))
        except ValueError as error:
            self.found.wrong(f"{place}, --cmd", shown(command), f"closed quotes ({error})")
            return
        if purge is None:
            wanted = self._value_of_all(command) or _EXPECTED
            self.found.wrong(f"{place}, --cmd", shown(command), wanted)
            return
        self._told(purge.program)
        self._add(purge.words, place, az.registry, doubt)

    def _value_of_all(self, command: str) -> str | None:
        """Say what is wanted of a command that is only a variable."""
        names = [name for name, written in references(command) if written == command]
        return wanted_value(names[0], self.scope.reasons) if names else None

    def _told(self, program: str) -> None:
        if program != "acr":
            self.found.note(f"the program {shown(program)} is read as acr")

    def _add(
        self, words: tuple[str, ...], place: str, registry: str | None, doubt: str | None
    ) -> None:
        where = registry or self.around.registry
        line = FoundLine(words, place, where, dict(self.scope.reasons), doubt)
        self.found.lines.append(line)


_EXPECTED: Final = "acr purge --filter ..., by itself or as --cmd of az acr run or task create"


def _end_of_loop(steps: Sequence[Command], start: int) -> int:
    """Find the command that closes a loop; without one the script ends it."""
    depth = 0
    for index in range(start, len(steps)):
        firsts = [word.text for word in steps[index].words]
        while firsts and firsts[0] in WORDS:
            del firsts[0]
        depth += bool(firsts) and firsts[0] in _LOOPS
        depth -= bool(firsts) and firsts[0] == "done"
        if depth == 0:
            return index
    return len(steps)
