"""Reads the Terraform files of a folder, and looks over their names."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra_check.problems import Fault, Problem
from infra_check.terraform.deployment import RESOURCES
from infra_check.terraform.files import Block, read_terraform
from infra_check.terraform.names import misnamed


@dataclass(frozen=True, slots=True)
class Module:
    """The blocks of a folder's files, and what is wrong with these as such."""

    blocks: tuple[Block, ...]
    problems: frozenset[Problem]
    is_readable: bool


def read_module(folder: Path, root: Path) -> Module:
    """Read all files of a folder; ``root`` is the folder of the project."""
    blocks: list[Block] = []
    unreadable = set()
    for path in sorted(folder.glob("*.tf")):
        try:
            blocks += read_terraform(path)
        except Fault as fault:
            file = path.relative_to(root).as_posix()
            unreadable.add(Problem(file, fault.line, fault.message))
    found = unreadable or {
        Problem(block.file.relative_to(root).as_posix(), block.line, message)
        for block, message in misnamed(blocks)
    }
    return Module(tuple(blocks), frozenset(found), not unreadable)


def never_applied(module: Module, root: Path, seen: set[tuple[str, int]]) -> Iterator[Problem]:
    """Find resources that no scenario asks for: nothing would have looked at them."""
    for block in module.blocks:
        place = (block.file.relative_to(root).as_posix(), block.line)
        if block.kind == "resource" and block.labels[0] in RESOURCES and place not in seen:
            yield Problem(*place, f"no scenario applies {block.name!r}")
