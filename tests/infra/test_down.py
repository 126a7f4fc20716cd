"""`azd down` takes whole resource groups, those of the registries included: it must not run."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]


def hooks() -> dict[str, Any]:
    """Return what azd runs before `azd down`, by the system that it runs on."""
    document = YAML(typ="safe").load((ROOT / "azure.yaml").read_text())
    found: dict[str, Any] = document["hooks"]["predown"]
    return found


def test_it_is_stopped() -> None:
    """The hook fails, and says which one group to delete instead."""
    done = subprocess.run(
        ["sh", "-c", hooks()["posix"]["run"]],
        env={"AZURE_RESOURCE_GROUP": "rg-purge"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert 'az group delete --name "rg-purge"' in done.stderr


@pytest.mark.parametrize("system", ["posix", "windows"])
def test_nothing_lets_it_go_on(system: str) -> None:
    """Each system has the hook, it ends with a failure, and azd heeds that."""
    hook = hooks()[system]
    assert hook["run"].splitlines()[-1] == "exit 1"
    assert "continueOnError" not in hook
    assert "az group delete" in hook["run"]


def test_no_page_advises_it() -> None:
    """A page that names the command says that it is the wrong one."""
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        text = page.read_text()
        assert "$ azd down" not in text
        assert text.count("azd down") == 0 or "**Not `azd down`.**" in text
