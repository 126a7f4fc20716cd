"""Terraform and Bicep as tokens: texts with their escapes resolved, names, marks, line breaks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from textwrap import dedent
from typing import Final

_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}
_MARK: Final = re.compile(r"==|!=|<=|>=|&&|\|\||=>|\?\?|\.\.\.|::|.", re.DOTALL)
_NUMBER: Final = re.compile(r"\d[\w.]*")


class Language(Enum):
    """Which of the two."""

    TERRAFORM = "terraform"
    BICEP = "bicep"


class Kind(Enum):
    """What a token is."""

    TEXT = "text"
    NAME = "name"
    NUMBER = "number"
    MARK = "mark"
    BREAK = "line break"


class TemplateError(Exception):
    """A file that cannot be followed: where, what was found, and what would be right."""

    def __init__(self, where: str, found: str, expected: str) -> None:
        super().__init__(where, found, expected)
        self.where, self.found, self.expected = where, found, expected


@dataclass(frozen=True, slots=True)
class Token:
    """A token, where it stands, and on which line it begins (from 1).

    ``exact``: apart from ``${...}`` a text holds nothing that its language replaces, and
    all of them are replaced.
    """

    kind: Kind
    text: str
    line: int
    start: int
    end: int
    exact: bool = True


def language_of(text: str) -> Language | None:
    """Tell Terraform and Bicep from everything else."""
    for pattern, language in _SIGNS:
        if pattern.search(text):
            return language
    return None


_SIGNS: Final = (
    (
        re.compile(
            r'^\s*(?:resource|variable|module|data|output)\s+"|^locals\s*\{'
            r"|^\s*(?:encoded_step\s*\{|task_content\s*=)",
            re.MULTILINE,
        ),
        Language.TERRAFORM,
    ),
    (
        re.compile(r"^\s*(?:resource|module)\s+\w+\s+'|^\s*(?:param|var)\s+\w+", re.MULTILINE),
        Language.BICEP,
    ),
)
_SKIPPED: Final = {
    Language.TERRAFORM: re.compile(r"(?:[ \t\r]|#[^\n]*|//[^\n]*|/\*.*?\*/)+", re.DOTALL),
    Language.BICEP: re.compile(r"(?:[ \t\r]|//[^\n]*|/\*.*?\*/)+", re.DOTALL),
}
_NAMES: Final = {
    Language.TERRAFORM: re.compile(r"[A-Za-z_][\w-]*"),
    Language.BICEP: re.compile(r"[A-Za-z_]\w*"),
}
_WHOLE: Final = {
    Language.TERRAFORM: re.compile(
        r"<<(?P<dash>-)?(?P<tag>\w+)[ \t]*\r?\n(?P<raw>.*?)^[ \t]*(?P=tag)(?=[ \t]*\r?$)",
        re.DOTALL | re.MULTILINE,
    ),
    Language.BICEP: re.compile(r"(?P<dollars>\$*)'''\r?\n?(?P<raw>.*?)'''(?!')", re.DOTALL),
}
_QUOTES: Final = {Language.TERRAFORM: '"', Language.BICEP: "'"}
_IN_QUOTED: Final = {
    language: re.compile(rf"\\.|[$%]\{{|{quote}|\n", re.DOTALL)
    for language, quote in _QUOTES.items()
}
_IN_PLACE: Final = {language: re.compile(rf"[{{}}{quote}]") for language, quote in _QUOTES.items()}
_DEEPEST: Final = 20


def tokens(source: str, language: Language) -> Iterator[Token]:
    """Yield the tokens, without comments.

    Raises:
        TemplateError: a text is not closed.

    """
    position, line = 0, 1
    while position < len(source):
        skipped = _SKIPPED[language].match(source, position)
        if skipped is not None:
            line += skipped[0].count("\n")
            position = skipped.end()
            continue
        token = _token(source, position, line, language)
        line += source.count("\n", position, token.end)
        position = token.end
        yield token


def _token(source: str, position: int, line: int, language: Language) -> Token:
    if source[position] == "\n":
        return Token(Kind.BREAK, "\n", line, position, position + 1)
    if (whole := _WHOLE[language].match(source, position)) is not None:
        text, exact = _of_whole(whole)
        return Token(Kind.TEXT, text, line, position, whole.end(), exact)
    if language is Language.TERRAFORM and source.startswith("<<", position):
        raise TemplateError(f"line {line}", "<< without its end", "a text that is closed")
    if source[position] == _QUOTES[language]:
        end = _end_of_quoted(source, position, line, language)
        raw = source[position + 1 : end - 1]
        return Token(Kind.TEXT, _unescaped(raw), line, position, end, _is_exact(raw, language))
    for kind, pattern in ((Kind.NAME, _NAMES[language]), (Kind.NUMBER, _NUMBER)):
        if (match := pattern.match(source, position)) is not None:
            return Token(kind, match[0], line, position, match.end())
    mark = _MARK.match(source, position)
    text = mark[0] if mark else source[position]
    return Token(Kind.MARK, text, line, position, position + len(text))


def _of_whole(match: re.Match[str]) -> tuple[str, bool]:
    """Give a text of several lines, which has no escapes, and whether it is exact.

    Only ``$'''`` puts values into such a text of Bicep.
    Source: https://learn.microsoft.com/azure/azure-resource-manager/bicep/data-types
    """
    raw, dollars = match["raw"], match.groupdict().get("dollars")
    if dollars is None:
        return dedent(raw), _is_exact(raw, Language.TERRAFORM)
    return dedent(raw), dollars == "$" or "${" not in raw


def _is_exact(raw: str, language: Language) -> bool:
    odd = r"\\u|\$\$\{|%\{" if language is Language.TERRAFORM else r"\\u|\\\$"
    return re.search(odd, raw) is None


def _end_of_quoted(source: str, start: int, line: int, language: Language, depth: int = 0) -> int:
    """Find the end of a quoted text, whose ``${...}`` may hold quoted texts themselves."""
    quote, position = _QUOTES[language], start + 1
    for match in _IN_QUOTED[language].finditer(source, position):
        if match.start() < position:
            continue
        if match[0] == quote:
            return match.end()
        if match[0] == "\n" or depth > _DEEPEST:
            break
        if match[0] in {"${", "%{"}:
            position = _end_of_place(source, match.end(), line, language, depth)
    raise TemplateError(f"line {line}", f"{quote} without its end", "a text that is closed")


def _end_of_place(source: str, start: int, line: int, language: Language, depth: int) -> int:
    """Find the end of what stands in ``${`` and ``}``."""
    position, open_ = start, 1
    for match in _IN_PLACE[language].finditer(source, start):
        if match.start() < position:
            continue
        if match[0] == _QUOTES[language]:
            position = _end_of_quoted(source, match.start(), line, language, depth + 1)
            continue
        open_ += 1 if match[0] == "{" else -1
        if open_ == 0:
            return match.end()
    raise TemplateError(f"line {line}", "${ without its end", "a text that is closed")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text, flags=re.DOTALL)
