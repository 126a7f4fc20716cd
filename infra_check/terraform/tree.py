"""The expressions in python-hcl2's trees."""

import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Final

from lark import Token, Tree

from infra_check.problems import Fault
from infra_check.syntax import (
    Array,
    Binary,
    Call,
    Conditional,
    Expand,
    Expression,
    Index,
    Literal,
    Loop,
    Member,
    Name,
    Object,
    Pair,
    Template,
    Unary,
)

Node = Tree[Token]
_NOISE: Final = "new_line_or_comment"
_ITEM: Final = "each item"
"""The name of what a splat goes through: no name that anybody could write."""
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_WORDS: Final = {"true": True, "false": False, "null": None}


def inner(node: Node) -> list[Node]:
    """Give the nodes within a node, but for marks and ends of lines."""
    trees = [child for child in node.children if isinstance(child, Tree)]
    return [child for child in trees if child.data != _NOISE]


def word(node: Node) -> str:
    """Give the text of a name, a string without anything put in, or another short piece."""
    if node.data == "string":
        return "".join(word(part) for part in inner(node))
    return "".join(str(child) for child in node.children if isinstance(child, Token))


def line_of(node: Node) -> int:
    """Give the line on which a node begins."""
    return next((t.line or 0 for t in node.scan_values(lambda v: isinstance(v, Token))), 0)


def expression(node: Node) -> Expression:
    """Read an expression.

    Raises:
        Fault: it is of a kind that the checks do not know.

    """
    read = _READERS.get(str(node.data))
    if read is None:
        raise Fault(f"the checks do not know a {node.data}", line_of(node))
    return read(node)


def _term(node: Node) -> Expression:
    return expression(inner(node)[0])


def _identifier(node: Node) -> Expression:
    return Name(word(node), line_of(node))


def _string(node: Node) -> Expression:
    parts: list[Expression] = []
    for part in inner(node):
        put = inner(part)
        parts.append(expression(inner(put[0])[0]) if put else Literal(_unescaped(word(part))))
    if all(isinstance(part, Literal) for part in parts):
        return Literal("".join(str(p.value) for p in parts if isinstance(p, Literal)))
    return Template(tuple(parts))


def _unescaped(text: str) -> str:
    said = re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), text)
    return said.replace("$${", "${")


def _heredoc(node: Node) -> Expression:
    """Read a text of several lines; nothing may be put into it."""
    text = word(node)
    if "${" in text:
        raise Fault("nothing can be put into a heredoc here", line_of(node))
    first, *lines = text.split("\n")
    kept = lines[: next(n for n, line in enumerate(lines) if line.strip() == first.lstrip("<-"))]
    return Literal(textwrap.dedent("\n".join(kept) + "\n"))


def _binary(node: Node) -> Expression:
    left, term = inner(node)
    operator, right = inner(term)
    return Binary(word(operator), expression(left), expression(right))


def _unary(node: Node) -> Expression:
    operator = next(str(child) for child in node.children if isinstance(child, Token))
    return Unary(operator, expression(inner(node)[0]))


def _conditional(node: Node) -> Expression:
    condition, yes, no = map(expression, inner(node))
    return Conditional(condition, yes, no)


def _call(node: Node) -> Expression:
    name, *rest = inner(node)
    given = inner(rest[0]) if rest else []
    arguments = [expression(each) for each in given]
    expands = rest and any(
        isinstance(child, Token) and str(child) == "..." for child in rest[0].children
    )
    if expands:
        arguments[-1] = Expand(arguments[-1])
    return Call(word(name), tuple(arguments), line_of(node))


def _get_attr(node: Node) -> Expression:
    of, name = inner(node)
    return Member(expression(of), word(inner(name)[0]), line_of(name))


def _index(node: Node) -> Expression:
    of, at = inner(node)
    return Index(expression(of), expression(inner(at)[0]), line_of(at))


def _splat(node: Node) -> Expression:
    of, path = inner(node)
    body: Expression = Name(_ITEM, line_of(path))
    for each in inner(path):
        body = Member(body, word(inner(each)[0]), line_of(each))
    return Loop((_ITEM,), expression(of), None, None, body, line_of(node))


def _object(node: Node) -> Expression:
    pairs = []
    for element in inner(node):
        key, value = inner(element)
        pairs.append(Pair(_key(inner(key)[0]), expression(value), line_of(element)))
    return Object(tuple(pairs))


def _key(node: Node) -> Expression:
    """Read a key: a bare name stands for itself."""
    bare = inner(node)[0] if node.data == "expr_term" else node
    in_parentheses = any(isinstance(c, Token) and str(c) == "(" for c in node.children)
    return expression(node) if bare.data != "identifier" or in_parentheses else Literal(word(bare))


def _for(node: Node) -> Expression:
    intro, *rest = inner(node)
    *names, source = inner(intro)
    condition = next((expression(inner(e)[0]) for e in rest if e.data == "for_cond"), None)
    values = [expression(e) for e in rest if e.data != "for_cond"]
    key = values[0] if len(values) > 1 else None
    return Loop(
        tuple(map(word, names)), expression(source), condition, key, values[-1], line_of(node)
    )


_READERS: Final[Mapping[str, Callable[[Node], Expression]]] = {
    "expr_term": _term,
    "identifier": _identifier,
    "literal_value": lambda node: Literal(_WORDS[word(node)]),
    "int_lit": lambda node: Literal(int(word(node))),
    "float_lit": lambda node: Literal(float(word(node))),
    "string": _string,
    "heredoc_template": _heredoc,
    "heredoc_template_trim": _heredoc,
    "tuple": lambda node: Array(tuple(map(expression, inner(node)))),
    "object": _object,
    "for_object_expr": _for,
    "for_tuple_expr": _for,
    "function_call": _call,
    "binary_op": _binary,
    "unary_op": _unary,
    "conditional": _conditional,
    "get_attr_expr_term": _get_attr,
    "index_expr_term": _index,
    "full_splat_expr_term": _splat,
}
