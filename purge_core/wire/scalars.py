"""Codecs of the values without parts: names, digests, times, durations, numbers."""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from purge_core.durations import DURATION_PATTERN, format_duration, parse_duration
from purge_core.errors import Problem
from purge_core.instants import Instant, Span, format_instant, parse_instant
from purge_core.model import Digest, RepositoryName, TagName
from purge_core.wire.codec import Bad, Codec, JsonObject, bad

_DIGEST: Final = r"^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[A-Za-z0-9=_-]{32,512}$"
_MAX_INTEGER: Final = 2**63 - 1


def _same(value: object) -> object:
    return value


def _plain(kind: type, expected: str, schema: JsonObject) -> Codec:
    """Make the codec of a type that JSON has; true is no number and 1 is no truth."""

    def read(value: object, path: str, problems: list[Problem]) -> object:
        fits = type(value) is kind or (kind is float and type(value) is int)
        return kind(value) if fits else bad(problems, path, value, expected)

    return Codec(_same, read, lambda _: dict(schema))


def _text(expected: str, schema: JsonObject) -> Codec:
    """Make the codec of a string of at least one character, with a pattern perhaps."""
    pattern = re.compile(schema.get("pattern", ""))

    def read(value: object, path: str, problems: list[Problem]) -> object:
        if isinstance(value, str) and value and pattern.search(value) and value[-1] != "\n":
            return value
        return bad(problems, path, value, expected)

    return Codec(_same, read, lambda _: {"type": "string", "minLength": 1, **schema})


def _parsed(
    write: Callable[[Any], str], parse: Callable[[str], object], expected: str, schema: JsonObject
) -> Codec:
    """Make the codec of what is written as text and has a strict parser."""

    def read(value: object, path: str, problems: list[Problem]) -> object:
        if not isinstance(value, str):
            return bad(problems, path, value, expected)
        try:
            return parse(value)
        except ValueError:
            return bad(problems, path, value, expected)

    return Codec(write, read, lambda _: {"type": "string", **schema})


def _whole(value: object, path: str, problems: list[Problem]) -> object:
    if type(value) is int and -_MAX_INTEGER <= value <= _MAX_INTEGER:
        return value
    return bad(problems, path, value, "a whole number")


SCALARS: Final[Mapping[object, Codec]] = {
    bool: _plain(bool, "true or false", {"type": "boolean"}),
    float: _plain(float, "a number", {"type": "number"}),
    int: Codec(_same, _whole, lambda _: {"type": "integer"}),
    str: _plain(str, "a string", {"type": "string"}),
    Instant: _parsed(
        format_instant,
        parse_instant,
        "a time such as 2026-01-31T09:30:00.1234567Z",
        {"format": "date-time"},
    ),
    Span: _parsed(
        format_duration,
        parse_duration,
        "a duration such as 7d or 1d12h",
        {"pattern": DURATION_PATTERN},
    ),
    Digest: _text("a digest such as sha256:<64 hex digits>", {"pattern": _DIGEST}),
    RepositoryName: _text("the name of a repository", {}),
    TagName: _text("the name of a tag", {}),
}
"""By declared type."""


def enum_codec(kind: type[Enum]) -> Codec:
    """Make the codec of an enumeration, written by value."""
    values = {member.value: member for member in kind}

    def read(value: object, path: str, problems: list[Problem]) -> Enum | Bad:
        if isinstance(value, str) and value in values:
            return values[value]
        return bad(problems, path, value, f"one of {', '.join(values)}")

    return Codec(lambda member: member.value, read, lambda _: {"enum": list(values)})
