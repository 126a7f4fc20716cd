"""What is deployed is enough to run: what .funcignore leaves, with requirements.txt alone."""

import json
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from infra_check.code import read_code

ROOT = Path(__file__).parents[2]
WHAT = {
    "LICENSE",
    "function_app.py",
    "host.json",
    "purge-policy.yaml",
    "purge_core",
    "requirements.txt",
}
"""All that is deployed, at the top."""
PROBE = """
import sys
sys.path[:0] = sys.argv[1:]
import importlib, json, pkgutil
import function_app, purge_core
from purge_core.hosting import configure
from purge_core.pages.problem import problem_page
from purge_core.pages.links import AppLinks
names = [m.name for m in pkgutil.walk_packages(purge_core.__path__, "purge_core.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
environ = {"PURGE_REGISTRIES": "contoso", "AzureWebJobsStorage__accountName": "contoso"}
policy = configure(environ, function_app.ROOT).options.policy
functions = [f.get_function_name() for f in function_app.app.get_functions()]
page = problem_page("Nothing", "here", (), AppLinks())
found = {"functions": functions, "rules": len(policy.rules), "modules": len(names), "page": page}
print(json.dumps(found))
"""


def packed() -> list[str]:
    """Name the files that are deployed. The patterns of .funcignore are those of .gitignore."""
    ignored = _files("--cached", "--ignored", "--exclude-from=.funcignore")
    new = _files("--others", "--exclude-standard", "--exclude-from=.funcignore")
    kept = _files("--cached") - ignored | new
    return sorted(each for each in kept if (ROOT / each).exists())


def _files(*options: str) -> set[str]:
    command = ["git", "ls-files", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def site(folder: Path) -> Path:
    """Link what requirements.txt installs, and nothing else, into a folder."""
    lines = (ROOT / "requirements.txt").read_text().replace("\\\n", " ").splitlines()
    locked = [Requirement(line.split("--hash=")[0]) for line in lines if line[:1].isalnum()]
    for each in locked:
        if each.marker is None or each.marker.evaluate():
            for file in distribution(each.name).files or ():
                if ".." not in file.parts:
                    (folder / file).parent.mkdir(parents=True, exist_ok=True)
                    (folder / file).symlink_to(str(file.locate()))
    return folder


def test_only_what_runs_is_deployed() -> None:
    """Nothing at the top is there by accident: what is new has to be let in or kept out."""
    assert {Path(each).parts[0] for each in packed()} == WHAT


def test_nothing_private_is_deployed(tmp_path: Path) -> None:
    """Settings, environments and keys of this machine stay here, wherever they lie about."""
    private = (".azure/purge/.env", ".venv/bin/python", "local.settings.json", "ca.pem")
    for name in (*private, "function_app.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    shutil.copy(ROOT / ".funcignore", tmp_path)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    command = ["git", "ls-files", "--others", "--exclude-from=.funcignore"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["function_app.py"]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Import everything from a copy of the package, in a process that knows nothing else."""
    folder = tmp_path_factory.mktemp("package")
    for each in packed():
        (folder / "app" / each).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / each, folder / "app" / each)
    paths = [str(folder / "app"), str(site(folder / "site"))]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROBE, *paths],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_all_functions_are_there(answer: dict[str, object]) -> None:
    """The host would find every function of the app."""
    assert set(answer["functions"]) == read_code(ROOT).functions  # type: ignore[call-overload]


def test_the_policy_is_there(answer: dict[str, object]) -> None:
    """The deployed policy can be read, with the settings at their defaults."""
    assert answer["rules"]


def test_pages_can_be_shown(answer: dict[str, object]) -> None:
    """Their templates and their style are deployed with the code."""
    assert str(answer["page"]).startswith("<!doctype html>")


def test_every_module_can_be_imported(answer: dict[str, object]) -> None:
    """Also what is imported late needs only what requirements.txt installs."""
    modules = [p for p in packed() if p.startswith("purge_core/") and p.endswith(".py")]
    assert answer["modules"] == len(modules) - 1
