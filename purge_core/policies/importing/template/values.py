"""The values of names in Terraform and Bicep, as far as they stand in the file.

A name that is set twice has no value. A default is one, and told: whoever deploys may set
another; so it never settles whether something is deployed at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from purge_core.policies.importing.findings import MAX_DEPTH
from purge_core.policies.importing.template.nodes import (
    Fields,
    Name,
    Node,
    Text,
    Unclear,
    Word,
    leaves,
)
from purge_core.policies.importing.template.tokens import Language, TemplateError
from purge_core.policies.importing.variables import Values
from purge_core.policies.yaml_text import MAX_CHARACTERS

_MOST_LOOKS: Final = 100_000
"""How often values are looked for in one file."""

_PLACED: Final = re.compile(r"\$\{~?\s*(?P<name>[A-Za-z_][\w.-]*)\s*~?\}")
_PLACE: Final = re.compile(r"\$\{(?P<inside>[^{}]*)\}")
_CHOICE: Final = re.compile(
    r"(?P<negated>!?)\s*(?P<name>[A-Za-z_][\w.]*)"
    r"(?:\s*\?\s*['\"]?(?P<yes>\w+)['\"]?\s*:\s*['\"]?(?P<no>\w+)['\"]?)?"
)
_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*")


@dataclass(frozen=True, slots=True)
class Known:
    """What a file says of its names; ``given`` values win.

    ``free``: the names that have a default, and may be set otherwise.
    """

    definitions: dict[str, Node | None]
    free: frozenset[str]
    given: Values
    budget: Iterator[int] = field(default_factory=lambda: iter(range(_MOST_LOOKS)))

    def text(self, node: Node, depth: int = 0) -> str | None:
        """Work a value out as a text.

        Raises:
            TemplateError: values within values without end.

        """
        match node:
            case Text(text, _, exact):
                inexact = None if depth else text
                return self._filled(text, depth) if exact else inexact
            case Word(text):
                return None if text == "null" else text
            case Name(name):
                return self.value(name, depth)
            case _:
                return None

    def value(self, name: str, depth: int = 0) -> str | None:
        """Work a name out as a text; ``None``: it has none here.

        Raises:
            TemplateError: values within values without end.

        """
        if name in self.given:
            return self.given[name]
        node = self.node(name)
        self.look(name, depth)
        return None if node is None else self.text(node, depth + 1)

    def look(self, name: str, depth: int) -> None:
        """Count that the value of a name is looked for.

        Raises:
            TemplateError: values within values without end.

        """
        if depth >= MAX_DEPTH or next(self.budget, None) is None:
            found = f"values within values, more than {MAX_DEPTH} deep"
            raise TemplateError(name, found, f"a value; give it with --set {name}=...")

    def settled(self, node: Node) -> str | None:
        """Work a value out that nobody can set otherwise; ``None``: it depends.

        Raises:
            TemplateError: values within values without end.

        """
        if isinstance(node, Unclear):
            return self._chosen(node)
        text = None if any(self.open_names(node)) else self.text(node)
        return None if text is None or "${" in text else text

    def _chosen(self, node: Unclear) -> str | None:
        """Work out ``!name`` and ``name ? 1 : 0``."""
        choice = _CHOICE.fullmatch(node.source.strip())
        said = choice and self.settled(Name(choice["name"], node.line))
        if choice is None or said not in {"true", "false"}:
            return None
        holds = (said == "true") is not bool(choice["negated"])
        if choice["yes"] is None:
            return str(holds).lower()
        return str(choice["yes"] if holds else choice["no"])

    def open_names(self, node: Node, depth: int = 0) -> Iterator[str]:
        """Yield the names of which a default is taken, in all that a node uses.

        Raises:
            TemplateError: values within values without end.

        """
        for name in used_names(node):
            if name in self.given or (base := self.base(name)) is None:
                continue
            if base in self.free:
                yield name
            self.look(name, depth)
            if (inner := self.node(name)) is not None:
                yield from self.open_names(inner, depth + 1)

    def node(self, name: str) -> Node | None:
        """Find what a name is set to, also within an object."""
        base = self.base(name)
        node = self.definitions[base] if base is not None else None
        for part in name[len(base or "") :].split(".")[1:]:
            found = list(node.all(part)) if isinstance(node, Fields) else []
            node = found[0] if len(found) == 1 else None
        return node

    def base(self, name: str) -> str | None:
        """Find the definition that a name belongs to."""
        while name and name not in self.definitions:
            name = name.rpartition(".")[0]
        return name or None

    def _filled(self, text: str, depth: int) -> str:
        def value(match: re.Match[str]) -> str:
            known = self.value(match["name"], depth)
            return match[0] if known is None else known

        filled = _PLACED.sub(value, text)
        if len(filled) > MAX_CHARACTERS:
            found = f"more than {MAX_CHARACTERS} characters, of one text"
            raise TemplateError("text", found, f"at most {MAX_CHARACTERS}")
        return filled


def known_in(file: Fields, language: Language, given: Values) -> Known:
    """Collect the names that a file defines."""
    every = _of_terraform(file) if language is Language.TERRAFORM else _of_bicep(file)
    definitions: dict[str, Node | None] = {}
    free = set()
    for name, node, is_free in every:
        definitions[name] = None if name in definitions else node
        if is_free:
            free.add(name)
    return Known(definitions, frozenset(free), given)


def used_names(node: Node) -> Iterator[str]:
    """Yield the names that a node uses, those within texts too."""
    for leaf in leaves(node):
        if isinstance(leaf, Name):
            yield leaf.text
        else:
            for place in _PLACE.finditer(leaf.text):
                yield from _NAME.findall(place["inside"])


def _of_terraform(file: Fields) -> Iterator[tuple[str, Node, bool]]:
    for entry in file.entries:
        if not isinstance(entry.node, Fields):
            continue
        if entry.words[:1] == ("variable",):
            default = [*entry.node.all("default"), Unclear("", (), entry.line)][0]
            yield f"var.{entry.words[-1]}", default, True
        elif entry.words == ("locals",):
            for inner in entry.node.entries:
                yield f"local.{inner.words[-1]}", inner.node, False


def _of_bicep(file: Fields) -> Iterator[tuple[str, Node, bool]]:
    for entry in file.entries:
        kind, *names = entry.words
        if kind in {"param", "var"} and names:
            yield names[0], entry.node, kind == "param"
