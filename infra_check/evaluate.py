"""Works out expressions, as far as that is possible before anything is deployed."""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from infra_check.problems import Fault
from infra_check.syntax import (
    Array,
    Binary,
    Call,
    Conditional,
    Expand,
    Expression,
    Index,
    Lambda,
    Literal,
    Loop,
    Member,
    Name,
    Object,
    Template,
    Unary,
)
from infra_check.values import Members, Scope, Unknown, Value, shown

Function = Callable[..., Value]

_Compound = Index | Call | Unary | Binary | Conditional | Object | Loop | Lambda | Expand

_NUMBERS: Final[Mapping[str, Callable[[int, int], Value]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.floordiv,
    "%": operator.mod,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Works out expressions. ``symbol`` gives what a name stands for outside of loops.

    ``number_second``: with two names, a loop gives the item first and its number second.
    """

    symbol: Callable[[str, int], Value]
    functions: Mapping[str, Function]
    number_second: bool = True

    def value(self, node: Expression, scope: Scope) -> Value:
        """Work out an expression.

        Raises:
            Fault: it makes no sense.

        """
        match node:
            case Literal():
                return node.value
            case Name():
                return scope[node.name] if node.name in scope else self.symbol(node.name, node.line)
            case Member():
                return member(self.value(node.of, scope), node.name, node.line)
            case Template():
                return "".join(shown(self.value(part, scope)) for part in node.parts)
            case Array():
                return [self.value(item, scope) for item in node.items]
            case _:
                return self._compound(node, scope)

    def _compound(self, node: _Compound, scope: Scope) -> Value:
        match node:
            case Index():
                return self._index(node, scope)
            case Call():
                return self._call(node, scope)
            case Unary() | Binary() | Conditional():
                return self._operator(node, scope)
            case Object():
                return self._object(node, scope)
            case Loop():
                return self._loop(node, scope)
            case Lambda():
                return self._lambda(node, scope)
            case Expand():
                return self.value(node.of, scope)
            case _:
                assert_never(node)

    def _index(self, node: Index, scope: Scope) -> Value:
        of, at = self.value(node.of, scope), self.value(node.at, scope)
        if isinstance(of, list) and isinstance(at, int):
            if not -len(of) <= at < len(of):
                raise Fault(f"there is no item {at} of {len(of)}", node.line)
            return of[at]
        if isinstance(of, Unknown):
            return Unknown(f"{of.text}[{at}]")
        return member(of, shown(at), node.line)

    def _call(self, node: Call, scope: Scope) -> Value:
        function = self.functions.get(node.function)
        if function is None:
            raise Fault(f"there is no function {node.function!r}", node.line)
        try:
            return function(*self._arguments(node, scope))
        except (TypeError, ValueError, AttributeError, IndexError) as error:
            raise Fault(f"{node.function}: {error}", node.line) from error

    def _arguments(self, node: Call, scope: Scope) -> Iterator[Value]:
        for each in node.arguments:
            value = self.value(each, scope)
            if isinstance(each, Expand) and isinstance(value, list):
                yield from value
            else:
                yield value

    def _operator(self, node: Unary | Binary | Conditional, scope: Scope) -> Value:
        match node:
            case Unary():
                operand = self.value(node.operand, scope)
                if isinstance(operand, Unknown):
                    return operand
                return not _truth(operand) if node.operator == "!" else -_number(operand)
            case Conditional():
                yes = _truth(self.value(node.condition, scope))
                return self.value(node.yes if yes else node.no, scope)
            case Binary():
                return self._binary(node, scope)
            case _:
                assert_never(node)

    def _binary(self, node: Binary, scope: Scope) -> Value:
        left = self.value(node.left, scope)
        if node.operator in ("&&", "||"):
            decided = _truth(left) is (node.operator == "||")
            return left if decided else _truth(self.value(node.right, scope))
        if node.operator == "??":
            return self.value(node.right, scope) if left is None else left
        right = self.value(node.right, scope)
        if node.operator in ("==", "!="):
            return (left == right) is (node.operator == "==")
        return _NUMBERS[node.operator](_number(left), _number(right))

    def _object(self, node: Object, scope: Scope) -> Value:
        found: dict[str, Value] = {}
        for pair in node.pairs:
            key = shown(self.value(pair.key, scope))
            if key in found:
                raise Fault(f"{key!r} stands there twice", pair.line)
            found[key] = self.value(pair.value, scope)
        return found

    def _loop(self, node: Loop, scope: Scope) -> Value:
        scopes = [{**scope, **names} for names in self._rounds(node, scope)]
        if node.condition is not None:
            scopes = [s for s in scopes if _truth(self.value(node.condition, s))]
        if node.key is None:
            return [self.value(node.body, each) for each in scopes]
        return {shown(self.value(node.key, s)): self.value(node.body, s) for s in scopes}

    def rounds(self, node: Loop, scope: Scope) -> list[Scope]:
        """Give the names of each round of a loop."""
        return [{**scope, **names} for names in self._rounds(node, scope)]

    def _rounds(self, node: Loop, scope: Scope) -> Iterator[Mapping[str, Value]]:
        source = self.value(node.source, scope)
        if isinstance(source, Mapping):
            pairs: list[tuple[Value, Value]] = sorted(source.items())
        elif isinstance(source, list):
            pairs = list(enumerate(source))
        else:
            raise Fault("a loop needs a list whose length is known", node.line)
        for key, item in pairs:
            both = (item, key) if self.number_second else (key, item)
            values = both if len(node.names) > 1 else (item,)
            yield dict(zip(node.names, values, strict=True))

    def _lambda(self, node: Lambda, scope: Scope) -> Function:
        def call(*arguments: Value) -> Value:
            names = dict(zip(node.names, arguments, strict=True))
            return self.value(node.body, {**scope, **names})

        return call


def member(of: Value, name: str, line: int) -> Value:
    """Give a member of a value.

    Raises:
        Fault: it has none of this name.

    """
    if isinstance(of, Members):
        return of.member(name, line)
    if isinstance(of, Mapping) and name in of:
        value: Value = of[name]
        return value
    raise Fault(f"there is no {name!r} in it", line)


def _truth(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    raise Fault("true or false is missing in a condition")


def _number(value: Value) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Fault("a number is missing")
