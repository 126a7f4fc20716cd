"""Looks over a Bicep file's names: all that are used exist, all that exist are used.

Branches that no deployment takes are looked over as well.
"""

from collections import Counter
from collections.abc import Container, Iterator

from infra_check.bicep.deployment import IN_SCOPE
from infra_check.bicep.files import BicepFile, Declaration, Sort
from infra_check.functions import BICEP
from infra_check.syntax import Call, Name
from infra_check.walk import walk

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
    for whole in (each.condition, each.value):
        for node, local in walk(whole) if whole is not None else ():
            if isinstance(node, Call) or (isinstance(node, Name) and node.name not in local):
                yield node
