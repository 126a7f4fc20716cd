"""docs/deploy.md and docs/security.md say what infra/ does: parameters, roles, outputs, alerts."""

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest

from infra_check.bicep.deployment import deploy
from infra_check.bicep.files import Sort, read_bicep
from infra_check.deployed import Findings
from infra_check.rules.rights import ROLES
from infra_check.scenarios import SCENARIOS, TUNED
from infra_check.terraform.files import Block, read_terraform
from purge_core.checkup.mending import UNLOCKING, UNLOCKS
from purge_core.service.lines import RUN_BEGAN, RUN_ENDED

ROOT = Path(__file__).parents[2]
DEPLOY = (ROOT / "docs" / "deploy.md").read_text()
SECURITY = (ROOT / "docs" / "security.md").read_text()
TROUBLE = (ROOT / "docs" / "troubleshooting.md").read_text()
REPORTS = (ROOT / "docs" / "reports.md").read_text()
PAGES = ("deploy.md", "operations.md", "security.md", "troubleshooting.md")
ROW = re.compile(
    r"^\| `(?P<azd>\w+)` \| `(?P<terraform>\w+)` \| (?P<default>[^|]+) \|", re.MULTILINE
)
ROWS = {match["azd"]: match for match in ROW.finditer(DEPLOY)}


def parameters() -> dict[str, tuple[str, str]]:
    """Return the variables that azd fills in: the parameter of each, and its default there."""
    document = json.loads((ROOT / "infra" / "main.parameters.json").read_text())
    found = {}
    for name, each in document["parameters"].items():
        if name == "tuning":
            continue  # stands for many, which are named below the table
        variable, _, default = each["value"][2:-1].partition("=")
        found[variable] = (name, default)
    return found


def variables() -> dict[str, Block]:
    """Return the variables of the Terraform variant."""
    blocks = read_terraform(ROOT / "infra" / "terraform" / "variables.tf")
    return {block.name: block for block in blocks if block.name != "tuning"}


def test_every_parameter_is_described() -> None:
    """The table has a row for each variable of azd and of Terraform, and no other."""
    assert ROWS.keys() == parameters().keys()
    assert {match["terraform"] for match in ROWS.values()} == variables().keys()


def test_what_is_handed_on_is_named() -> None:
    """The settings below the table are those that both variants hand on."""
    text = DEPLOY.partition("handed on as they are")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(PURGE_\w+)`", text)) == TUNED.keys()


@pytest.mark.parametrize("azd", ROWS)
def test_names_and_defaults_agree(azd: str) -> None:
    """A row names the same thing in both variants, and its default is the true one."""
    name, default = parameters()[azd]
    snake = re.sub("([A-Z])", lambda match: f"_{match[1].lower()}", name)
    assert ROWS[azd]["terraform"] == snake
    written = re.fullmatch("`(.+)`", ROWS[azd]["default"].strip())
    if written is None:
        assert default == ""
        return
    main = (ROOT / "infra" / "main.bicep").read_text()
    assert written[1] in {default, *re.findall(rf"empty\({name}\) \? '([^']+)'", main)}
    text = (ROOT / "infra" / "terraform" / "variables.tf").read_text()
    block = re.search(rf'variable "{snake}" {{.*?\n}}', text, re.DOTALL)
    assert block is not None
    assert re.search(rf'default += "?{re.escape(written[1])}"?\n', block[0])


def test_every_role_is_explained() -> None:
    """Each role that is given anywhere stands in the page with its id."""
    for role, name in ROLES.items():
        assert f"*{name}* `{role}`" in SECURITY


def test_the_role_that_unlocks_is_shown() -> None:
    """As the page, the deployment and the doctor have it, it may do the same, and no more."""
    shown = json.loads(SECURITY.partition("```json\n")[2].partition("```")[0])
    assert shown["Actions"] == list(UNLOCKING)
    assert shown["Description"] == UNLOCKS
    scenario = next(s for s in SCENARIOS if s.include_locked and s.mode == "purge" and s.plain)
    deployed = deploy(ROOT / "infra/main.bicep", scenario.parameters, Findings())
    (role,) = deployed.of("Microsoft.Authorization/roleDefinitions")
    assert role.at("properties.permissions") == [{"actions": list(UNLOCKING)}]
    assert role.at("properties.description") == UNLOCKS


def test_outputs_exist() -> None:
    """What the page asks azd or Terraform for is told by them."""
    pages = "".join((ROOT / "docs" / page).read_text() for page in PAGES)
    asked = set(re.findall(r"azd env get-value (\w+)", pages))
    assert asked
    assert asked <= {each.name for each in read_bicep(ROOT / "infra/main.bicep").of(Sort.OUTPUT)}
    told = {b.name for b in read_terraform(ROOT / "infra/terraform/main.tf") if b.kind == "output"}
    assert set(re.findall(r"output -raw (\w+)", pages)) == told - {"principal_id", "rights"}


@pytest.mark.parametrize("page", PAGES)
def test_commands_can_be_read(page: str) -> None:
    """A shell takes each command, and knows each variable from a command before it."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)
    lines = [line[2:] for block in blocks for line in block.splitlines() if line[:2] == "$ "]
    known: set[str] = set()
    for line in lines:
        subprocess.run(["bash", "-n", "-c", line], check=True, capture_output=True)
        assert set(re.findall(r"\$(\w+)", line)) <= known, line
        known |= set(re.findall(r"\b([A-Z]+)=", line))


def test_the_key_of_the_pages_opens_all_of_them() -> None:
    """Their links carry it on, so each function behind a page has to know it, and no other."""
    tree = ast.parse((ROOT / "function_app.py").read_text())
    names = {each.name for each in ast.walk(tree) if isinstance(each, ast.AsyncFunctionDef)}
    (line,) = re.findall(r"printf '%s\\n' (.*?) \| xargs .* az functionapp function keys", SECURITY)
    assert set(line.split()) == {each for each in names if each.startswith("report")}


def test_alerts_are_explained() -> None:
    """Each alert's title stands in the table."""
    deployed = deploy(ROOT / "infra/main.bicep", SCENARIOS[0].parameters, Findings())
    for alert in deployed.of("Microsoft.Insights/scheduledQueryRules"):
        title = str(alert.at("properties.displayName")).removeprefix("acr-purge: ")
        assert f"| {title} |" in DEPLOY
        sections = re.findall('"([^"]+)"', str(alert.at("properties.description")))
        assert sections, "an alert says where to read on"
        assert all(f"\n## {section}\n" in TROUBLE for section in sections)
    assert f'"{RUN_ENDED} "' in REPORTS
    assert f"`{RUN_BEGAN}`" in REPORTS


@pytest.mark.parametrize("page", PAGES)
def test_links_and_files_exist(page: str) -> None:
    """What the page points to is there, the heading included."""
    text = (ROOT / "docs" / page).read_text()
    for target, anchor in re.findall(r"\]\((?!https)([\w.]*)#?([\w-]*)\)", text):
        found = (ROOT / "docs" / (target or page)).read_text()
        headings = re.findall(r"^#+ (.*)$", found, re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}
        assert not anchor or anchor in anchors
    for path in re.findall(r"`(infra/[\w./]+)`", text):
        assert (ROOT / path).exists()


def test_it_says_what_was_not_done() -> None:
    """Nobody should believe that a compiler or a plan took part."""
    assert "read and cross-checked, not planned" in DEPLOY
    assert "works twelve variants" in DEPLOY
    assert len(SCENARIOS) == 12
