"""A script without what is no code: here-documents, comments of PowerShell; line numbers stay."""

import re
from collections.abc import Iterator
from typing import Final

HERE: Final = re.compile(
    r"(?P<head>(?<!<)<<(?P<dash>-)?[ \t]*(?P<quote>['\"]?)(?P<tag>\w+)(?P=quote)[^\n]*\n)"
    r"(?P<body>.*?)^(?(dash)[ \t]*|)(?P=tag)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
_TARGET: Final = re.compile(r"(?:>>?|\btee(?:\s+-a)?)\s*['\"]?([^\s'\"<>|;&]+)")
_COMMENT: Final = re.compile(r"<#.*?#>", re.DOTALL)
_SHELLS: Final = re.compile(
    r"(?<![\w.-])(?:ba|da|k|z|a)?sh(?![\w.-])|\b(?:ssh|pwsh|docker|podman|kubectl|su|xargs|eval)\b"
)


def code_of(script: str) -> str:
    """Empty what no shell runs; a here-document that a shell is fed with stays."""
    return _COMMENT.sub(lambda match: _lines(match[0]), HERE.sub(_emptied, script))


def fed_to_a_shell(match: re.Match[str]) -> bool:
    """Whether the line that a here-document belongs to names a shell."""
    start = match.string.rfind("\n", 0, match.start()) + 1
    return _SHELLS.search(match.string[start : match.start("body")]) is not None


def written_files(match: re.Match[str]) -> Iterator[str]:
    """Yield where the line that a here-document belongs to puts it; ``-``: into a command."""
    start = match.string.rfind("\n", 0, match.start()) + 1
    line = match.string[start : match.start("body")]
    yield from _TARGET.findall(line)
    if "|" in line or line.lstrip().startswith("az "):
        yield "-"


def _emptied(match: re.Match[str]) -> str:
    body = match["body"] if fed_to_a_shell(match) else _lines(match["body"])
    rest = match[0][match.end("body") - match.start() :]
    return match["head"] + body + rest


def _lines(text: str) -> str:
    return "\n" * text.count("\n")
