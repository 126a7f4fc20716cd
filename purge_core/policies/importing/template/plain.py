"""Nodes of Terraform and Bicep as plain values, such as a YAML document holds."""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from purge_core.policies.importing.template.nodes import (
    Encoded,
    Fields,
    Items,
    Name,
    Node,
    Text,
    Unclear,
    Word,
)
from purge_core.policies.importing.template.values import Known

_BASE64: Final = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Plain:
    """Turns nodes into plain values. ``text`` works the value of a single one out.

    What has no value becomes what it is written as, in a way that no value is.
    """

    known: Known
    text: Callable[[Node], str | None]

    def of(self, node: Node, depth: int = 0) -> object:
        """Give a node as a plain value.

        Raises:
            TemplateError: values within values without end.

        """
        match node:
            case Fields(entries):
                pairs = ((entry.words[-1], self.of(entry.node, depth)) for entry in entries)
                return {key: _of_key(key, value) for key, value in pairs}
            case Items(nodes):
                return [self.of(inner, depth) for inner in nodes]
            case Encoded(inner):
                return self.of(inner, depth)
            case Text() | Word():
                return self._scalar(node)
            case Name():
                return self._named(node, depth)
            case Unclear(source):
                text = self.text(node)
                return f"[{source}]" if text is None else _WORDS.get(text, text)
            case _:
                return "[if or for]"

    def _scalar(self, node: Text | Word) -> object:
        if isinstance(node, Word):
            return _WORDS.get(node.text, node.text)
        text = self.text(node)
        return f"[{node.text}]" if text is None else text

    def _named(self, node: Name, depth: int) -> object:
        inner = self.known.node(node.text)
        if isinstance(inner, Fields | Items):
            self.known.look(node.text, depth)
            return self.of(inner, depth + 1)
        text = self.text(node)
        if text is None:
            return f"${{{node.text}}}"
        return _WORDS.get(text, text)


def _of_key(key: str, value: object) -> object:
    """Encode a task as Azure wants it, where the file lets a function do that."""
    if key == "encodedTaskContent" and isinstance(value, str) and not _BASE64.fullmatch(value):
        return b64encode(value.encode()).decode()
    return value
