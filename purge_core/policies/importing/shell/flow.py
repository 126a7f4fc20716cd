"""Whether a command of a script runs for sure, and what it sets stays.

Too much is doubted rather than too little: a line that is doubted has to be imported alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from purge_core.policies.importing.shell.words import Command, Word

CONDITION: Final = "a line that runs only under a condition"
OPENING: Final = frozenset({"if", "case", "while", "until", "for", "select", "switch", "catch"})
CLOSING: Final = frozenset({"fi", "esac", "done"})
WORDS: Final = frozenset({"then", "else", "elif", "do", "{", "}", "function"})
_LEAVING: Final = frozenset({"exit", "return", "break", "continue", "throw", "goto", "exec"})
_ASKING: Final = frozenset({"test", "[", "[[", "false", "grep", "egrep", "diff", "cmp"})
"""Commands that ask: by themselves they only make sense where a failure ends the script."""

_QUIET: Final = re.compile(r"-[a-zA-Z]*q\w*|--quiet|--silent|-s")
_NEVER_CLOSED: Final = 1000
"""A body that does not stand in braces: where it ends is not looked for."""

_HARMLESS: Final = (
    ("cd",),
    ("echo",),
    ("set",),
    ("true",),
    (":",),
    ("acr", "purge"),
    ("az", "login"),
    ("az", "account", "set"),
    ("az", "acr", "login"),
    ("az", "acr", "run"),
    ("az", "acr", "task", "create"),
)
"""Commands that nobody asks a question with: whether they succeed is no condition."""


@dataclass(slots=True)
class _Place:
    """What encloses a command, and what came before it."""

    conditions: int = 0
    functions: int = 0
    brackets: int = 0
    chained: bool = False
    left: str | None = None
    asked: str | None = None
    before: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Flow:
    """Where in a script its reader is."""

    at: _Place = field(default_factory=_Place)

    def enter(self, step: Command) -> tuple[Word, ...]:
        """Take the next command; give it without the words that only shape the script."""
        self._asked(step)
        self._chain(step)
        self._group(step)
        words = step.words
        while words and words[0].text in WORDS | OPENING | CLOSING:
            self._shape(words)
            words = words[1:]
        self._leaving(step, words)
        self._asks(step, words)
        self.at.before = tuple(word.text for word in words)
        return words

    def doubt(self) -> str | None:
        """Say why the command perhaps does not run; ``None``: it does."""
        if self.at.functions:
            return "a line in a function"
        if self.at.conditions or self.at.chained:
            return CONDITION
        return self.at.left

    def _asks(self, step: Command, words: Sequence[Word]) -> None:
        """Remember a command that asks something without a word that makes it a condition."""
        texts = [word.text for word in words]
        chained = {"&&", "||"} & set(step.operators)
        if not texts or texts[0] not in _ASKING or len(texts) < len(step.words) or chained:
            return
        if texts[0] in {"test", "[", "[[", "false"} or any(map(_QUIET.fullmatch, texts)):
            self.at.asked = f"a line that {texts[0]} of line {step.line} may leave out"

    def _asked(self, step: Command) -> None:
        """See what follows a command that asks: unless that is a condition, it may end all."""
        if self.at.asked is not None and not {"&&", "||", "|"} & set(step.operators[:1]):
            self.at.left = self.at.left or self.at.asked
        self.at.asked = None

    def _chain(self, step: Command) -> None:
        if {"&&", "||"} & set(step.operators):
            harmless = any(self.at.before[: len(each)] == each for each in _HARMLESS)
            self.at.chained = self.at.chained or "||" in step.operators or not harmless
        elif step.operator not in {"|", "(", ")"} or ";" in "".join(step.operators):
            self.at.chained = False

    def _group(self, step: Command) -> None:
        operators = "".join(step.operators)
        first, last = step.words[0].text, step.words[-1].text
        if self.at.chained and ("(" in operators or first == "{"):
            self.at.conditions += 1  # its end is not looked for: all that follows is doubted
        if ("()" in operators and first != "{") or (first == "function" and last != "{"):
            self.at.functions += _NEVER_CLOSED
        elif (
            "()" in operators or first == "function" or (self.at.functions and "{" in {first, last})
        ):
            self.at.functions += 1
        self.at.brackets = max(0, self.at.brackets + operators.count("(") - operators.count(")"))

    def _shape(self, words: Sequence[Word]) -> None:
        word = words[0].text
        if word in OPENING:
            self.at.conditions += 1
        elif word in CLOSING:
            self.at.conditions = max(0, self.at.conditions - 1)
        elif word == "}" and self.at.functions:
            self.at.functions -= 1

    def _leaving(self, step: Command, words: Sequence[Word]) -> None:
        if not words or words[0].text not in _LEAVING:
            return
        failed = any(self.at.before[: len(each)] == each for each in _HARMLESS)
        code = [word.text for word in words[1:]]
        if step.operators == ("||",) and failed and words[0].text == "exit" and code == ["1"]:
            return
        self.at.left = f"a line that {words[0].text} of line {step.line} may leave out"
