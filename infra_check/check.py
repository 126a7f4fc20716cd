"""All checks: every file, every scenario, every rule."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, cast

from pycep import BicepParser

from infra_check.bicep.deployment import Findings, deploy
from infra_check.bicep.files import Sort, read_bicep
from infra_check.bicep.names import misnamed
from infra_check.code import Code, read_code
from infra_check.problems import Fault, Problem
from infra_check.project import check_host, check_parameters
from infra_check.rules import Rule, Trial, alerts, app, rights, safety, shape
from infra_check.scenarios import SCENARIOS

RULES: Final[tuple[Rule, ...]] = (
    *shape.RULES,
    *app.RULES,
    *rights.RULES,
    *safety.RULES,
    *alerts.RULES,
)


def check(infra: Path, code: Code) -> list[Problem]:
    """Give all that is wrong with the files in a folder that deploy the project of ``code``."""
    files = sorted(infra.rglob("*.bicep"))
    root = infra.parent
    problems = {problem for file in files for problem in _file(file, root)}
    if all(map(_is_readable, files)):
        problems |= _scenarios(infra / "main.bicep", code)
    problems |= {*check_host(code), *check_parameters(root)}
    return sorted(problems)


def check_project(root: Path) -> list[Problem]:
    """Give all that is wrong with the deployment of the project in a folder."""
    return check(root / "infra", read_code(root))


def _is_readable(path: Path) -> bool:
    try:
        read_bicep(path)
    except Fault:
        return False
    return True


def _file(path: Path, root: Path) -> Iterator[Problem]:
    """Read a file, and let a second reader have its say; look over its names."""
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
    read = _second_reader().parse(text=text)
    return cast("Mapping[str, Mapping[str, object]]", read)


_GROUPS: Final = {
    Sort.PARAMETER: "parameters",
    Sort.VARIABLE: "variables",
    Sort.RESOURCE: "resources",
    Sort.MODULE: "modules",
    Sort.OUTPUT: "outputs",
}


def _scenarios(main: Path, code: Code) -> set[Problem]:
    problems: set[Problem] = set()
    seen: set[tuple[str, int]] = set()
    for scenario in SCENARIOS:
        findings = Findings()
        deployed = deploy(main, scenario.parameters, findings)
        problems |= findings.problems
        seen |= {(each.file, each.line) for each in deployed.resources}
        problems |= set(complaints(Trial(scenario, deployed, code), main.relative_to(code.root)))
    return problems | set(_never(main, seen))


def complaints(trial: Trial, main: Path, rules: Iterable[Rule] = RULES) -> Iterator[Problem]:
    """Ask every rule; what is about no resource is about the ``main`` file."""
    for rule in rules:
        for resource, message in rule(trial):
            file = resource.file if resource is not None else main.as_posix()
            yield Problem(file, resource.line if resource is not None else 0, message)


def _never(main: Path, seen: set[tuple[str, int]]) -> Iterator[Problem]:
    """Find resources that no scenario deploys: nothing would have looked at them."""
    root = main.parent.parent
    for path in sorted(main.parent.rglob("*.bicep")):
        file = path.relative_to(root).as_posix()
        for each in read_bicep(path).of(Sort.RESOURCE):
            if (file, each.line) not in seen:
                yield Problem(file, each.line, f"no scenario deploys {each.name!r}")
