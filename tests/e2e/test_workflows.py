"""The workflows of GitHub are safe by construction, and the comparison of policies runs."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.e2e.shop import Shop

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
DEPLOYING = (ROOT / "docs" / "deploy.md").read_text()
SEED = """
  shop/cart:
    images:
      - {tags: [1.4.2, latest], age: 90d}
      - {tags: [pr-17], age: 30d}
"""
OLD = "version: 1\nrules: [{name: a, repositories: .*, tags: pr-.*, older_than: 90d}]\n"
NEW = OLD.replace("90d", "7d")


def load(path: Path) -> dict[str, Any]:
    """Read a workflow."""
    document: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text())
    return document


def steps(path: Path) -> list[dict[str, Any]]:
    """Return all steps of a workflow."""
    return [step for job in load(path)["jobs"].values() for step in job["steps"]]


def test_they_are_workflows() -> None:
    """GitHub's schema, as SchemaStore has it, takes each of them."""
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [str(program), "--builtin-schema", "vendor.github-workflows", *map(str, FILES)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_actions_are_pinned(path: Path) -> None:
    """By commit, with the version beside it; a tag can be moved."""
    uses = re.findall(r"uses: (.*)", path.read_text())
    assert uses
    for each in uses:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each), each


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_rights_are_named(path: Path) -> None:
    """Nothing is permitted by default, and no code of a stranger runs with rights."""
    document = load(path)
    assert document["permissions"]["contents"] == "read"
    assert "pull_request_target" not in document["on"]
    for step in steps(path):
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
        assert "${{" not in step.get("run", ""), "a value in a script could be a command"
    assert "secrets." not in path.read_text()


def test_a_deployment_passes_every_parameter() -> None:
    """What azd fills in is what the workflow sets, with the same defaults."""
    text = (ROOT / "infra" / "main.parameters.json").read_text()
    wanted = dict(re.findall(r"\$\{(\w+)(?:=(\w+))?\}", text))
    environment = load(FOLDER / "deploy.yml")["jobs"]["deploy"]["env"]
    assert wanted.keys() <= environment.keys()
    for name, default in wanted.items():
        end = f" || '{default}' }}}}" if default else " }}"
        assert environment[name] == f"${{{{ vars.{name}{end}"


def test_each_workflow_has_an_identity_of_its_own() -> None:
    """A pull request, whose author writes the workflow, cannot sign in as who may deploy."""
    policy, deploy = ((FOLDER / f"{name}.yml").read_text() for name in ("policy", "deploy"))
    assert "vars.POLICY_CLIENT_ID" in policy
    assert "AZURE_CLIENT_ID" not in policy
    assert load(FOLDER / "deploy.yml")["jobs"]["deploy"]["environment"] == "production"
    assert set(load(FOLDER / "deploy.yml")["on"]) == {"workflow_dispatch"}
    assert "POLICY_CLIENT_ID" not in deploy
    assert ":environment:production" in DEPLOYING
    assert ":pull_request" in DEPLOYING


GH = """#!/bin/sh
# Stands for GitHub's command: answers with what is in known.txt, and notes what it is asked.
echo "$@" >> asked.txt
case "$*" in *--paginate*) cat known.txt ;; esac
"""


@pytest.fixture
def checkout(shop: Shop, tmp_path: Path) -> Path:
    """Lay out what the job has when it compares: two policies, the program, and `gh`."""
    shop.served.admin("POST", "scenario", f"repositories:{SEED}")
    (tmp_path / "purge-policy.yaml").write_text(OLD)
    (tmp_path / "proposed").mkdir()
    (tmp_path / "proposed" / "purge-policy.yaml").write_text(NEW)
    (tmp_path / "known.txt").touch()
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "cut_comment.py", tmp_path / "tools")
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "acr-purge").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m purge_core "$@"\n')
    (programs / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (programs / "gh").write_text(GH)
    for program in programs.iterdir():
        program.chmod(0o755)
    return tmp_path


def run_step(shop: Shop, checkout: Path, name: str, **variables: str) -> int:
    """Run a step as GitHub does, and give its exit code."""
    (script,) = [s["run"] for s in steps(FOLDER / "policy.yml") if s.get("name") == name]
    environment = shop.environment(PYTHONPATH=str(ROOT), **variables)
    environment["PATH"] = f"{checkout / '.venv' / 'bin'}:{environment['PATH']}"
    environment["GITHUB_STEP_SUMMARY"] = str(checkout / "summary.md")
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
        cwd=checkout,
        env=environment,
        check=False,
        capture_output=True,
        timeout=60,
    ).returncode


def test_the_comparison(shop: Shop, checkout: Path) -> None:
    """What the new policy takes more is in the comment, and wholly in the summary."""
    host = shop.served.login_server
    assert run_step(shop, checkout, "Compare", REGISTRIES=f"{host} {host}") == 0
    comment = (checkout / "comment.md").read_text()
    assert comment.startswith("<!-- acr-purge policy -->\n")
    assert comment.count("pr-17") >= 2
    assert (checkout / "summary.md").read_text() == comment


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        ("", "--method POST repos/contoso/images/issues/7/comments"),
        ("42\n43\n", "--method PATCH repos/contoso/images/issues/comments/42"),
    ],
)
def test_the_comment(known: str, asked: str, shop: Shop, checkout: Path) -> None:
    """It is written once, and then replaced, whoever commented in the meantime."""
    (checkout / "known.txt").write_text(known)
    assert run_step(shop, checkout, "Comment", GH_REPO="contoso/images", NUMBER="7") == 0
    look, write = (checkout / "asked.txt").read_text().splitlines()
    assert "--paginate repos/contoso/images/issues/7/comments" in look
    assert 'startswith("<!-- acr-purge policy -->")' in look
    assert write == f"api --silent {asked} --field body=@comment.md"


def test_a_comparison_that_fails(shop: Shop, checkout: Path) -> None:
    """A registry that cannot be asked fails the job, so that no comment says all is well."""
    assert run_step(shop, checkout, "Compare", REGISTRIES="127.0.0.1:1") == 1
    assert not (checkout / "summary.md").exists()


def cut(path: Path, text: str) -> str:
    """Run the program that cuts a comment, and give what is left."""
    path.write_text(text)
    subprocess.run([sys.executable, ROOT / "tools" / "cut_comment.py", path], check=True)
    return path.read_text()


def test_a_long_comment_is_cut(tmp_path: Path) -> None:
    """After a whole line, with what it opened closed and a word about it; a short one is not."""
    found = cut(tmp_path / "comment.md", "<details>\n\n```\n" + "täg:1\n" * 20_000)
    assert 59_900 < len(found) < 60_200
    assert found.count("<details>") == found.count("</details>")
    assert found.count("```") == 2
    assert "of 120,015 characters.**" in found
    assert cut(tmp_path / "comment.md", "short\n") == "short\n"


def test_the_container_for_developers() -> None:
    """It sets itself up by targets of make that there are."""
    document = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    make, *targets = document["postCreateCommand"].split()
    known = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert make == "make"
    assert set(targets) <= set(known)
