"""Bicep's expressions: precedence as the language has it."""

from collections.abc import Iterable
from typing import Final

from infra_check.bicep.tokens import Kind, Token, tokens
from infra_check.problems import Fault
from infra_check.syntax import (
    Array,
    Binary,
    Call,
    Conditional,
    Expression,
    Index,
    Lambda,
    Literal,
    Loop,
    Member,
    Name,
    Object,
    Pair,
    Template,
    Unary,
)

_LEVELS: Final = (
    ("??",),
    ("||",),
    ("&&",),
    ("==", "!=", "=~", "!~"),
    ("<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "/", "%"),
)
"""Operators, loosest first. Source: the Bicep documentation, "Bicep operators"."""
_WORDS: Final = {"true": True, "false": False, "null": None}


class Reader:
    """Reads pieces one after the other."""

    def __init__(self, pieces: Iterable[Token]) -> None:
        self._pieces = list(pieces)
        self._at = 0

    @property
    def next(self) -> Token:
        """The piece that is read next."""
        return self._pieces[self._at]

    def take(self) -> Token:
        """Read one piece."""
        token = self.next
        self._at += token.kind is not Kind.END
        return token

    def sees(self, *texts: str) -> bool:
        """Whether the next piece is one of these marks or words."""
        return self.next.kind in (Kind.MARK, Kind.WORD) and self.next.text in texts

    def skips(self, text: str) -> bool:
        """Read a mark or word if it is next."""
        found = self.sees(text)
        self._at += found
        return found

    def need(self, text: str) -> None:
        """Read a mark or word that must be next."""
        if not self.skips(text):
            raise Fault(f"{text!r} is missing before {self.next.text!r}", self.next.line)

    def word(self) -> str:
        """Read a word."""
        if self.next.kind is not Kind.WORD:
            raise Fault(f"a name is missing before {self.next.text!r}", self.next.line)
        return self.take().text

    def lines(self) -> None:
        """Skip ends of lines."""
        while self.next.kind is Kind.LINE:
            self._at += 1

    def is_lambda(self) -> bool:
        """Whether a lambda begins here."""
        ahead = [token.text for token in self._pieces[self._at : self._at + 6]]
        return "=>" in (ahead[1:2] if ahead[0] != "(" else ahead[3:4] + ahead[5:6])


def expression(reader: Reader) -> Expression:
    """Read an expression."""
    if reader.is_lambda():
        return _lambda(reader)
    condition = _operators(reader, 0)
    if not reader.skips("?"):
        return condition
    reader.lines()
    yes = expression(reader)
    reader.lines()
    reader.need(":")
    reader.lines()
    return Conditional(condition, yes, expression(reader))


def _lambda(reader: Reader) -> Expression:
    names = _names(reader)
    reader.need("=>")
    return Lambda(names, expression(reader))


def _names(reader: Reader) -> tuple[str, ...]:
    """Read one name, or several in parentheses."""
    if not reader.skips("("):
        return (reader.word(),)
    names = [reader.word()]
    while reader.skips(","):
        names.append(reader.word())
    reader.need(")")
    return tuple(names)


def _operators(reader: Reader, level: int) -> Expression:
    if level == len(_LEVELS):
        return _unary(reader)
    left = _operators(reader, level + 1)
    while reader.sees(*_LEVELS[level]):
        operator = reader.take().text
        reader.lines()
        left = Binary(operator, left, _operators(reader, level + 1))
    return left


def _unary(reader: Reader) -> Expression:
    if reader.sees("!", "-"):
        return Unary(reader.take().text, _unary(reader))
    return _followed(reader, _primary(reader))


def _followed(reader: Reader, value: Expression) -> Expression:
    while reader.sees(".", "[", "!"):
        line = reader.next.line
        if reader.skips("."):
            value = Member(value, reader.word(), line)
        elif reader.skips("["):
            value = Index(value, expression(reader), line)
            reader.need("]")
        else:
            reader.take()  # "!" says that a value is there, which changes nothing
    return value


def _primary(reader: Reader) -> Expression:
    token = reader.take()
    match token.kind:
        case Kind.TEXT:
            return _text(token)
        case Kind.NUMBER:
            return Literal(int(token.text))
        case Kind.WORD:
            return _named(reader, token)
        case Kind.MARK if token.text == "(":
            inner = expression(reader)
            reader.need(")")
            return inner
        case Kind.MARK if token.text == "{":
            return _object(reader)
        case Kind.MARK if token.text == "[":
            return loop(reader) if reader.skips("for") else _array(reader)
        case _:
            raise Fault(f"a value is missing before {token.text!r}", token.line)


def _text(token: Token) -> Expression:
    if len(token.parts) == 1:
        return Literal(token.parts[0])
    said = [Literal(part) for part in token.parts[::2]]
    put = [_inner(part, token.line) for part in token.parts[1::2]]
    mixed: list[Expression] = [said[0]]
    for value, text in zip(put, said[1:], strict=True):
        mixed += [value, text]
    return Template(tuple(mixed))


def _inner(source: str, line: int) -> Expression:
    reader = Reader(tokens(source, line))
    value = expression(reader)
    if reader.next.kind is not Kind.END:
        raise Fault(f"{reader.next.text!r} makes no sense in a string", line)
    return value


def _named(reader: Reader, token: Token) -> Expression:
    if token.text in _WORDS:
        return Literal(_WORDS[token.text])
    if not reader.skips("("):
        return Name(token.text, token.line)
    arguments = []
    reader.lines()
    while not reader.skips(")"):
        arguments.append(expression(reader))
        reader.lines()
        if not reader.sees(")"):
            reader.need(",")
            reader.lines()
    return Call(token.text, tuple(arguments), token.line)


def _array(reader: Reader) -> Expression:
    items = []
    reader.lines()
    while not reader.skips("]"):
        items.append(expression(reader))
        reader.skips(",")
        reader.lines()
    return Array(tuple(items))


def _object(reader: Reader) -> Expression:
    pairs = []
    reader.lines()
    while not reader.skips("}"):
        token = reader.take()
        if token.kind not in (Kind.TEXT, Kind.WORD):
            raise Fault(f"{token.text!r} is no name of a property", token.line)
        key = _text(token) if token.kind is Kind.TEXT else Literal(token.text)
        reader.need(":")
        reader.lines()
        pairs.append(Pair(key, expression(reader), token.line))
        reader.skips(",")
        reader.lines()
    return Object(tuple(pairs))


def loop(reader: Reader) -> Loop:
    """Read a loop from behind its ``for``."""
    line = reader.next.line
    names = _names(reader)
    reader.need("in")
    source = expression(reader)
    reader.need(":")
    reader.lines()
    condition = None
    if reader.skips("if"):
        condition = expression(reader)
    body = expression(reader)
    reader.lines()
    reader.need("]")
    return Loop(names, source, condition, None, body, line)
