"""Whether something of Terraform or Bicep seems to run a purge, wherever its texts stand."""

from purge_core.policies.importing.findings import mentions_purge
from purge_core.policies.importing.template.nodes import (
    Guarded,
    Name,
    Node,
    Text,
    Unclear,
    Word,
    leaves,
)
from purge_core.policies.importing.template.values import Known


def mentions(known: Known, node: Node, depth: int = 0) -> bool:
    """Whether a text, what texts make together, or any text behind a name runs a purge.

    Raises:
        TemplateError: values within values without end.

    """
    texts = []
    for leaf in leaves(node):
        texts.append(known.text(leaf) or "")
        inner = known.node(leaf.text) if isinstance(leaf, Name) else None
        if inner is not None and not isinstance(inner, Text | Word):
            known.look(leaf.text, depth)
            if mentions(known, inner, depth + 1):
                return True
    return mentions_purge(" ".join(texts))


def unclear_in(node: Node) -> list[Unclear]:
    """Find the expressions in an object that is written out."""
    if isinstance(node, Unclear):
        return [node]
    if isinstance(node, Guarded):
        return [Unclear("if or for", tuple(leaves(node)), node.line)]
    if isinstance(node, Text | Name | Word):
        return []
    return [unclear for inner in node.nodes for unclear in unclear_in(inner)]
