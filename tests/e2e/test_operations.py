"""docs/operations.md and docs/troubleshooting.md say what is so: commands, words, numbers."""

import re
import shlex
import shutil
from math import prod
from pathlib import Path

import pytest

from infra_check.bicep.deployment import deploy
from infra_check.deployed import Findings
from infra_check.scenarios import SCENARIOS
from purge_core.outbox import POISON_QUEUE, WORK_QUEUE
from purge_core.records.outcomes import Outcome
from purge_core.records.store_records import RunState
from tests.e2e.shop import Shop

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
TROUBLE = (ROOT / "docs" / "troubleshooting.md").read_text()
BOTH = OPERATIONS + TROUBLE
APP = (ROOT / "function_app.py").read_text()
SECTIONS = re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", TROUBLE, re.MULTILINE | re.DOTALL)
OTHERS = {
    "ACR_DEFAULT_REGISTRY", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID",
    "AZURE_RESOURCE_GROUP", "FUNCTIONS_WORKER_RUNTIME", "PURGE_APP_NAME", "PURGE_APP_URL",
    "PURGE_INCLUDE_LOCKED", "PURGE_NETWORK", "PURGE_PAUSED", "PURGE_PRINCIPAL_ID", "PURGE_RIGHTS",
    "PURGE_TABLES", "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY", "SSL_CERT_FILE",
    "WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_TIME_ZONE",
}  # fmt: skip
SEED = """
  shop/cart:
    images:
      - {tags: [1.4.2, latest], age: 90d, platforms: [linux/amd64, linux/arm64]}
      - {tags: [pr-17], age: 30d}
"""


