"""What it takes to carry one type of value through JSON, and what all of them share."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from purge_core.errors import Problem
from purge_core.wording import shown

JsonObject = dict[str, Any]
"""What ``json`` reads and writes as an object."""

Schemas = dict[str, JsonObject]
"""The named parts of a JSON Schema (``$defs``), which grow as types are described."""


class Bad(Enum):
    """Stands for a value that could not be read; a problem says why."""

    BAD = "bad"


BAD: Final = Bad.BAD


@dataclass(frozen=True, slots=True)
class Codec:
    """How one type is written, read and described.

    ``read`` is given the JSON value, its path, and the list that collects problems; it
    answers ``BAD`` after adding to the list. ``schema`` may add to the shared parts.
    """

    write: Callable[[Any], Any]
    read: Callable[[Any, str, list[Problem]], Any]
    schema: Callable[[Schemas], JsonObject]


def bad(problems: list[Problem], path: str, found: object, expected: str) -> Bad:
    """Note what is wrong at ``path``."""
    problems.append(Problem(path or "document", described(found), expected))
    return BAD


def described(value: object) -> str:
    """Say what a JSON value is, in a few words."""
    match value:
        case None | bool():
            return str(value).lower().replace("none", "null")
        case int() | float():
            return f"the number {value!r}"[:80]
        case str():
            return shown(value)
        case list():
            return f"a list of {len(value)}"
        case _:
            return "an object"


def within(path: str, key: str) -> str:
    """Give the path of a member."""
    return f"{path}.{key}" if path else key
