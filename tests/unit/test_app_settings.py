"""What the app is set to: read as a whole, every problem told at once, no secret repeated."""

import json
from pathlib import Path

import pytest

from purge_core.errors import SettingsError
from purge_core.hosting import Configuration, configure
from purge_core.instants import DAY
from purge_core.journal_address import TableEndpoint
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode
from purge_core.storage_address import QueueEndpoint
from tests.conftest import ROOT

SECRET = "c2VjcmV0LWtleQ=="
STORAGE = f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={SECRET}"
LEAST = {"PURGE_REGISTRIES": "contoso", "AzureWebJobsStorage": STORAGE}
LINE = "acr purge --filter 'shop/.*:pr-.*' --ago 7d"
DOCUMENT = {"version": 1, "rules": [{"repositories": "a", "tags": "b", "older_than": "1d"}]}


def read(root: Path = ROOT, /, **environ: str) -> Configuration:
    """Read an environment that lacks nothing but what is given."""
    return configure({**LEAST, **environ}, root)


def problems(**environ: str) -> dict[str, str]:
    """Read an environment that is wrong; return what was found by path."""
    with pytest.raises(SettingsError) as caught:
        read(ROOT, **environ)
    assert SECRET not in f"{caught.value!r} {caught.value}"
    return {problem.path: problem.found for problem in caught.value.problems}


def test_the_least() -> None:
    """With nothing but registries and storage the app plans each night, by the packaged policy."""
    options = read().options
    assert options.registries == ("contoso.azurecr.io",)
    assert options.mode is Mode.PLAN
    assert options.policy == load_policy((ROOT / "purge-policy.yaml").read_text())
    assert (options.workers, options.retention, options.plan_max_age) == (1, 400 * DAY, DAY)


def test_everything_wrong_at_once() -> None:
    """Each problem with its setting, whatever else is wrong."""
    wrong = {
        "PURGE_REGISTRIES": "https://contoso",
        "PURGE_SCHEDULE": "0 1 * * *",
        "PURGE_MODE": "delete",
        "PURGE_CONCURRENCY": "0",
        "PURGE_TIME_BUDGET": "20",
        "PURGE_WORKERS_PER_REGISTRY": "many",
        "PURGE_SKU": "gold",
        "PURGE_QUOTA_RESERVE": "all",
        "PURGE_JOURNAL": f"AccountKey={SECRET}",
        "PURGE_RETENTION": "0d",
        "PURGE_PLAN_MAX_AGE": "-1d",
        "PURGE_TRUSTED_HOSTS": "$HOST",
        "AzureWebJobsStorage": f"AccountName=;AccountKey={SECRET}",
        "PURGE_POLICY": "missing.yaml",
    }
    assert problems(**wrong).keys() == wrong.keys()


@pytest.mark.parametrize("missing", LEAST)
def test_what_is_needed(missing: str) -> None:
    """Without registries or storage there is no app."""
    assert problems(**{missing: " "}) == {missing: "nothing"}


def test_queues_alone_are_not_enough() -> None:
    """Whoever names the queues by their address has to say where the tables are, too."""
    queues = {"AzureWebJobsStorage__queueServiceUri": "https://a.queue.core.windows.net"}
    tables = {"AzureWebJobsStorage__tableServiceUri": "https://a.table.core.windows.net"}
    assert problems(AzureWebJobsStorage="", **queues) == {"PURGE_JOURNAL": "nothing"}
    found = read(AzureWebJobsStorage="", **queues, **tables).settings
    assert (found.queues, found.journal) == (
        QueueEndpoint("https://a.queue.core.windows.net"),
        TableEndpoint("https://a.table.core.windows.net"),
    )
    assert problems(AzureWebJobsStorage="", **tables) == {"AzureWebJobsStorage": "nothing"}


def test_a_key_is_not_needed() -> None:
    """The account's name is enough; PURGE_JOURNAL may name other tables."""
    account = {"AzureWebJobsStorage": "", "AzureWebJobsStorage__accountName": "logs"}
    found = read(**account).settings
    assert found.queues == QueueEndpoint("https://logs.queue.core.windows.net")
    assert found.journal == TableEndpoint("https://logs.table.core.windows.net")
    elsewhere = "https://other.table.core.windows.net"
    assert read(**account, PURGE_JOURNAL=elsewhere).settings.journal == TableEndpoint(elsewhere)


@pytest.mark.parametrize("text", [LINE, json.dumps(DOCUMENT), f"\n {LINE} \n"])
def test_policy_in_the_setting(text: str) -> None:
    """A line of `acr purge`, or a document in JSON."""
    assert read(PURGE_POLICY=text).options.policy == load_policy(text.strip())


def test_policy_in_a_file(tmp_path: Path) -> None:
    """A path is below the app's folder, or absolute; the file may hold a line, too."""
    (tmp_path / "mine.txt").write_text(LINE)
    for name in ("mine.txt", str(tmp_path / "mine.txt")):
        assert read(tmp_path, PURGE_POLICY=name).options.policy == load_policy(LINE)


def test_problems_of_the_policy() -> None:
    """They are told with the setting and their place in the document, all of them."""
    text = '{"version": 2, "rules": [{"tags": "x", "older_than": 7}], "more": 1}'
    found = problems(PURGE_POLICY=text, PURGE_MODE="x")
    assert {
        "PURGE_MODE",
        "PURGE_POLICY: version",
        "PURGE_POLICY: more",
        "PURGE_POLICY: rules[0].older_than",
    } <= found.keys()


@pytest.mark.parametrize("name", ["registry.contoso.com", "contoso.azurecr.io.evil.com"])
def test_a_registry_that_may_get_no_token(name: str) -> None:
    """A host outside of Azure has to be trusted by name; else the app does not start."""
    assert problems(PURGE_REGISTRIES=f"fabrikam,{name}") == {"PURGE_REGISTRIES": repr(name)}
    trusted = read(PURGE_REGISTRIES=name, PURGE_TRUSTED_HOSTS=name)
    assert trusted.options.registries == (name,)


def test_the_time_budget_ends_before_the_function() -> None:
    """A minute below functionTimeout of host.json (30 minutes), or of the environment."""
    assert read(PURGE_TIME_BUDGET="29m").settings.time_budget
    assert problems(PURGE_TIME_BUDGET="29m1s") == {"PURGE_TIME_BUDGET": "29m1s"}
    longer = {"AzureFunctionsJobHost__functionTimeout": "1.00:00:00"}
    assert read(PURGE_TIME_BUDGET="23h", **longer).settings.time_budget
    assert problems(PURGE_TIME_BUDGET="1d", **longer) == {"PURGE_TIME_BUDGET": "1d"}
    shorter = {"AzureFunctionsJobHost__functionTimeout": "00:10:00"}
    found = problems(**shorter, PURGE_REGISTRIES="evil.example.com")
    assert found.keys() == {"PURGE_TIME_BUDGET", "PURGE_REGISTRIES"}
    never = {"AzureFunctionsJobHost__functionTimeout": "-1"}
    assert read(PURGE_TIME_BUDGET="3d", **never).settings.time_budget


def test_a_registry_twice_is_one() -> None:
    """By its short name and by its host."""
    names = "contoso, contoso.azurecr.io ,contoso"
    assert read(PURGE_REGISTRIES=names).options.registries == ("contoso.azurecr.io",)


def test_no_secret_is_shown() -> None:
    """Neither by repr nor by str of what was read."""
    configuration = read(PURGE_JOURNAL=f"AccountName=b;AccountKey={SECRET}")
    assert SECRET not in f"{configuration!r} {configuration}"
