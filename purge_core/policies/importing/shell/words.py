"""A shell script as commands and words, each word with what in it may be expanded.

Enough of the POSIX shell, and of PowerShell's line continuation, to tell what a command is
given: quotes, escapes, comments, operators, substitutions.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from operator import itemgetter
from typing import Final

_OPERATORS: Final = re.compile(r"&&|\|\||;;|(?<![<>])&(?!>)|[;|()\n]")
_CONTINUED: Final = re.compile(r"[\\`]\r?\n")
_REDIRECTION: Final = re.compile(r"[0-9&]?(?:>>?|<{1,3})(?P<target>.*)", re.DOTALL)
_BRACES: Final = re.compile(r"(?<![$}])\{[^{}\s]*(?:,|\.\.)[^{}\s]*\}")
_CLOSING: Final = {"{": "}", "(": ")"}


class Quoting(Enum):
    """What a shell does with a part of a word."""

    LITERAL = "literal"
    EXPANDED = "expanded"
    SPLIT = "expanded, and split at white space"


@dataclass(frozen=True, slots=True)
class Word:
    """A word in parts, as written; its quotes are gone."""

    parts: tuple[tuple[str, Quoting], ...]

    @property
    def text(self) -> str:
        """The word as it is written, nothing expanded."""
        return "".join(text for text, _ in self.parts)


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command; ``operators`` are those before it, ``line`` counts from 1."""

    words: tuple[Word, ...]
    line: int
    operators: tuple[str, ...]

    @property
    def operator(self) -> str:
        """The last of them, or a line break."""
        return self.operators[-1] if self.operators else "\n"


def without_redirections(words: Sequence[Word]) -> list[Word]:
    """Leave out where a command's output goes, and what its input comes from."""
    kept: list[Word] = []
    rest = iter(words)
    for word in rest:
        head = word.parts[0] if word.parts else ("", Quoting.LITERAL)
        match = _REDIRECTION.fullmatch(head[0]) if head[1] is Quoting.SPLIT else None
        if match is None:
            kept.append(word)
        elif not match["target"] and len(word.parts) == 1:
            next(rest, None)
    return kept


def has_braces(word: Word) -> bool:
    """Whether a shell makes several words of one: ``{web,cart}``, ``{1..3}``."""
    return any(how is Quoting.SPLIT and _BRACES.search(text) for text, how in word.parts)


def commands(script: str) -> Iterator[Command]:
    """Yield the commands of a script in their order.

    Raises:
        ValueError: a quote or a bracket is not closed; says on which line it opens.

    """
    scanner = _Scanner(script)
    operators: list[str] = []
    while scanner.position < len(script):
        line = scanner.line
        words = tuple(scanner.words())
        if words:
            yield Command(words, line, tuple(operators))
            operators = []
        if (operator := scanner.operator()) is not None:
            operators.append(operator)


@dataclass(slots=True)
class _Scanner:
    """A position in a script."""

    script: str
    position: int = 0
    parts: list[tuple[str, Quoting]] = field(default_factory=list)

    @property
    def line(self) -> int:
        """The line of the next thing that is no white space."""
        rest = self.script[self.position :]
        ahead = len(rest) - len(rest.lstrip())
        return self.script.count("\n", 0, self.position + ahead) + 1

    def operator(self) -> str | None:
        """Take the operator that stands here."""
        match = _OPERATORS.match(self.script, self.position)
        self.position = match.end() if match else self.position
        return match[0] if match else None

    def words(self) -> Iterator[Word]:
        """Take the words up to the next operator."""
        while self.position < len(self.script):
            self._skip_blanks()
            if self.position >= len(self.script) or _OPERATORS.match(self.script, self.position):
                return
            yield self._word()

    def _skip_blanks(self) -> None:
        while self.position < len(self.script):
            if match := _CONTINUED.match(self.script, self.position):
                self.position = match.end()
            elif self.script[self.position] in " \t\r":
                self.position += 1
            elif self.script[self.position] == "#":
                end = self.script.find("\n", self.position)
                self.position = len(self.script) if end < 0 else end
            else:
                return

    def _word(self) -> Word:
        self.parts = []
        while self.position < len(self.script):
            character = self.script[self.position]
            if match := _CONTINUED.match(self.script, self.position):
                self.position = match.end()
            elif character in " \t\r" or _OPERATORS.match(self.script, self.position):
                break
            elif character == "'":
                self._single()
            elif character == '"':
                self._double()
            else:
                self._bare()
        return Word(tuple(_merged(self.parts)))

    def _single(self) -> None:
        end = self.script.find("'", self.position + 1)
        if end < 0:
            raise self._open("'")
        self.parts.append((self.script[self.position + 1 : end], Quoting.LITERAL))
        self.position = end + 1

    def _double(self) -> None:
        start = self.position
        self.position += 1
        self.parts.append(("", Quoting.EXPANDED))
        while self.script[self.position : self.position + 1] != '"':
            if self.position >= len(self.script):
                self.position = start
                raise self._open('"')
            self._one(Quoting.EXPANDED, escapable='$`"\\')
        self.position += 1

    def _bare(self) -> None:
        self._one(Quoting.SPLIT, escapable=None)

    def _one(self, quoting: Quoting, *, escapable: str | None) -> None:
        """Take one character, one escape or one reference."""
        character = self.script[self.position]
        following = self.script[self.position + 1 : self.position + 2]
        if match := _CONTINUED.match(self.script, self.position):
            self.position = match.end()
        elif character == "\\" and following and (escapable is None or following in escapable):
            self.parts.append((following, Quoting.LITERAL))
            self.position += 2
        elif character == "$" and following and following in _CLOSING:
            self._bracketed(quoting, following)
        else:
            self.parts.append((character, quoting))
            self.position += 1

    def _bracketed(self, quoting: Quoting, opening: str) -> None:
        """Take ``${...}`` or ``$(...)`` whole, whatever is nested in it."""
        start, depth = self.position, 0
        for end in range(start + 1, len(self.script)):
            depth += (self.script[end] == opening) - (self.script[end] == _CLOSING[opening])
            if depth == 0:
                self.parts.append((self.script[start : end + 1], quoting))
                self.position = end + 1
                return
        raise self._open(f"${opening}")

    def _open(self, what: str) -> ValueError:
        return ValueError(f"line {self.line}: {what} is not closed")


def _merged(parts: list[tuple[str, Quoting]]) -> Iterator[tuple[str, Quoting]]:
    """Join neighbours of one kind, so that a reference is in one piece."""
    for quoting, group in groupby(parts, key=itemgetter(1)):
        yield "".join(text for text, _ in group), quoting
