"""The variables of a script while it is read, and what a word becomes with them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from purge_core.policies.importing.shell.words import Quoting, Word, has_braces
from purge_core.policies.importing.variables import Values, expanded, references
from purge_core.wording import shown

_ASSIGNMENT: Final = re.compile(r"(?P<name>[A-Za-z_]\w*)(?P<more>\+?)=", re.ASCII)
_POWERSHELL: Final = re.compile(r"\$(?:env:)?(?P<name>\w+)", re.ASCII)
VALUE: Final = 2
"""Where the value stands in PowerShell's ``$name = value``."""

_COMPUTED: Final = re.compile(r"\$\([^()]*[\s(]|`")
"""A command with arguments. ``$(name)`` alone is Azure Pipelines' way to write a variable."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Values of variables, and for those that have none the reason.

    ``given`` come from whoever imports and win over the script.
    """

    given: Values
    values: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    """Variables of PowerShell, which never splits a value."""
    untold: set[str] = field(default_factory=set)
    """Variables that have no value, whatever is assigned to them."""

    def refuse(self, names: Iterable[str]) -> None:
        """Let variables have no value from now on."""
        for name in names:
            self.untold.add(name)
            self.forget(name, "the script writes it in a way that is not followed")

    def forget_all(self, why: str) -> None:
        """Let no variable have a value that it was set to before."""
        for name in tuple(self.values):
            self.forget(name, why)

    def words(self, word: Word) -> list[str]:
        """Give what a shell makes of a word: one, or several where it splits."""
        texts = [""]
        quoted = not word.parts
        for text, quoting in word.parts:
            if quoting is not Quoting.SPLIT:
                quoted = True
            pieces = self._pieces(text, quoting)
            texts[-1] += pieces[0]
            texts += pieces[1:]
        return texts if quoted else [text for text in texts if text]

    def text(self, word: Word) -> str:
        """Give what a word is where a shell does not split it."""
        return "".join(self._expanded(*part) for part in word.parts)

    def _pieces(self, text: str, quoting: Quoting) -> list[str]:
        value = self._expanded(text, quoting)
        named = {name for name, _ in references(text)}
        if quoting is not Quoting.SPLIT or value == text or named <= self.whole:
            return [value]
        return re.split(r"\s+", value)

    def _expanded(self, text: str, quoting: Quoting) -> str:
        if quoting is Quoting.LITERAL:
            return text
        values = {**self.values, **self.given}
        for name in self.whole:
            if f"${name}:" in text:  # PowerShell takes that for a drive
                values.pop(name, None)
        return expanded(text, values, self.reasons)

    def assign(self, words: tuple[Word, ...], *, conditional: bool) -> bool:
        """Take a command that assigns, and say whether it did."""
        if powershell := _powershell(words):
            first, *others = words[VALUE:]
            value = f"$({first.text} ...)" if others else self.text(first)
            self.whole.add(powershell)
            self._set(powershell, value, conditional=conditional)
            return True
        pairs = [_assigned(word) for word in words]
        if None in pairs:
            return False
        for name, more, word in filter(None, pairs):
            before = self.values.get(name, f"${{{name}}}") if more else ""
            self._set(name, before + self.text(word), conditional=conditional)
        return True

    def _set(self, name: str, value: str, *, conditional: bool) -> None:
        """Remember a value, unless a command computes it or it depends on a condition."""
        if name in self.untold:
            self.forget(name, "the script writes it in a way that is not followed")
        elif _COMPUTED.search(value):
            self.forget(name, f"it comes from {shown(value)}")
        elif conditional and self.values.get(name) != value:
            self.forget(name, "it depends on a condition")
        else:
            self.values[name] = value
            self.reasons.pop(name, None)

    def forget(self, name: str, why: str) -> None:
        """Let a variable have no value, and say why."""
        self.values.pop(name, None)
        self.reasons[name] = why

    def items(self, words: tuple[Word, ...]) -> list[str]:
        """Give the values that a loop runs over; none: a command computes them."""
        texts = [text for word in words for text in self.words(word)]
        unknown = any(True for text in texts for _ in references(text))
        unknown = unknown or any(map(has_braces, words))
        return [] if unknown or any("*" in text or "?" in text for text in texts) else texts


def assigned_names(words: tuple[Word, ...]) -> Iterator[str]:
    """Yield the names that a command assigns to."""
    if powershell := _powershell(words):
        yield powershell
    yield from (pair[0] for word in words if (pair := _assigned(word)) is not None)


def assignments(words: tuple[Word, ...]) -> Iterator[Word]:
    """Yield the words in front of a command that only set its environment."""
    for word in words:
        if _assigned(word) is None:
            return
        yield word


def _assigned(word: Word) -> tuple[str, bool, Word] | None:
    """Part ``NAME=value``; ``None``: it is no assignment."""
    if not word.parts or word.parts[0][1] is not Quoting.SPLIT:
        return None
    head, *rest = word.parts
    match = _ASSIGNMENT.match(head[0])
    if match is None:
        return None
    value = Word(((head[0][match.end() :], Quoting.SPLIT), *rest))
    return match["name"], bool(match["more"]), value


def _powershell(words: tuple[Word, ...]) -> str | None:
    """Give the name in ``$name = value``, as PowerShell assigns."""
    if len(words) <= VALUE or words[1].text != "=":
        return None
    match = _POWERSHELL.fullmatch(words[0].text)
    return match["name"] if match else None
