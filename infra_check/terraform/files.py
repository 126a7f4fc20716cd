"""Terraform files as their blocks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import hcl2
from lark import Tree
from lark.exceptions import UnexpectedInput

from infra_check.problems import Fault
from infra_check.syntax import Expression
from infra_check.terraform.tree import Node, expression, inner, line_of, word


@dataclass(frozen=True, slots=True)
class Block:
    """A block: what stands before its brace, and what within. ``file`` is where it is."""

    kind: str
    labels: tuple[str, ...]
    attributes: Mapping[str, Expression]
    blocks: tuple["Block", ...]
    file: Path
    line: int

    @property
    def name(self) -> str:
        """What it is referred to by, among those of its kind."""
        return ".".join(self.labels)

    def inner(self, kind: str) -> list["Block"]:
        """Give the blocks of a kind within it."""
        return [each for each in self.blocks if each.kind == kind]


def read_terraform(path: Path) -> tuple[Block, ...]:
    """Read a file.

    Raises:
        Fault: it is no Terraform, or of a kind that the checks do not know.

    """
    tree = _read(path.read_text(encoding="utf-8"))
    return tuple(_blocks(tree.children[0], path))


@cache
def _read(text: str) -> Node:
    try:
        return hcl2.parses_to_tree(text)
    except UnexpectedInput as error:
        raise Fault(str(error).splitlines()[0], error.line) from error


def _blocks(body: Node | object, path: Path) -> Iterator[Block]:
    if isinstance(body, Tree):
        yield from (_block(node, path) for node in inner(body) if node.data == "block")


def _block(node: Node, path: Path) -> Block:
    *before, body = inner(node)
    kind, *labels = map(word, before)
    attributes: dict[str, Expression] = {}
    for each in inner(body):
        if each.data == "attribute":
            name, value = inner(each)
            if word(name) in attributes:
                raise Fault(f"{word(name)!r} stands there twice", line_of(each))
            attributes[word(name)] = expression(value)
    return Block(kind, tuple(labels), attributes, tuple(_blocks(body, path)), path, line_of(node))
