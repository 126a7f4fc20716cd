"""A Bicep file as its declarations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Final, assert_never

from infra_check.bicep.expressions import Reader, expression
from infra_check.bicep.tokens import Kind, tokens
from infra_check.problems import Fault
from infra_check.syntax import Expression, Literal


class Sort(Enum):
    """What a declaration declares."""

    PARAMETER = "param"
    VARIABLE = "var"
    RESOURCE = "resource"
    MODULE = "module"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration.

    ``type`` is that of a parameter or an output, the type and version of a resource, or the
    path of a module. ``condition`` belongs to a resource or module that may be left out.
    """

    sort: Sort
    name: str
    line: int
    type: str = ""
    existing: bool = False
    condition: Expression | None = None
    value: Expression | None = None
    decorators: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BicepFile:
    """A file: what it is deployed into, and its declarations in order."""

    path: Path
    scope: str
    declarations: tuple[Declaration, ...]

    def of(self, *sorts: Sort) -> list[Declaration]:
        """Give the declarations of some sorts."""
        return [each for each in self.declarations if each.sort in sorts]


_SORTS: Final = {sort.value: sort for sort in Sort}
_Decorators = dict[str, tuple[Expression, ...]]


def read_bicep(path: Path) -> BicepFile:
    """Read a file.

    Raises:
        Fault: it is no Bicep.

    """
    return BicepFile(path, *_read(path.read_text(encoding="utf-8")))


@cache
def _read(text: str) -> tuple[str, tuple[Declaration, ...]]:
    reader = Reader(tokens(text))
    scope = "resourceGroup"
    declarations = []
    reader.lines()
    while reader.next.kind is not Kind.END:
        if reader.skips("targetScope"):
            reader.need("=")
            scope = _text(reader)
        else:
            declarations.append(_declaration(reader, _decorators(reader)))
        if reader.next.kind not in (Kind.LINE, Kind.END):
            raise Fault(f"{reader.next.text!r} makes no sense here", reader.next.line)
        reader.lines()
    return scope, tuple(declarations)


def _decorators(reader: Reader) -> _Decorators:
    found: _Decorators = {}
    while reader.skips("@"):
        name = reader.word()
        reader.need("(")
        arguments = []
        while not reader.skips(")"):
            arguments.append(expression(reader))
            reader.skips(",")
        found[name] = tuple(arguments)
        reader.lines()
    return found


def _declaration(reader: Reader, decorators: _Decorators) -> Declaration:
    token = reader.take()
    sort = _SORTS.get(token.text)
    if sort is None:
        raise Fault(f"{token.text!r} is no declaration", token.line)
    name = reader.word()
    match sort:
        case Sort.PARAMETER:
            kind = reader.word()
            value = expression(reader) if reader.skips("=") else None
            found = Declaration(sort, name, token.line, kind, value=value, decorators=decorators)
        case Sort.VARIABLE:
            reader.need("=")
            found = Declaration(sort, name, token.line, value=expression(reader))
        case Sort.OUTPUT:
            kind = reader.word()
            reader.need("=")
            found = Declaration(sort, name, token.line, kind, value=expression(reader))
        case Sort.RESOURCE | Sort.MODULE:
            found = _deployed(reader, sort, name, token.line)
        case _:
            assert_never(sort)
    return found


def _deployed(reader: Reader, sort: Sort, name: str, line: int) -> Declaration:
    """Read what is behind the name of a resource or module."""
    kind = _text(reader)
    existing = reader.skips("existing")
    reader.need("=")
    condition = None
    if reader.skips("if"):
        reader.need("(")
        condition = expression(reader)
        reader.need(")")
    return Declaration(sort, name, line, kind, existing, condition, expression(reader))


def _text(reader: Reader) -> str:
    """Read a string that nothing is put into."""
    line = reader.next.line
    value = expression(reader)
    if not isinstance(value, Literal) or not isinstance(value.value, str):
        raise Fault("a plain string is missing", line)
    return value.value
