"""Terraform and Bicep as nodes: fields, lists, texts, names; what is none of these is unclear.

Whatever nests is nested here, too: so it shows what a condition, a loop or ``count`` is about.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from purge_core.policies.importing.template.nodes import (
    Encoded,
    Entry,
    Fields,
    Guarded,
    Items,
    Name,
    Node,
    Text,
    Unclear,
    Word,
)
from purge_core.policies.importing.template.tokens import (
    Kind,
    Language,
    TemplateError,
    Token,
    tokens,
)

_SAME: Final = frozenset({"base64encode", "base64", "trimspace", "chomp", "trim", "string"})
"""Functions that leave a text the same task."""

_MEASURING: Final = frozenset({"sha1", "sha256", "sha512", "md5", "base64sha256", "length"})
"""Functions of whose text nothing is left."""

_WRITING: Final = frozenset({"yamlencode", "jsonencode"})
_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}
_GOES_ON: Final = frozenset({"?", ":", "||", "&&", "??", "+", "-", "*", "==", "!="})
_DEEPEST: Final = 40


def parse(source: str, language: Language) -> Fields:
    """Read a file; what is not understood in it is unclear, not wrong.

    Raises:
        TemplateError: a text or a bracket is not closed.

    """
    return Fields(tuple(_Parser(source, list(tokens(source, language))).entries()), 1)


@dataclass(slots=True)
class _Parser:
    """A position among tokens that stand together; ``depth`` counts the brackets around."""

    source: str
    tokens: Sequence[Token]
    depth: int = 0
    index: int = 0

    def entries(self) -> Iterator[Entry]:
        """Read settings and blocks up to the end."""
        while self._more():
            yield self._entry()

    def items(self) -> Iterator[Node]:
        """Read values up to the end."""
        while self._more():
            line = self.tokens[self.index].line
            yield self._node(self._span(), line)

    def _more(self) -> bool:
        """Pass over what only parts, and say whether something follows."""
        while self.index < len(self.tokens):
            if self._kind() is not Kind.BREAK and not self._is(","):
                return True
            self.index += 1
        return False

    def _kind(self) -> Kind | None:
        return self.tokens[self.index].kind if self.index < len(self.tokens) else None

    def _is(self, *marks: str) -> bool:
        return self._kind() is Kind.MARK and self.tokens[self.index].text in marks

    def _entry(self) -> Entry:
        start, line = self.index, self.tokens[self.index].line
        if self._is("@"):
            return Entry(("@",), self._unclear(self._span(), line), line)
        while self._kind() in {Kind.NAME, Kind.TEXT}:
            self.index += 1
        words = tuple(token.text for token in self.tokens[start : self.index])
        if words and self._is("=", ":"):
            self.index += 1
            self._more()
            return Entry(words, self._node(self._span(), line), line)
        if words and self._is("{"):
            return Entry(words, self._node(self._span(), line), line)
        self._span()
        return Entry(("",), self._unclear(self.tokens[start : self.index], line), line)

    def _span(self) -> Sequence[Token]:
        """Take an expression: up to a line break or a comma that is in no bracket."""
        start, opened = self.index, list[Token]()
        while self.index < len(self.tokens):
            token = self.tokens[self.index]
            mark = token.text if token.kind is Kind.MARK else ""
            if mark in _PAIRS:
                opened.append(token)
            elif mark in _PAIRS.values():
                if not opened or _PAIRS[opened.pop().text] != mark:
                    where, found = f"line {token.line}", f"{mark} that closes nothing"
                    raise TemplateError(where, found, "brackets in pairs")
            elif not opened and (mark == "," or self._ends()):
                break
            self.index += 1
        if opened:
            where, found = f"line {opened[-1].line}", f"{opened[-1].text} without its end"
            raise TemplateError(where, found, "brackets in pairs")
        return self.tokens[start : self.index]

    def _ends(self) -> bool:
        """Whether a line break ends an expression: a choice may go on after it."""
        if self._kind() is not Kind.BREAK:
            return False
        following = self.index
        while following < len(self.tokens) and self.tokens[following].kind is Kind.BREAK:
            following += 1
        token = self.tokens[following] if following < len(self.tokens) else None
        return token is None or token.kind is not Kind.MARK or token.text not in _GOES_ON

    def _node(self, span: Sequence[Token], line: int) -> Node:
        if self.depth > _DEEPEST:
            found = f"brackets within brackets, more than {_DEEPEST} deep"
            raise TemplateError(f"line {line}", found, f"at most {_DEEPEST}")
        plain = [token for token in span if token.kind is not Kind.BREAK]
        if not plain:
            return Unclear("", (), line)
        known = _simple(plain) or self._bracketed(span) or self._called(span)
        return known or self._unclear(span, line)

    def _inside(self, tokens_: Sequence[Token]) -> "_Parser":
        return _Parser(self.source, tokens_, self.depth + 1)

    def _bracketed(self, span: Sequence[Token]) -> Node | None:
        """Read what stands in brackets as a whole."""
        if not _is_wrapped(span):
            return None
        inner, line = span[1:-1], span[0].line
        first = next((token for token in inner if token.kind is not Kind.BREAK), None)
        looped = first is not None and (first.kind, first.text) == (Kind.NAME, "for")
        match span[0].text:
            case "{":
                return None if looped else Fields(tuple(self._inside(inner).entries()), line)
            case "[":
                if looped:
                    return self._loop(inner, line)
                return Items(tuple(self._inside(inner).items()), line)
            case _:
                return self._inside(inner).only(line)

    def _loop(self, inner: Sequence[Token], line: int) -> Node:
        """Read ``for NAME in LIST: VALUE``."""
        colon = _colon(inner)
        if colon is None:
            return self._unclear(inner, line)
        value = self._inside(inner[colon + 1 :]).only(line)
        return Guarded(self._unclear(inner[:colon], line), value, line, loops=True)

    def only(self, line: int) -> Node:
        """Read the only value that there is."""
        before = self.tokens
        found = list(self.items())
        return found[0] if len(found) == 1 else self._unclear(before, line)

    def _called(self, span: Sequence[Token]) -> Node | None:
        """Read a function that changes nothing, and ``if (...)`` of Bicep."""
        name, line = span[0], span[0].line
        if name.kind is not Kind.NAME or len(span) == 1 or span[1].text != "(":
            return None
        end = _closing(span, 1)
        if name.text == "if" and end + 1 < len(span):
            condition = self._inside(span[2:end]).only(line)
            return Guarded(condition, self._inside(span[end + 1 :]).only(line), line)
        if end + 1 == len(span) and name.text in _MEASURING:
            return Unclear(self.source[name.start : span[-1].end], (), line)
        if end + 1 < len(span) or name.text not in _SAME | _WRITING:
            return None
        inner = self._inside(span[2:end]).only(line)
        return Encoded(inner, line) if name.text in _WRITING else inner

    def _unclear(self, span: Sequence[Token], line: int) -> Unclear:
        if not span:
            return Unclear("", (), line)
        parts = tuple(
            Text(token.text, token.line, token.exact)
            if token.kind is Kind.TEXT
            else Name(_dotted(span, index), token.line)
            for index, token in enumerate(span)
            if token.kind in {Kind.TEXT, Kind.NAME}
        )
        return Unclear(self.source[span[0].start : span[-1].end], parts, line)


def _simple(span: Sequence[Token]) -> Node | None:
    first = span[0]
    if len(span) == 1 and first.kind is Kind.TEXT:
        return Text(first.text, first.line, first.exact)
    if len(span) == 1 and (first.kind is Kind.NUMBER or first.text in {"true", "false", "null"}):
        return Word(first.text, first.line)
    named = all(token.kind is Kind.NAME for token in span[::2])
    if named and len(span) % 2 and all(token.text == "." for token in span[1::2]):
        return Name("".join(token.text for token in span), first.line)
    return None


def _dotted(span: Sequence[Token], start: int) -> str:
    """Give the whole of a name that begins here."""
    end = start + 1
    while end + 1 < len(span) and span[end].text == "." and span[end + 1].kind is Kind.NAME:
        end += 2
    return "".join(token.text for token in span[start:end])


def _is_wrapped(span: Sequence[Token]) -> bool:
    opens = span[0].kind is Kind.MARK and span[0].text in _PAIRS
    return opens and _closing(span, 0) == len(span) - 1


def _closing(span: Sequence[Token], start: int) -> int:
    """Find the bracket that closes the one at ``start``; all are known to be closed."""
    depth = 0
    for index in range(start, len(span)):
        if span[index].kind is Kind.MARK:
            depth += (span[index].text in _PAIRS) - (span[index].text in _PAIRS.values())
        if depth == 0:
            return index
    return len(span)


def _colon(span: Sequence[Token]) -> int | None:
    """Find what parts the list of a loop from what it makes of each item."""
    depth = 0
    for index, token in enumerate(span):
        if token.kind is Kind.MARK:
            depth += (token.text in _PAIRS) - (token.text in _PAIRS.values())
            if token.text == ":" and depth == 0:
                return index
    return None
