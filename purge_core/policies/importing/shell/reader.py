"""A shell script, or a single line of one, read for the ``acr purge`` lines that it runs.

Assignments, loops over written-out lists, ``az acr run`` and ``az acr task create`` are
followed. What a command computes, or what depends on a condition, has no value here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from purge_core.policies.importing.findings import (
    NOWHERE,
    Around,
    Findings,
    mentions_purge,
)
from purge_core.policies.importing.shell.flow import WORDS, Flow
from purge_core.policies.importing.shell.heres import unclear_heres
from purge_core.policies.importing.shell.lines import EXPECTED, Lines
from purge_core.policies.importing.shell.scope import VALUE, Scope, assigned_names, assignments
from purge_core.policies.importing.shell.text import code_of
from purge_core.policies.importing.shell.words import (
    Command,
    Word,
    commands,
    has_braces,
    without_redirections,
)
from purge_core.policies.importing.shell.writes import untold_writes
from purge_core.policies.importing.variables import Values, defaults
from purge_core.wording import shown

_LOOPS: Final = frozenset({"for", "while", "until", "select"})
_DECLARING: Final = frozenset({"export", "local", "readonly", "declare", "typeset"})
_SHOWING: Final = frozenset({"echo", "printf", ":", "Write-Host", "Write-Output", "unset", "test"})
"""Commands that run nothing of what they are given."""

_SUBSTITUTED: Final = re.compile(r"\$\(.*\)|`.*`", re.DOTALL)

_MOST_ROUNDS: Final = 1000
"""Rounds of all loops of a script together."""

_UNKNOWN: Final[tuple[list[str], ...]] = ([], ["purge"], ["acr"])
"""What may stand behind a program that only a variable names, so that it may be a purge."""

_OVER: Final = 2
"""The words of a loop begin with ``for NAME in``."""


def read_shell(
    script: str, where: str, found: Findings, given: Values, around: Around = NOWHERE
) -> Mapping[int, str | None]:
    """Find the lines of a script; ``where`` names it, and is empty for the whole text.

    Gives for each line on which a command begins why that perhaps does not run.

    ``given`` values win over those that the script sets, and these over those ``around`` it.
    """
    try:
        code = code_of(script)
        all_commands = tuple(commands(code))
    except ValueError as error:
        found.wrong(where or "script", str(error), "a script whose quotes are closed")
        return {}
    for name, value in defaults(code):
        if name not in given and name not in around.reasons:
            found.note(
                f"{name} is taken as {shown(value)}; --set {name}=... if it is set otherwise"
            )
    scope = Scope(given, dict(around.values), dict(around.reasons))
    scope.refuse(untold_writes(code, all_commands))
    reader = _Reader(found, where, scope, around, Lines(found, scope, around))
    for line, what in unclear_heres(script):
        found.wrong(reader.place(line), what, "its lines by themselves, outside of it")
    reader.run(all_commands)
    return reader.doubts


@dataclass(slots=True)
class _Reader:
    """Goes through commands in their order, with the variables that they set."""

    found: Findings
    where: str
    scope: Scope
    around: Around
    lines: Lines
    flow: Flow = field(default_factory=Flow)
    rounds: int = 0
    doubts: dict[int, str | None] = field(default_factory=dict)

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
                self.found.wrong(self.place(head.line), "loops without end", "at most 1000 rounds")
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
        self._substituted(words, self.place(step.line))
        doubt = self.flow.doubt() or self.around.doubt
        self.doubts.setdefault(step.line, doubt)
        declared = words[1:] if words[0].text in _DECLARING else words
        if piped or self.flow.at.brackets or self.flow.at.functions:
            self.scope.refuse(assigned_names(declared))
        if declared and self.scope.assign(declared, conditional=doubt is not None):
            if len(declared) > VALUE + 1 and declared[1].text == "=":  # PowerShell runs it
                self._command(declared[VALUE:], self.place(step.line), doubt, alone=False)
            return
        words = words[len(tuple(assignments(words))) :]
        if words[0].text in {".", "source"}:
            self.scope.forget_all(f"the file of line {step.line} may set it")
        alone = not piped and not self.flow.at.brackets and len(words) == len(step.words)
        self._command(words, self.place(step.line), doubt, alone=alone)
        if words[0].text == "eval":
            self.scope.forget_all(f"the eval of line {step.line} may set it")

    def _substituted(self, words: Sequence[Word], place: str) -> None:
        """Refuse what runs inside of ``$(...)``: it is a script of its own."""
        for word in words:
            inside = _SUBSTITUTED.search(word.text)
            if inside is not None and mentions_purge(inside[0]):
                wanted = "the command by itself, outside of $(...)"
                self.found.wrong(place, shown(inside[0]), wanted)

    def place(self, line: int) -> str:
        """Say where a line stands."""
        return f"{self.where}, line {line}" if self.where else f"line {line}"

    def _command(
        self, words: Sequence[Word], place: str, doubt: str | None, *, alone: bool
    ) -> None:
        kept = without_redirections(words)
        texts = [text for word in kept for text in self.scope.words(word)]
        if not texts:
            return
        if self.lines.take(texts, place, doubt):
            for braced in filter(has_braces, kept):
                wanted = "a word in quotes: a shell makes several words of this one"
                self.found.wrong(place, shown(braced.text), wanted)
        elif mentions_purge(" ".join(texts)) and texts[0] not in _SHOWING:
            self.found.wrong(place, shown(" ".join(texts)), EXPECTED)
        elif alone and texts[1:2] in _UNKNOWN:
            value = self.lines.value_of_all(texts[0])
            if value is not None:
                self.found.wrong(place, shown(" ".join(texts)), value)


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
