"""The project's own infra/: nothing wrong, and what the checks take for granted holds."""

import json
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from infra_check.bicep.deployment import deploy
from infra_check.check import check_project
from infra_check.deployed import Deployed, Findings
from infra_check.refresh import FILE, PACKAGE, TYPES
from infra_check.rules import alerts
from infra_check.rules.rights import ROLES
from infra_check.scenarios import PLAIN, SCENARIOS
from infra_check.schemas import schemas
from infra_check.terraform.deployment import Apply
from infra_check.terraform.reading import read_module
from purge_core.records.store_records import RunState
from purge_core.service import lines

ROOT = Path(__file__).parents[2]
CHANGING = {"AcrDelete", "Container Registry Repository Contributor"}


def deployments() -> dict[str, Deployed]:
    """Work all scenarios out."""
    main = ROOT / "infra" / "main.bicep"
    return {each.name: deploy(main, each.parameters, Findings()) for each in SCENARIOS}


def test_nothing_is_wrong() -> None:
    """The checks are content."""
    assert check_project(ROOT) == []


def test_the_command() -> None:
    """`make check` runs this, and it says what it looked at."""
    command = [sys.executable, "-m", "infra_check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"infra: {len(SCENARIOS)} deployments worked out, nothing wrong")


def test_only_looking_gives_no_right_that_changes_a_registry() -> None:
    """In mode plan, whatever else is asked for, nothing can delete, push or unlock."""
    changing = {role for role, name in ROLES.items() if name in CHANGING}
    assert len(changing) == len(CHANGING)
    worked_out = deployments()
    for scenario in SCENARIOS:
        deployed = worked_out[scenario.name]
        text = str([each.body for each in deployed.resources if "Authorization" in each.type])
        assert any(role in text for role in changing) is (scenario.mode == "purge")
        if scenario.mode == "plan":
            assert deployed.of("Microsoft.Authorization/roleDefinitions") == []


def test_it_says_which_rights_it_gives() -> None:
    """Whoever deploys reads whether the app may delete or unlock."""
    said = {name: str(each.outputs["PURGE_RIGHTS"]) for name, each in deployments().items()}
    assert "no right to delete" in said["only look, locks included"]
    assert "may look and delete, and not unlock" in said["purge"]
    assert "may look, delete and unlock" in said["purge, locks included"]
    assert "may look, delete and unlock" in said["purge, ABAC"]


def test_alerts_know_the_members_and_states() -> None:
    """What the rules let a query ask for is what the code writes."""
    source = Path(lines.__file__).read_text()
    assert all(f'"{name}"' in source or f"'{name}'" in source for name in alerts.MEMBERS)
    assert {state.value for state in RunState} >= alerts.STATES


def test_schemas_are_those_of_the_vendor() -> None:
    """The file names its source, and holds each type that is asked for."""
    document = json.loads(FILE.read_text())
    assert document["source"].startswith(PACKAGE)
    assert {name.partition("@")[0] for name in document["resources"]} == set(TYPES)
    assert len(schemas()) > len(TYPES)


@pytest.mark.parametrize(
    ("plain", "abac", "said"),
    [
        ((), (), "Name a registry"),
        (("contoso",), (), "id of a registry"),
        ((PLAIN,), ("contoso.azurecr.io",), "id of a registry"),
    ],
)
def test_a_registry_has_to_be_named_by_its_id(
    plain: tuple[str, ...], abac: tuple[str, ...], said: str
) -> None:
    """Otherwise nothing is deployed, in either variant, and the words say what is missing."""
    scenario = replace(SCENARIOS[0], plain=plain, abac=abac)
    bicep, terraform = Findings(), Findings()
    deploy(ROOT / "infra" / "main.bicep", scenario.parameters, bicep)
    blocks = read_module(ROOT / "infra" / "terraform", ROOT).blocks
    Apply(blocks, scenario.variables, terraform, ROOT).run()
    for findings in (bicep, terraform):
        assert any(said in problem.message for problem in findings.problems)


def test_scenarios_differ() -> None:
    """Every field of a scenario has two values somewhere."""
    for field in fields(SCENARIOS[0]):
        assert len({repr(getattr(each, field.name)) for each in SCENARIOS}) > 1
