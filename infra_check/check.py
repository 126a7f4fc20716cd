"""All checks: every file, every scenario in both variants, every rule."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from infra_check.apart import Tried, collisions
from infra_check.bicep.deployment import deploy
from infra_check.bicep.reading import is_readable, never_deployed, read_through
from infra_check.code import read_code
from infra_check.deployed import Deployed, Findings
from infra_check.problems import Problem
from infra_check.project import check_azd, check_host, check_parameters
from infra_check.rules import (
    Complaint,
    Rule,
    Trial,
    alerts,
    app,
    azd,
    identity,
    network,
    rights,
    safety,
    shape,
)
from infra_check.same import differences
from infra_check.scenarios import SCENARIOS, Scenario
from infra_check.terraform.deployment import Apply
from infra_check.terraform.reading import Module, never_applied, read_module

RULES: Final[tuple[Rule, ...]] = (
    *shape.RULES,
    *app.RULES,
    *azd.RULES,
    *identity.RULES,
    *rights.RULES,
    *safety.RULES,
    *network.RULES,
    *alerts.RULES,
)
_BICEP: Final = "infra/main.bicep"
_TERRAFORM: Final = "infra/terraform/main.tf"


def check_project(root: Path) -> list[Problem]:
    """Give all that is wrong with the deployment of the project in a folder."""
    code = read_code(root)
    bicep, terraform = _Bicep(root), _Terraform(root)
    problems = bicep.problems | terraform.problems
    ours: list[Tried] = []
    theirs: list[Tried] = []
    for scenario in SCENARIOS if bicep.is_readable and terraform.is_readable else ():
        one, other = bicep.work_out(scenario), terraform.work_out(scenario)
        problems |= set(told(_complaints(Trial(scenario, one, code)), _BICEP))
        problems |= set(told(_complaints(Trial(scenario, other, code)), _TERRAFORM))
        problems |= set(told(differences(one, other), _TERRAFORM))
        ours.append((scenario, one))
        theirs.append((scenario, other))
    problems |= {*told(collisions(ours), _BICEP), *told(collisions(theirs), _TERRAFORM)}
    problems |= {*bicep.never(), *terraform.never()}
    problems |= bicep.findings.problems | terraform.findings.problems
    return sorted(problems | {*check_host(code), *check_parameters(root), *check_azd(root)})


def _complaints(trial: Trial) -> Iterator[Complaint]:
    for rule in RULES:
        yield from rule(trial)


def told(complaints: Iterable[Complaint], main: str) -> Iterator[Problem]:
    """Give complaints their places; what is about no resource is about the ``main`` file."""
    for resource, message in complaints:
        if resource is None:
            yield Problem(main, 0, message)
        else:
            yield Problem(resource.file, resource.line, message)


@dataclass(slots=True)
class _Bicep:
    """The Bicep variant of a project."""

    root: Path
    findings: Findings = field(default_factory=Findings)
    seen: set[tuple[str, int]] = field(default_factory=set)

    @property
    def _files(self) -> list[Path]:
        return sorted((self.root / "infra").rglob("*.bicep"))

    @property
    def problems(self) -> set[Problem]:
        return {problem for file in self._files for problem in read_through(file, self.root)}

    @property
    def is_readable(self) -> bool:
        return all(map(is_readable, self._files))

    def work_out(self, scenario: Scenario) -> Deployed:
        self.findings.resources.clear()
        deployed = deploy(self.root / _BICEP, scenario.parameters, self.findings)
        self.seen |= {(each.file, each.line) for each in deployed.resources}
        return deployed

    def never(self) -> Iterator[Problem]:
        return never_deployed(self.root / "infra", self.root, self.seen) if self.seen else iter(())


class _Terraform:
    """The Terraform variant of a project."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._module: Module = read_module(root / "infra" / "terraform", root)
        self.findings = Findings()
        self._seen: set[tuple[str, int]] = set()
        self.problems = set(self._module.problems)
        self.is_readable = self._module.is_readable

    def work_out(self, scenario: Scenario) -> Deployed:
        self.findings.resources.clear()
        apply = Apply(self._module.blocks, scenario.variables, self.findings, self._root)
        deployed = apply.run()
        self._seen |= {(each.file, each.line) for each in deployed.resources}
        return deployed

    def never(self) -> Iterator[Problem]:
        return never_applied(self._module, self._root, self._seen) if self._seen else iter(())
