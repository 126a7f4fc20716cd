"""docs/quickstart.md works as printed, in a fresh copy of the project."""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import astuple
from pathlib import Path

import pytest

from devhost.azurite import DEFAULT_PORTS, Azurite, is_listening
from tests.e2e.app.world import ROOT
from tests.host.target import eventually

DOCUMENT = (ROOT / "docs" / "quickstart.md").read_text()
COMMANDS = re.findall(r"^\$ (.*?)(?=\n\$ |\n```|\n\{)", DOCUMENT, re.MULTILINE | re.DOTALL)
REGISTRY, APP, STORAGE = "5443", "7071", "UseDevelopmentStorage=true"
SERVERS = {"acr_emulator": REGISTRY, "make start": APP}
"""The commands that go on until Ctrl-C, and the port on which each listens when it is ready."""
NOT_OURS = ("PURGE_", "DEVHOST_", "Azure")
"""Variables of the machine that the quick start does not know."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a copy of what is in version control, which need not install anything anew."""
    folder = tmp_path / "clone"
    names = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(names, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    lend(ROOT / ".venv", folder / ".venv", ".up-to-date")
    modules = Path("tools/azurite/node_modules")
    lend(ROOT / modules, folder / modules, ".package-lock.json")
    return folder


def lend(owner: Path, borrower: Path, stamp: str) -> None:
    """Let a folder hold what another holds, with a stamp that says that nothing is to be done.

    With the owner's own stamp, or a link to all of it, `make` might change what is in use.
    """
    borrower.mkdir()
    for each in owner.iterdir():
        if each.name != stamp:
            (borrower / each.name).symlink_to(each)
    (borrower / stamp).touch()


def test_every_command_works(clone: Path) -> None:
    """All commands, in their order, in one shell; what they print tells that they worked."""
    with ExitStack() as stack:
        others = substitutes(stack, clone.parent / "azurite")
        sample = clone / "local.settings.sample.json"
        port = f'"Host": {{"LocalHttpPort": {others[APP]}}},\n  "Values"'
        sample.write_text(replaced(sample.read_text(), others).replace('"Values"', port, 1))
        said = run_all(others, clone, stack)
    for sign in ('{"status": "ok"}', '"state": "planned"', '"state": "done"', "run is done:"):
        assert sign in said, said
    assert said.count("deleted") > 3, said


def substitutes(stack: ExitStack, folder: Path) -> dict[str, str]:
    """Say what has to be printed otherwise on this machine, as the ports are taken."""
    storage = STORAGE
    if any(map(is_listening, astuple(DEFAULT_PORTS))):
        storage = stack.enter_context(Azurite.start(folder)).connection_string
    ports = {
        port: str(free_port()) if is_listening(int(port)) else port for port in (REGISTRY, APP)
    }
    return {**ports, STORAGE: storage}


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def replaced(text: str, others: Mapping[str, str]) -> str:
    """Put what this machine needs into a text."""
    for old, new in others.items():
        text = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new.replace("\\", r"\\"), text)
    return text


def run_all(others: Mapping[str, str], folder: Path, stack: ExitStack) -> str:
    """Start the servers, run everything else in one shell, and return all that was printed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
    before, *rest = [replaced(command, others) for command in COMMANDS]
    assert before == "make setup setup-azurite"
    subprocess.run(before.split(), cwd=folder, env=env, check=True, timeout=60)
    for part, port in SERVERS.items():
        server = next(command for command in rest if part in command)
        rest.remove(server)
        stack.enter_context(served(server, folder, env, int(others[port])))
    done = subprocess.run(
        ["bash", "-eu"],
        input="\n".join(f"echo\n{command}" for command in rest),
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def served(command: str, folder: Path, env: dict[str, str], port: int) -> Iterator[None]:
    """Run a command that goes on until it is told to end, from the moment it listens."""
    output = folder.parent / f"{port}.out"
    with output.open("w") as out:
        process = subprocess.Popen(
            ["bash", "-c", command],
            cwd=folder,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        eventually(lambda: is_listening(port) or None, f"a listener on {port}: {command}", 90)
        yield
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
