"""Looks over Terraform's names: all that are used exist, all that exist are used."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from infra_check.syntax import Call, Expression, Member, Name
from infra_check.terraform.deployment import RESOURCES
from infra_check.terraform.files import Block
from infra_check.terraform.functions import TERRAFORM
from infra_check.walk import walk

_WITHOUT_VALUES = {"terraform", "provider"}
_OF_ITSELF = {"each", "count"}
_MUST_BE_USED = ("var.", "local.", "data.")


def misnamed(blocks: Iterable[Block]) -> Iterator[tuple[Block, str]]:
    """Say what is wrong with the names of a module's blocks."""
    named = [block for block in blocks if block.kind not in _WITHOUT_VALUES]
    declared = {path: block for block in named for path in _declares(block)}
    used: set[str] = set()
    yield from _twice(named)
    for block in named:
        for path in _uses(block):
            used.add(path)
            if path not in declared:
                yield block, f"there is no {path!r}"
        for call in _calls(block):
            if call not in TERRAFORM:
                yield block, f"there is no function {call!r} that the checks know"
    for path in declared.keys() - used:
        if path.startswith(_MUST_BE_USED):
            yield declared[path], f"{path!r} is used nowhere"


def _twice(blocks: Iterable[Block]) -> Iterator[tuple[Block, str]]:
    """Find names that two blocks declare; one of them would be lost."""
    seen: set[str] = set()
    for block in blocks:
        names = set(_declares(block))
        yield from ((block, f"{path!r} is there twice") for path in sorted(names & seen))
        seen |= names


def _declares(block: Block) -> Iterator[str]:
    match block.kind:
        case "locals":
            yield from (f"local.{name}" for name in block.attributes)
        case "variable":
            yield f"var.{block.name}"
        case "data":
            yield f"data.{block.name}"
        case "resource":
            yield block.name
        case _:
            return


def _expressions(block: Block) -> Iterator[Expression]:
    skipped = {"type"} if block.kind == "variable" else set()
    yield from (node for name, node in block.attributes.items() if name not in skipped)
    for inner in block.blocks:
        yield from _expressions(inner)


def _uses(block: Block) -> Iterator[str]:
    """Yield what a block refers to, as far as it takes to find it."""
    for whole in _expressions(block):
        for node, local in walk(whole):
            path = _path(node, local)
            if path is not None:
                yield path


def _path(node: Expression, local: AbstractSet[str]) -> str | None:
    """Give the path of a reference; ``None``: it is none, or part of a longer one."""
    names: list[str] = []
    while isinstance(node, Member):
        names.insert(0, node.name)
        node = node.of
    if not isinstance(node, Name) or node.name in local or node.name in _OF_ITSELF:
        return None
    root = node.name
    depth = 2 if root == "data" else 1
    if root in ("var", "local", "data", *RESOURCES):
        return ".".join([root, *names]) if len(names) == depth else None
    return root if not names else None


def _calls(block: Block) -> Iterator[str]:
    for whole in _expressions(block):
        yield from (node.function for node, _ in walk(whole) if isinstance(node, Call))