def own_commands(text: str) -> list[list[str]]:
    """Return the words of the commands of ours that stand in console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    lines = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [shlex.split(line)[1:] for line in lines if line.startswith("acr-purge ")]


def test_commands_of_the_first_week_work(own_shop: Shop, storage: str, tmp_path: Path) -> None:
    """In their order, on one registry and one store: a plan, its application, the records."""
    shutil.copy(ROOT / "purge-policy.yaml", tmp_path)
    own_shop.folder = tmp_path
    own_shop.served.admin("POST", "scenario", f"repositories:{SEED}")
    host, run = own_shop.served.login_server, ""
    (tmp_path / "deployed-policy.yaml").write_text("version: 1\n")  # deletes nothing
    commands = own_commands(OPERATIONS)
    assert len(commands) >= 10
    for words in commands:
        given = [{"contoso": host, "RUN": run}.get(word, word) for word in words]
        result = own_shop.run(*given, PURGE_JOURNAL=storage)
        codes = (0, 4) if words[:2] == ["policy", "diff"] else (0,)
        assert result.code in codes, f"{words}: {result.out}{result.err}"
        assert result.out != ""
        if words == ["runs"]:
            found = own_shop.run("runs", "-o", "json", PURGE_JOURNAL=storage)
            run = found.document["items"][0]["id"]
            assert run in result.out


def first_cells(heading: str) -> set[str]:
    """Return what stands in code font in the first column of the table with this heading."""
    table = OPERATIONS.partition(f"| {heading} | what it means |")[2].partition("\n\n")[0]
    return set(
        re.findall(r"`([^`]+)`", "".join(re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE)))
    )


def test_every_outcome_is_explained() -> None:
    """No more and no less than there are."""
    assert first_cells("outcome") == {outcome.value for outcome in Outcome}
    assert first_cells("state") == {state.value for state in RunState}


def number(text: str) -> float:
    """Read a number with commas for thousands."""
    return float(text.replace(",", ""))


COSTS = OPERATIONS.partition("## What it costs")[2]


def test_arithmetic_is_right() -> None:
    """Every product that is written out is what it is said to be; the sum is the sum."""
    written = r"[\d,]+(?:\.\d+)?"
    products = re.findall(rf"({written}(?: x {written})+) = ({written})", OPERATIONS)
    assert len(products) >= 12
    for factors, result in products:
        values = [number(text) for text in factors.split(" x ")]
        assert prod(values) == pytest.approx(number(result), abs=0.004), factors
    for terms, result in re.findall(r"((?:[\d.]+ \+ )+[\d.]+) = ([\d.]+\d)", COSTS):
        assert sum(map(float, terms.split(" + "))) == pytest.approx(float(result)), terms
    each = [float(text) for text in re.findall(r"\| (\d+\.\d\d) \|$", COSTS, re.MULTILINE)]
    assert sum(each[:-1]) == pytest.approx(each[-1])
    rows = COSTS.partition("| what |")[2].partition("\n\n")[0].splitlines()[2:-1]
    assert len(rows) == len(each) - 1
    for row in rows:
        own = sum(number(each) for each in re.findall(r" = (\d+\.\d+)\b", row))
        assert f"| {own:.2f} |" in row, "a row costs what its own products come to"


def test_every_price_has_a_source() -> None:
    """What is multiplied by stands in the table of prices, with a page and a day."""
    prices = COSTS.partition("| price | of | as of |")[2].partition("\n\n")[0]
    for row in prices.splitlines()[2:]:
        assert re.fullmatch(r"\| .+ \| \[.+\]\(https://\S+/\) \| (\w+ )?20\d\d \|", row), row
    listed = set(re.findall(r"0\.\d+", prices))
    used = {f for fs in re.findall(r"((?:[\d,.]+ x )+[\d,.]+) =", COSTS) for f in fs.split(" x ")}
    assert {factor for factor in used if factor.startswith("0.")} <= listed


def test_the_alerts_are_counted_right() -> None:
    """As many rules as are billed are deployed."""
    deployed = deploy(ROOT / "infra/main.bicep", SCENARIOS[0].parameters, Findings())
    rules = deployed.of("Microsoft.Insights/scheduledQueryRules")
    assert f"{len(rules)} x 0.50 = {len(rules) / 2:.2f}" in COSTS


@pytest.mark.parametrize(("title", "text"), SECTIONS, ids=[title for title, _ in SECTIONS])
def test_each_trouble_has_its_parts(title: str, text: str) -> None:
    """Symptom, cause, check: in this order, once each."""
    assert re.findall(r"^\*\*(\w+)\*\*:", text, re.MULTILINE) == ["Symptom", "Cause", "Check"]


def test_settings_that_are_named_exist() -> None:
    """Each is described elsewhere, or another's that is known here."""
    pages = ("docs/configuration.md", "README.md", "infra/modules/app.bicep")
    known = "".join((ROOT / page).read_text() for page in pages) + "".join(OTHERS)
    named = set(re.findall(r"\b[A-Z]+_[A-Z_]*[A-Z]\b", BOTH))
    assert {name for name in named if name not in known} == set()


@pytest.mark.parametrize(
    "message",
    [
        "cannot be reached",
        "before any sign-in",
        "its certificate is not trusted",
        "is not believed",
        "no Azure identity:",
        "denies",
    ],
)
def test_messages_are_ours(message: str) -> None:
    """What is shown as a message of the program is one."""
    sources = "".join(path.read_text() for path in (ROOT / "purge_core").rglob("*.py"))
    assert message in TROUBLE
    assert message in sources


def test_names_of_the_app_are_right() -> None:
    """Queues, functions and routes that are named are there."""
    assert POISON_QUEUE in TROUBLE
    assert POISON_QUEUE.startswith(WORK_QUEUE)
    for name in ("nightly", "work", "mark_failed"):
        assert f"async def {name}(" in APP
        assert re.search(rf"(AzureWebJobs\.|functions/|`){name}\b", BOTH)
    assert 'route="runs/{id}/apply"' in APP
    assert "/api/runs/ID/apply" in OPERATIONS
    assert "export PURGE_JOURNAL=$(azd env get-value PURGE_TABLES)" in OPERATIONS
