"""Reads Bicep files twice, the second time with pycep, and looks over their names."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, cast

from pycep import BicepParser

from infra_check.bicep.files import Sort, read_bicep
from infra_check.bicep.names import misnamed
from infra_check.problems import Fault, Problem

_GROUPS: Final = {
    Sort.PARAMETER: "parameters",
    Sort.VARIABLE: "variables",
    Sort.RESOURCE: "resources",
    Sort.MODULE: "modules",
    Sort.OUTPUT: "outputs",
}


def is_readable(path: Path) -> bool:
    """Tell whether a file is Bicep at all."""
    try:
        read_bicep(path)
    except Fault:
        return False
    return True


def read_through(path: Path, root: Path) -> Iterator[Problem]:
    """Say what is wrong with a file as such; ``root`` is the folder of the project."""
    shown = path.relative_to(root).as_posix()
    try:
        file = read_bicep(path)
    except Fault as fault:
        yield Problem(shown, fault.line, fault.message)
        return
    yield from (Problem(shown, line, message) for line, message in misnamed(file))
    try:
        other = _second_reading(path.read_text(encoding="utf-8"))
    except Exception as error:  # noqa: BLE001 - whatever it says is the answer
        yield Problem(shown, 0, f"pycep cannot read it: {str(error).splitlines()[0]}")
        return
    for sort, group in _GROUPS.items():
        if {each.name for each in file.of(sort)} != other.get(group, {}).keys():
            yield Problem(shown, 0, f"pycep reads other {group}")


@cache
def _second_reader() -> BicepParser:
    """Make pycep's reader, which takes a while."""
    return BicepParser()


@cache
def _second_reading(text: str) -> Mapping[str, Mapping[str, object]]:
    """Read a file with pycep: groups of declarations by name."""
    return cast("Mapping[str, Mapping[str, object]]", _second_reader().parse(text=text))


def never_deployed(folder: Path, root: Path, seen: set[tuple[str, int]]) -> Iterator[Problem]:
    """Find resources that no scenario deploys: nothing would have looked at them."""
    for path in sorted(folder.rglob("*.bicep")):
        shown = path.relative_to(root).as_posix()
        for each in read_bicep(path).of(Sort.RESOURCE):
            if (shown, each.line) not in seen:
                yield Problem(shown, each.line, f"no scenario deploys {each.name!r}")
