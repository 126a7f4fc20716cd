"""Looks over a Bicep file's names: all that are used exist, all that exist are used.

Branches that no deployment takes are looked over as well.
"""

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import fields

from infra_check.bicep.deployment import IN_SCOPE
from infra_check.bicep.files import BicepFile, Declaration, Sort
from infra_check.functions import BICEP
from infra_check.syntax import Call, Expression, Lambda, Loop, Name, Pair

_FUNCTIONS = BICEP.keys() | set(IN_SCOPE)

Used = Name | Call


def misnamed(file: BicepFile) -> Iterator[tuple[int, str]]:
    """Say what is wrong with the names of a file: line and message."""
    named = [each for each in file.declarations if each.sort is not Sort.OUTPUT]
    counts = Counter(each.name for each in named)
    yield from (
        (each.line, f"{each.name!r} is there twice") for each in named if counts[each.name] > 1
    )
    used: set[str] = set()
    for each in file.declarations:
        for node in _used(each):
            used.add(node.name if isinstance(node, Name) else "")
            yield from _undefined(node, counts)
    for each in file.of(Sort.PARAMETER, Sort.VARIABLE):
        if each.name not in used:
            yield each.line, f"{each.name!r} is used nowhere"


def _undefined(node: Used, known: Container[str]) -> Iterator[tuple[int, str]]:
    if isinstance(node, Name) and node.name not in known:
        yield node.line, f"there is no {node.name!r}"
    if isinstance(node, Call) and node.function not in _FUNCTIONS:
        yield node.line, f"there is no function {node.function!r} that the checks know"


def _used(each: Declaration) -> Iterator[Used]:
    """Yield the names and calls of a declaration, but for those of its own loops."""
    for node in (each.condition, each.value):
        if node is not None:
            yield from names_in(node, frozenset())


def names_in(node: Expression, local: frozenset[str]) -> Iterator[Used]:
    """Yield the names and calls of an expression, but for ``local`` ones."""
    if isinstance(node, Name) and node.name not in local:
        yield node
    if isinstance(node, Call):
        yield node
    if isinstance(node, Loop):
        yield from names_in(node.source, local)
        local |= frozenset(node.names)
    if isinstance(node, Lambda):
        local |= frozenset(node.names)
    for each in _inner(node):
        yield from names_in(each, local)


def _inner(node: Expression) -> Iterator[Expression]:
    """Yield the expressions within an expression."""
    for field in fields(node):
        value = getattr(node, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Pair):
                yield from (item.key, item.value)
            elif isinstance(item, Expression):
                yield item
