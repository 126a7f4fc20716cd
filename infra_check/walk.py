"""Goes through expressions, with the names that loops and lambdas bring along."""

from collections.abc import Iterator
from dataclasses import fields

from infra_check.syntax import Expression, Lambda, Loop, Pair

Found = tuple[Expression, frozenset[str]]


def walk(node: Expression, local: frozenset[str] = frozenset()) -> Iterator[Found]:
    """Yield an expression and all within it, each with the names of the loops around it."""
    yield node, local
    if isinstance(node, Loop):
        yield from walk(node.source, local)
        local |= frozenset(node.names)
    if isinstance(node, Lambda):
        local |= frozenset(node.names)
    for each in _within(node):
        if not isinstance(node, Loop) or each is not node.source:
            yield from walk(each, local)


def _within(node: Expression) -> Iterator[Expression]:
    for field in fields(node):
        value = getattr(node, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Pair):
                yield from (item.key, item.value)
            elif isinstance(item, Expression):
                yield item
