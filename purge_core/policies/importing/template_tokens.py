"""The literal texts of a Terraform or Bicep file, with the name that each is given."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from textwrap import dedent
from typing import Final

_BLOCK_COMMENT: Final = r"/\*.*?\*/"
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}
_FUNCTIONS: Final = r"(?:(?:base64encode|base64|trimspace|chomp|trim|string)\s*\(\s*)*"
_KEY: Final = re.compile(
    r"(?:\b(?:var|param)[ \t]+)?\b(?P<key>[A-Za-z_][\w-]*)(?:[ \t]+\w+)?[ \t]*[=:]\s*"
    + _FUNCTIONS
    + r"\Z"
)
_ALONE: Final = re.compile(r"[ \t]*(?:[)}\],\r\n]|\Z|#|//)")


class Language(Enum):
    """Which of the two."""

    TERRAFORM = "terraform"
    BICEP = "bicep"


_TOKENS: Final = {
    Language.TERRAFORM: re.compile(
        rf"(?P<comment>#[^\n]*|//[^\n]*|{_BLOCK_COMMENT})"
        r"|<<[-~]?(?P<tag>\w+)[ \t]*\r?\n(?P<raw>.*?)\n?^[ \t]*(?P=tag)\b"
        r'|"(?P<quoted>(?:\\.|\$\{[^{}]*\}|[^"\\\n])*)"',
        re.DOTALL | re.MULTILINE,
    ),
    Language.BICEP: re.compile(
        rf"(?P<comment>//[^\n]*|{_BLOCK_COMMENT})"
        r"|(?P<dollar>\$*)'''\r?\n?(?P<raw>.*?)'''"
        r"|'(?P<quoted>(?:\\.|\$\{[^{}]*\}|[^'\\\n])*)'",
        re.DOTALL,
    ),
}


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal text. ``key``: the name that it is given.

    ``None``: it is part of an expression, so the text alone says nothing.
    """

    text: str
    line: int
    key: str | None


def literals(source: str, language: Language) -> Iterator[Literal]:
    """Yield the literal texts that are in no comment, escapes resolved."""
    for match in _TOKENS[language].finditer(source):
        if match["comment"] is None:
            raw = match["raw"]
            text = _unescaped(match["quoted"]) if raw is None else dedent(raw)
            line = source.count("\n", 0, match.start()) + 1
            yield Literal(text, line, None if _is_verbatim(match) else _key(source, match))


def _is_verbatim(match: re.Match[str]) -> bool:
    """Whether what looks like a value of Bicep stands for itself, and so means something else.

    Only ``$'''`` puts values into a text of several lines.
    Source: https://learn.microsoft.com/azure/azure-resource-manager/bicep/data-types
    """
    groups = match.groupdict()
    return groups.get("dollar", "$") != "$" and "${" in (groups["raw"] or "")


def without_comments(source: str, language: Language) -> str:
    """Give the source with its comments emptied and its literals as they are."""
    return _TOKENS[language].sub(
        lambda match: "" if match["comment"] is not None else match[0], source
    )


def _key(source: str, match: re.Match[str]) -> str | None:
    """Find the name in ``key = "text"``, where nothing else shares the expression."""
    head = source[max(0, match.start() - 300) : match.start()]
    named = _KEY.search(head)
    if named is None or not _ALONE.match(source, match.end()):
        return None
    chosen = "?" in head[: named.start()].rpartition("\n")[2]
    return None if chosen else named["key"]


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text, flags=re.DOTALL)
