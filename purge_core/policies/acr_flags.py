"""The words of an ``acr purge`` command line, read as acr-cli (pflag) reads them.

``--ago 30d``, ``--ago=30d``, ``-r name``, ``-rname``, ``--untagged=false``; the last of
several counts. Nothing unknown is passed over.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from purge_core.errors import Problem
from purge_core.wording import shown

_NUMBER: Final = re.compile("-?(?:0|[1-9][0-9]{0,8})")
_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})


class _Kind(Enum):
    """What a flag takes."""

    VALUE = "value"
    SWITCH = "switch"
    CREDENTIAL = "credential"


_FLAGS: Final = {
    "registry": _Kind.VALUE,
    "filter": _Kind.VALUE,
    "ago": _Kind.VALUE,
    "keep": _Kind.VALUE,
    "filter-timeout-seconds": _Kind.VALUE,
    "concurrency": _Kind.VALUE,
    "repository-page-size": _Kind.VALUE,
    "untagged": _Kind.SWITCH,
    "untagged-only": _Kind.SWITCH,
    "dry-run": _Kind.SWITCH,
    "include-locked": _Kind.SWITCH,
    "verbose": _Kind.SWITCH,
    "username": _Kind.CREDENTIAL,
    "password": _Kind.CREDENTIAL,
    "config": _Kind.CREDENTIAL,
}
_SHORT: Final = {
    "r": "registry",
    "f": "filter",
    "u": "username",
    "p": "password",
    "c": "config",
}
_IDENTITY: Final = (
    "no credentials here: the Azure identity that runs the purge decides what it may delete"
)


@dataclass(frozen=True, slots=True)
class FlagReader:
    """The values of the flags as they are read, and what is wrong with them."""

    values: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, path: str, found: str, expected: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(path, found, expected))

    def take(self, words: Iterable[str]) -> None:
        """Read all words of a command line after ``acr purge``."""
        rest = iter(words)
        for word in rest:
            if word.startswith("--") and len(word) > len("--"):
                name, equals, value = word[2:].partition("=")
                self._flag(f"--{name}", name, value if equals else None, rest)
            elif word.startswith("-") and word[1:2] in _SHORT:
                value = word[2:].removeprefix("=")
                self._flag(word[:2], _SHORT[word[1]], value if word[2:] else None, rest)
            elif word.startswith("-"):
                self.wrong(word[:2], "an unknown flag", _known())
            else:
                self.wrong("command", shown(word), "flags only (is a quote missing?)")

    def _flag(self, written: str, name: str, value: str | None, rest: Iterator[str]) -> None:
        """Read one flag; unless it is a switch, its value may be the next word."""
        kind = _FLAGS.get(name)
        if value is None:
            value = "true" if kind is _Kind.SWITCH else next(rest, None)
        if kind is None:
            self.wrong(written, "an unknown flag", _known())
        elif kind is _Kind.CREDENTIAL:
            self.wrong(written, "a credential", _IDENTITY)
        elif value is None:
            self.wrong(written, "nothing", "a value")
        else:
            self.values[name].append(value)

    def text(self, name: str) -> str | None:
        """Give the last value of a flag, which is the one that counts."""
        return self.values[name][-1] if self.values[name] else None

    def switch(self, name: str) -> bool:
        """Give a flag that is on or off."""
        value = self.text(name)
        if value is not None and value not in _TRUE | _FALSE:
            self.wrong(f"--{name}", shown(value), "true or false")
        return value in _TRUE

    def number(self, name: str, default: int) -> int:
        """Give a flag that is a whole number."""
        value = self.text(name)
        if value is None:
            return default
        if _NUMBER.fullmatch(value) is None:
            self.wrong(f"--{name}", shown(value), "a whole number of at most nine digits")
            return default
        return int(value)


def _known() -> str:
    supported = [f"--{name}" for name, kind in _FLAGS.items() if kind is not _Kind.CREDENTIAL]
    return f"one of {', '.join(supported)}"
