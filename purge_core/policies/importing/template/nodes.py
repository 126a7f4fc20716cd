"""What a file of Terraform or Bicep consists of."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A literal text. ``exact``: of what its language replaces in it, only ``${...}`` is there."""

    text: str
    line: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Word:
    """A number, ``true``, ``false`` or ``null``."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Name:
    """What is called by its name: ``var.days``, ``local.cron``, ``schedule``."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    nodes: tuple["Node", ...]
    line: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A setting or a block. ``words``: all that stands before its value."""

    words: tuple[str, ...]
    node: "Node"
    line: int


@dataclass(frozen=True, slots=True)
class Fields:
    """A block, an object, or a whole file."""

    entries: tuple[Entry, ...]
    line: int

    @property
    def nodes(self) -> tuple["Node", ...]:
        """What it holds."""
        return tuple(entry.node for entry in self.entries)

    def all(self, *words: str) -> Iterator["Node"]:
        """Yield the values of the entries of that name."""
        return (entry.node for entry in self.entries if entry.words == words)


@dataclass(frozen=True, slots=True)
class Encoded:
    """An object that is written out as YAML or JSON."""

    inner: "Node"
    line: int

    @property
    def nodes(self) -> tuple["Node", ...]:
        """What it holds."""
        return (self.inner,)


@dataclass(frozen=True, slots=True)
class Guarded:
    """What is there only if ``condition`` holds; or, where it ``loops``, for each item of it."""

    condition: "Node"
    inner: "Node"
    line: int
    loops: bool = False

    @property
    def nodes(self) -> tuple["Node", ...]:
        """What it holds."""
        return (self.condition, self.inner)


@dataclass(frozen=True, slots=True)
class Unclear:
    """An expression that is not followed, as written, with the texts and names in it."""

    source: str
    nodes: tuple[Text | Name, ...]
    line: int


Node = Text | Word | Name | Items | Fields | Encoded | Guarded | Unclear


def leaves(node: Node) -> Iterator[Text | Name]:
    """Yield all texts and names in a node."""
    if isinstance(node, Text | Name):
        yield node
    elif not isinstance(node, Word):
        for inner in node.nodes:
            yield from leaves(inner)
