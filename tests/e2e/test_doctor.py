"""`doctor` on the command line: text, JSON, exit codes, for a registry alone and for the app."""

import json
import logging
from pathlib import Path

import jsonschema
import pytest

from acr_emulator.process import serving
from purge_core.cli import main
from tests.e2e.shop import Finished, Shop

POLICY = (
    "version: 1\nrules: [{name: old, repositories: 'shop/.*', tags: 'ci-.*', older_than: 7d}]\n"
)
DENIED = """
options: {denials: [{actions: [delete], repository: shop/web}]}
repositories:
  shop/cart: {images: [{tags: [ci-1], age: 9d}]}
  shop/web: {images: [{tags: [ci-1], age: 9d}]}
"""


@pytest.fixture
def settings(shop: Shop, storage: str, tmp_path: Path) -> Path:
    """Write the settings of an app, beside its policy."""
    (tmp_path / "purge-policy.yaml").write_text(POLICY)
    values = {"PURGE_REGISTRIES": shop.served.login_server, "AzureWebJobsStorage": storage}
    file = tmp_path / "local.settings.json"
    file.write_text(json.dumps({"IsEncrypted": False, "Values": values}))
    return file


def topics(result: Finished) -> dict[str, str]:
    """Return the state of every topic."""
    return {check["topic"]: check["state"] for check in result.document["checks"]}


def test_a_registry_alone(shop: Shop) -> None:
    """What may be done there, in words; nothing is missing, nothing is deleted."""
    shop.seed("  '{shop}/cart': {images: [{tags: [v1], age: 9d}]}")
    result = shop.run("doctor", "--repository", "{shop}/cart")
    assert result.code == 0
    assert "ok       delete: may delete tags and manifests" in result.out
    assert result.out.endswith("Nothing is missing.\n")
    assert max(map(len, result.out.splitlines())) <= 80
    assert shop.tags("cart") == {"v1"}


def test_no_right_to_delete(tmp_path: Path) -> None:
    """Missing to purge, with the command; to plan it is as it should be."""
    scenario = tmp_path / "registry.yaml"
    scenario.write_text(DENIED)
    with serving("--scenario", str(scenario)) as served:
        shop = Shop(served)
        purge = shop.run("doctor", "--policy", POLICY, "-o", "json")
        plan = shop.run("doctor", "--policy", POLICY, "--for", "plan", "-o", "json")
    assert (purge.code, plan.code) == (3, 0)
    assert (purge.document["well"], plan.document["well"]) == (False, True)
    assert topics(purge)["delete"] == "missing"
    jsonschema.validate(purge.document, json.loads(Shop(served).run("schema", "checkup").out))
    (check,) = [c for c in purge.document["checks"] if c["state"] == "missing"]
    assert "shop/web" in check["said"]
    assert "--role AcrDelete" in check["mend"][0]


def test_an_app(shop: Shop, settings: Path) -> None:
    """Its settings, its policy, its queue and tables, and that no night has been yet."""
    result = shop.run("doctor", "--settings", str(settings), "-o", "json")
    assert result.code == 0
    seen = topics(result)
    assert {seen[topic] for topic in ("settings", "catalog", "queues", "tables")} == {"ok"}
    assert "last night" in seen
    assert "PURGE_MODE is plan" in result.out


def test_the_environment_wins(shop: Shop, settings: Path) -> None:
    """As with the host: a variable that is set stays."""
    result = shop.run("doctor", "--settings", str(settings), "-o", "json", PURGE_MODE="purge")
    assert "PURGE_MODE is purge" in result.out


def test_another_policy_for_the_app(shop: Shop, settings: Path) -> None:
    """The one that is named wins over the one that is set."""
    other = POLICY.replace("}]", "}, {name: new, repositories: b, tags: c, older_than: 7d}]")
    for given, rules in ((), "1 rule"), (("--policy", other), "2 rules"):
        result = shop.run("doctor", "--settings", str(settings), "-o", "json", *given)
        assert f'right: {rules}"' in result.out


def test_a_last_night_for_each_registry(shop: Shop, settings: Path) -> None:
    """Where one registry had its night, another may have missed it."""
    names = (shop.served.login_server, "127.0.0.1:1")
    result = shop.run(
        "doctor", "--settings", str(settings), "-o", "json", PURGE_REGISTRIES=",".join(names)
    )
    nights = [c["said"] for c in result.document["checks"] if c["topic"] == "last night"]
    assert [said.partition(": ")[0] for said in nights] == list(names)


