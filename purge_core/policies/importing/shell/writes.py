"""The names that a script writes in ways whose value is not followed here.

Such a name has no value for the whole script: when it is written, and whether, is unknown.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from purge_core.policies.importing.shell.words import Command

_WRITERS: Final = frozenset(
    {"read", "mapfile", "readarray", "let", "unset", "getopts", "eval", "declare", "typeset"}
    | {"readonly", "local", "export", "printf", "select", "Set-Variable", "Remove-Variable"}
)
_WITH_OPTIONS: Final = frozenset({"declare", "typeset", "readonly", "local", "export", "printf"})
"""Commands that only with an option write otherwise than an assignment does."""

_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ASSIGNED: Final = re.compile(r"([A-Za-z_]\w*)\+?=", re.ASCII)
_ARITHMETIC: Final = re.compile(r"\(\((?P<inside>.*?)\)\)", re.DOTALL)
_DEFAULTED: Final = re.compile(r"\$\{(?P<name>[A-Za-z_]\w*):?=")
_POWERSHELL: Final = re.compile(
    r"\$(?:\w+:)?(?P<name>\w+)[ \t]*(?:[-+*/%?]{0,2}=(?!=)|\+\+|--(?!\w))"
)
_TYPED: Final = re.compile(r"\][ \t]*\$(?:\w+:)?(?P<name>\w+)[ \t]*=")
_PLAIN: Final = re.compile(r"^[ \t]*\$(?:env:)?(?P<name>\w+)[ \t]+=[ \t]", re.MULTILINE)


def untold_writes(script: str, steps: Sequence[Command]) -> frozenset[str]:
    """Find the names; too many rather than too few."""
    names = {name for step in steps for name in _of_command(step)}
    for match in _ARITHMETIC.finditer(script):
        names.update(_NAME.findall(match["inside"]))
    names.update(match["name"] for match in _DEFAULTED.finditer(script))
    return frozenset(names | set(_of_powershell(script)))


def _of_command(step: Command) -> Iterator[str]:
    texts = [word.text for word in step.words]
    starts = [index for index, text in enumerate(texts) if text in _WRITERS]
    for start in starts:
        rest = texts[start + 1 :]
        optional = texts[start] in _WITH_OPTIONS
        if optional and not any(re.match(r"-[A-Za-z]", text) for text in rest):
            continue
        for text in rest:
            yield from _ASSIGNED.findall(text) if texts[start] == "eval" else _NAME.findall(text)


def _of_powershell(script: str) -> Iterator[str]:
    """Yield what is not written as ``$name = value``, or in two spellings of one name."""
    plain = Counter(match["name"] for match in _PLAIN.finditer(script))
    every = Counter(match["name"] for match in _POWERSHELL.finditer(script))
    every.update(match["name"] for match in _TYPED.finditer(script))
    spellings = Counter(name.lower() for name in plain)
    doubtful = {name.lower() for name in every if every[name] > plain[name]}
    doubtful |= {name for name, count in spellings.items() if count > 1}
    yield from (name for name in {*plain, *every} if name.lower() in doubtful)
