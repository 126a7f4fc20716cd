"""Expressions, as Bicep and Terraform have them in common."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands there as it is."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A symbol."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Member:
    """``of.name``."""

    of: "Expression"
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Index:
    """``of[at]``."""

    of: "Expression"
    at: "Expression"
    line: int


@dataclass(frozen=True, slots=True)
class Call:
    """``function(arguments)``."""

    function: str
    arguments: tuple["Expression", ...]
    line: int


@dataclass(frozen=True, slots=True)
class Unary:
    """``!x`` and ``-x``."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right``."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Conditional:
    """``condition ? yes : no``."""

    condition: "Expression"
    yes: "Expression"
    no: "Expression"


@dataclass(frozen=True, slots=True)
class Template:
    """A string with expressions in it."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Array:
    """``[items]``."""

    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A key of an object with its value."""

    key: "Expression"
    value: "Expression"
    line: int


@dataclass(frozen=True, slots=True)
class Object:
    """``{pairs}``."""

    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """One value for each of ``source``; an object of them when there is a ``key``.

    ``names``: in Bicep the item and its number, in Terraform the item, or its key and the item.
    """

    names: tuple[str, ...]
    source: "Expression"
    condition: "Expression | None"
    key: "Expression | None"
    body: "Expression"
    line: int


@dataclass(frozen=True, slots=True)
class Lambda:
    """``(names) => body``."""

    names: tuple[str, ...]
    body: "Expression"


@dataclass(frozen=True, slots=True)
class Expand:
    """``list...``: an argument that stands for several."""

    of: "Expression"


Expression = (
    Literal
    | Name
    | Member
    | Index
    | Call
    | Unary
    | Binary
    | Conditional
    | Template
    | Array
    | Object
    | Loop
    | Lambda
    | Expand
)
