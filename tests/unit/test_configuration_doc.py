"""docs/configuration.md lists every setting that the app reads, with its true default."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from purge_core.hosting import DEFAULT_POLICY, configure
from purge_core.settings import Settings

ROOT = Path(__file__).parents[2]
BARE = {"PURGE_REGISTRIES": "other", "AzureWebJobsStorage": "AccountName=a;AccountKey=c2VjcmV0"}
"""The least that the app needs."""
KEYLESS = {"PURGE_REGISTRIES": "other", "AzureWebJobsStorage__accountName": "logs"}
OF_THE_COMMAND_LINE = {
    "ACR_DEFAULT_REGISTRY",
    "PURGE_MANIFEST_CACHE",
    "PURGE_STORAGE_PRICE",
}
ROW = re.compile(r"\| `(?P<name>\w+)` \| (?P<default>[^|]+) \| `(?P<example>[^|]+)` \|")


class Watched(dict[str, str]):
    """An environment that remembers which variables were read."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        """Remember and answer."""
        self.asked.add(key)
        return super().get(key, default)


def documented() -> Iterator[re.Match[str]]:
    """Yield the rows of the table."""
    lines = (ROOT / "docs" / "configuration.md").read_text().splitlines()
    return (match for line in lines if (match := ROW.match(line)))


ROWS = {match["name"]: match for match in documented()}


def test_every_setting_is_documented() -> None:
    """The table names what the app reads, and nothing else."""
    environ = Watched(BARE)
    Settings.of_app(environ)
    assert environ.asked - OF_THE_COMMAND_LINE == ROWS.keys()


@pytest.mark.parametrize("name", ROWS)
def test_default_is_the_true_one(name: str) -> None:
    """A default in code font changes nothing when it is set."""
    written = re.fullmatch(r"`(.+)`", ROWS[name]["default"].strip())
    if written is None:
        assert ROWS[name]["default"].strip().startswith("*")
    elif name == "PURGE_POLICY":
        assert written[1] == DEFAULT_POLICY
    else:
        assert Settings.of_app({**BARE, name: written[1]}) == Settings.of_app(BARE)


@pytest.mark.parametrize("name", ROWS)
def test_example_is_accepted(name: str) -> None:
    """An example is a right value, and makes a difference."""
    base = KEYLESS if name.startswith("AzureWebJobsStorage__") else BARE
    changed = configure({**base, name: ROWS[name]["example"]}, ROOT)
    assert changed != configure(base, ROOT)


def test_the_sample_is_right() -> None:
    """local.settings.sample.json holds settings of the table, and they are accepted."""
    values = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
    of_others = {"FUNCTIONS_WORKER_RUNTIME", "SSL_CERT_FILE"}
    assert values.keys() - of_others <= ROWS.keys()
    assert configure(values, ROOT).options.registries == ("127.0.0.1:5443",)


def test_host_json_leaves_time() -> None:
    """The time budget ends well before the host ends the function."""
    timeout = json.loads((ROOT / "host.json").read_text())["functionTimeout"]
    hours, minutes, seconds = map(int, timeout.split(":"))
    budget = Settings.of_app(BARE).time_budget / 10_000_000
    assert budget + 300 <= hours * 3600 + minutes * 60 + seconds
