"""YAML 1.2 (and so JSON) as plain values with their lines; bounded, and nothing resolved twice.

Built from the parser's events: no tags, no merge keys, no directives, every duplicate key
reported, and the size limited before and after aliases are followed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from purge_core.errors import PolicyError, Problem
from purge_core.wording import shown

MAX_CHARACTERS: Final = 262_144
MAX_VALUES: Final = 20_000
"""Keys, scalars, lists and mappings, each counted as often as aliases repeat it."""

MAX_DEPTH: Final = 20
ROOT: Final = "document"
"""How the document as a whole is called in a problem's path."""

_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,40})?(?:[eE][-+]?[0-9]{1,3})?")
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
_WORDS: Final[Mapping[str, bool | None]] = {
    word: value
    for name, value in {"true": True, "false": False, "null": None}.items()
    for word in (name, name.capitalize(), name.upper())
} | {"": None, "~": None}


@dataclass(frozen=True, slots=True)
class Document:
    """The values of a document, and on which line each path begins (from 1)."""

    value: object
    lines: Mapping[str, int]


def step(path: str, key: str | int) -> str:
    """Extend a path: ``rules`` and 1 is ``rules[1]``, that and ``tags`` is ``rules[1].tags``."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    name = key if _PLAIN_KEY.fullmatch(key) else shown(key)
    return f"{path}.{name}" if path else name


def read_yaml(text: str) -> Document:
    """Read one document.

    Raises:
        PolicyError: it is not YAML, too large, or uses what is not allowed here.

    """
    if len(text) > MAX_CHARACTERS:
        found = f"{len(text)} characters"
        raise PolicyError([Problem(ROOT, found, f"at most {MAX_CHARACTERS} characters")])
    builder = _Builder(YAML(typ="safe", pure=True).parse(text))
    try:
        value = builder.build()
    except (YAMLError, ValueError, OverflowError) as error:
        raise PolicyError([*builder.problems, _syntax(error)]) from None
    if builder.problems:
        raise PolicyError(builder.problems)
    return Document(value, builder.lines)


class _Representer(RoundTripRepresenter):
    """Writes null as a word: ``limits:`` with nothing behind it looks forgotten."""

    def represent_null(self, _: None) -> ScalarNode:
        """Represent ``None``."""
        node: ScalarNode = self.represent_scalar("tag:yaml.org,2002:null", "null")
        return node


_Representer.add_representer(type(None), _Representer.represent_null)


def write_yaml(value: object, comments: Sequence[str] = ()) -> str:
    """Write plain values as YAML, under ``comments``, in the order of their keys."""
    writer = YAML()
    writer.Representer = _Representer
    writer.width = MAX_CHARACTERS
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    writer.dump(value, stream)
    return "".join(f"# {comment}\n" for comment in comments) + stream.getvalue()


def _syntax(error: YAMLError | ValueError | OverflowError) -> Problem:
    """Word what the parser found, without its context and its advice."""
    where, what = ROOT, str(error).partition("\n")[0]
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        where, what = f"line {mark.line + 1}, column {mark.column + 1}", error.problem
    return Problem(where, f"no YAML ({what})", "a YAML or JSON document")


@dataclass(slots=True)
class _Builder:
    """Turns events into values, noting lines and problems on the way."""

    events: Iterator[Event]
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    anchors: dict[str, tuple[object, int]] = field(default_factory=dict)
    values: int = 0

    def build(self) -> object:
        """Read the first document, and see that there is no second."""
        value: object = None
        documents = 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if event.version is not None and tuple(event.version) != (1, 2):
                    self._wrong("", event, "a directive", "YAML 1.2, without a %YAML line")
                if documents > 1:
                    self._wrong("", event, "a second document (---)", "one document")
                    break
                value = self._value(next(self.events), "", 1)
        if documents == 0:
            self.problems.append(Problem(ROOT, "nothing", "a YAML or JSON document"))
        return value

    def _wrong(self, path: str, event: Event, found: str, expected: str) -> None:
        line = event.start_mark.line + 1
        self.problems.append(Problem(path or ROOT, f"{found} (line {line})", expected))

    def _count(self, values: int) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            found = f"more than {MAX_VALUES} values"
            raise PolicyError([*self.problems, Problem(ROOT, found, f"at most {MAX_VALUES}")])

    def _value(self, event: Event, path: str, depth: int) -> object:
        self.lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, AliasEvent):
            return self._alias(event, path)
        if depth > MAX_DEPTH:
            found = f"more than {MAX_DEPTH} levels"
            raise PolicyError([*self.problems, Problem(ROOT, found, f"at most {MAX_DEPTH}")])
        before = self.values
        self._count(1)
        value = self._plain_value(event, path, depth)
        if isinstance(event, NodeEvent) and event.anchor is not None:
            self.anchors[event.anchor] = value, self.values - before
        return value

    def _plain_value(self, event: Event, path: str, depth: int) -> object:
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag is not None:
            self._wrong(path, event, f"the tag {shown(str(event.tag))}", "no tag")
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path, depth)
        return _scalar(event) if isinstance(event, ScalarEvent) else None

    def _alias(self, event: AliasEvent, path: str) -> object:
        if event.anchor not in self.anchors:
            found = f"*{event.anchor}"
            self._wrong(path, event, found, f"&{event.anchor} on a value before it")
            return None
        value, values = self.anchors[event.anchor]
        self._count(values)
        return value

    def _sequence(self, path: str, depth: int) -> list[object]:
        items: list[object] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self._value(event, step(path, len(items)), depth + 1))
        return items

    def _mapping(self, path: str, depth: int) -> dict[str, object]:
        values: dict[str, object] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent):
                self._wrong(path, event, "a key that is not a text", "texts as keys")
                self._value(event, path, depth + 1)
                self._value(next(self.events), path, depth + 1)
                continue
            self._count(1)
            key = _text(event)
            here = step(path, key)
            if key in values:
                self._wrong(here, event, "the same key again", "each key once")
            values[key] = self._value(next(self.events), here, depth + 1)
        return values


def _text(event: ScalarEvent) -> str:
    """Give the text of a scalar, with the surrogate pairs of JSON escapes joined."""
    text: str = event.value
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _scalar(event: ScalarEvent) -> object:
    """Read a plain scalar as null, boolean or number; all else is text (core schema, strict)."""
    text = _text(event)
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
