"""Bicep's text in pieces.

A reader of our own, since the one that there is for Python (pycep) does not tell a string from a
name, nor heed the precedence of operators; it reads the same files as a second opinion.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from infra_check.problems import Fault


class Kind(Enum):
    """What a piece is."""

    WORD = "word"
    NUMBER = "number"
    TEXT = "text"
    """A string; its parts are pieces of text and pieces of source in turn."""
    MARK = "mark"
    LINE = "line"
    """The end of a line."""
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece. ``parts`` belong to a text: what is said, and the source of what is put in."""

    kind: Kind
    text: str
    line: int
    parts: tuple[str, ...] = ()


_PIECE: Final = re.compile(
    r"""(?P<skip>[ \t]+|//[^\n]*|/\*.*?\*/)
    |(?P<line>\r?\n)
    |(?P<long>'''(?:\r?\n)?(?P<raw>.*?)''')
    |(?P<quote>')
    |(?P<number>\d+)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<mark>=>|==|!=|=~|!~|<=|>=|&&|\|\||\?\?|\.\?|[][{}():,.?!<>=@+*/%|-])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "'": "'", "\\": "\\", "$": "$"}


def tokens(text: str, line: int = 1) -> Iterator[Token]:
    """Cut a text into pieces; ``line`` is that of its beginning.

    Raises:
        Fault: something in it is no Bicep.

    """
    at = 0
    while at < len(text):
        match = _PIECE.match(text, at)
        if match is None:
            raise Fault(f"{text[at]!r} makes no sense here", line)
        at = match.end()
        if match["quote"]:
            parts, at = _string(text, at, line)
            yield Token(Kind.TEXT, "", line, parts)
        elif match["long"]:
            yield Token(Kind.TEXT, "", line, (match["raw"],))
        elif not match["skip"]:
            yield _plain(match, line)
        line += match[0].count("\n")
    yield Token(Kind.END, "", line)


def _plain(match: re.Match[str], line: int) -> Token:
    for kind in (Kind.WORD, Kind.NUMBER, Kind.MARK):
        if match[kind.value]:
            return Token(kind, match[0], line)
    return Token(Kind.LINE, "", line)


def _string(text: str, at: int, line: int) -> tuple[tuple[str, ...], int]:
    """Read a string from behind its first quote; give its parts, and where it has ended."""
    parts, said = [], ""
    while at < len(text) and text[at] not in "'\n":
        if text[at] == "\\":
            said += _ESCAPES.get(text[at + 1], "")
            at += 2
        elif text.startswith("${", at):
            end = _closing(text, at + 2, line)
            parts += [said, text[at + 2 : end]]
            said, at = "", end + 1
        else:
            said += text[at]
            at += 1
    if text[at : at + 1] != "'":
        raise Fault("a string does not end", line)
    return (*parts, said), at + 1


def _closing(text: str, at: int, line: int) -> int:
    """Find the brace that ends what is put into a string."""
    depth = 1
    while at < len(text):
        if text[at] == "'":
            _, at = _string(text, at + 1, line)
            continue
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at
        at += 1
    raise Fault("what is put into a string does not end", line)
