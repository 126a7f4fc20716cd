"""docs/migrate.md works: every file of it is written, every command run, every answer seen."""

import os
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from json import dumps
from pathlib import Path

import pytest

from purge_core.policies.source import load_policy
from tests.e2e.shop import Shop

PAGE = (Path(__file__).parents[2] / "docs" / "migrate.md").read_text()
FILE = re.compile(r"^`([\w.-]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
SEED = """
  shop/cart:
    images:
      - {tags: [1.4.2, latest], age: 90d, platforms: [linux/amd64, linux/arm64]}
      - {tags: [pr-17], age: 30d}
      - {tags: [ci-9], age: 60d}
"""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the page with what it shows, and the exit code that a comment names."""

    text: str
    shows: tuple[str, ...]

    @property
    def code(self) -> int:
        """The exit code."""
        named = re.search(r"# exit code (\d)", self.text)
        return int(named[1]) if named else 0


def commands() -> Iterator[Command]:
    """Yield the commands of the page in their order."""
    for block in CONSOLE.findall(PAGE):
        for part in block.removeprefix("$ ").split("\n$ "):
            text, *shows = part.rstrip("\n").split("\n")
            yield Command(text, tuple(shows))


def answer_of_azure(task: str) -> str:
    """Write what `az acr task show` prints for a task."""
    identity = "/subscriptions/0/providers/Microsoft.ContainerRegistry/registries/contoso/tasks/t"
    step = {"type": "EncodedTask", "encodedTaskContent": b64encode(task.encode()).decode()}
    trigger = {"timerTriggers": [{"name": "t1", "schedule": "0 1 * * Sun"}]}
    return dumps({"id": identity, "name": "purgeTask", "step": step, "trigger": trigger})


@pytest.fixture
def folder(shop: Shop, tmp_path: Path) -> Path:
    """Give a folder with the files of the page, and the answer of Azure in place of `az`."""
    host = shop.served.login_server
    files = dict(FILE.findall(PAGE))
    files["answer.json"] = answer_of_azure(files["purge-task.yaml"])
    for name, text in files.items():
        (tmp_path / name).write_text(text.replace("contoso", host))
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "az").write_text(f'#!/bin/sh\ncat "{tmp_path}/answer.json"\n')
    (bin_folder / "az").chmod(0o755)
    (bin_folder / "acr-purge").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m purge_core "$@"\n'
    )
    (bin_folder / "acr-purge").chmod(0o755)
    return tmp_path


def test_every_command_of_the_page(shop: Shop, folder: Path) -> None:
    """Each runs as printed, in order, and shows what stands below it."""
    shop.served.admin("POST", "scenario", f"repositories:{SEED}")
    host = shop.served.login_server
    root = Path(__file__).parents[2]
    environment = shop.environment(PYTHONPATH=str(root))
    environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    ran = 0
    for command in commands():
        result = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command.text.replace("contoso", host)],
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment,
            check=False,
            timeout=60,
        )
        output = (result.stdout + result.stderr).replace(host, "contoso")
        assert result.returncode == command.code, f"{command.text}\n{output}"
        for line in command.shows:
            assert line in output.splitlines(), f"{command.text}\n{output}"
        ran += 1
    assert ran >= 20


def test_every_policy_of_the_page_is_right() -> None:
    """A policy with examples is one whose examples come out as written."""
    policies = [text for _, text in FILE.findall(PAGE) if text.startswith("version: 1\n")]
    assert len(policies) == 4
    for text in policies:
        policy = load_policy(text)
        assert not policy.is_empty