def test_signing_in_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Azure's library warns of every way that it tried; the program says what follows."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("acr-purge")
    assert not logging.getLogger("azure.identity").isEnabledFor(logging.WARNING)


def test_a_mark_before_the_settings(shop: Shop, settings: Path) -> None:
    """Some editors of Windows begin a file with one."""
    settings.write_text("\ufeff" + settings.read_text())
    assert shop.run("doctor", "--settings", str(settings)).code == 0


def test_an_app_that_is_paused(shop: Shop, settings: Path) -> None:
    """It says so, for that explains a missing night; nothing is wrong with it."""
    given = json.loads(settings.read_text())
    given["Values"] |= {f"AzureWebJobs.{name}.Disabled": "true" for name in ("nightly", "work")}
    settings.write_text(json.dumps(given))
    result = shop.run("doctor", "--settings", str(settings), "-o", "json")
    assert result.code == 0
    (check,) = [c for c in result.document["checks"] if c["topic"] == "paused"]
    assert check["state"] == "note"
    assert check["said"] == "no night begins by itself and nobody takes work from the queue"


def test_an_app_that_is_described_wrongly(shop: Shop) -> None:
    """Every problem is told as missing; nobody is asked anything."""
    result = shop.run("doctor", PURGE_REGISTRIES="x y", PURGE_MODE="often", PURGE_POLICY="no.yaml")
    assert result.code == 3
    for found in ("found 'x y'", "found 'often'", "no.yaml", "AzureWebJobsStorage"):
        assert found in result.out
    assert "4 things missing" in result.out


def test_storage_that_is_not_there(shop: Shop, settings: Path) -> None:
    """It is missing, and no key is told."""
    text = json.loads(settings.read_text())["Values"]["AzureWebJobsStorage"]
    nowhere = ";".join(
        f"{name}=http://127.0.0.1:1/x" if name.endswith("Endpoint") else f"{name}={value}"
        for name, _, value in (part.partition("=") for part in text.rstrip(";").split(";"))
    )
    settings.write_text(
        json.dumps(
            {
                "Values": {
                    "PURGE_REGISTRIES": shop.served.login_server,
                    "AzureWebJobsStorage": nowhere,
                }
            }
        )
    )
    result = shop.run("doctor", "--settings", str(settings))
    assert result.code == 3
    assert "missing  queues: no answer" in result.out
    assert "missing  tables: no answer" in result.out
    assert "Eby8" not in result.out + result.err


def test_lists_of_what_is_in_use(shop: Shop, tmp_path: Path) -> None:
    """A list that cannot be relied on would refuse every run, so it is missing."""
    policy = f"{POLICY}protect: [{{in_use: used.txt}}]\n"
    shop.folder = tmp_path
    assert (
        topics(shop.run("doctor", "--policy", policy, "-o", "json"))["images in use"] == "missing"
    )
    (tmp_path / "used.txt").write_text(f"{shop.served.login_server}/shop/web:v1\n")
    assert topics(shop.run("doctor", "--policy", policy, "-o", "json"))["images in use"] == "ok"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["-r", "registry.example.com"], 2, "or a trusted one"),
        (["-r", "x y"], 2, "found 'x y'"),
        (["--settings", "missing.json"], 2, "No such file"),
        (["--policy", "{rules: 1}"], 3, "rules"),
        (["-r", "127.0.0.1:1"], 3, "cannot be reached"),
    ],
)
def test_bad_input(shop: Shop, arguments: list[str], code: int, said: str) -> None:
    """What is asked wrongly is told."""
    result = shop.run("doctor", *arguments)
    assert (result.code, said in result.out + result.err) == (code, True)


@pytest.mark.parametrize("text", ["[]", "{}", "no json", '{"Values": []}', '{"Values": {"A": 1}}'])
def test_a_settings_file_that_is_none(shop: Shop, tmp_path: Path, text: str) -> None:
    """It is bad input, whatever is wrong with it."""
    file = tmp_path / "settings.json"
    file.write_text(text)
    result = shop.run("doctor", "--settings", str(file))
    assert result.code == 2
    assert "--settings: found" in result.err
