"""The real command line against a development registry, each in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from acr_emulator.process import Served

_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - JSON
        """Standard output, which must be one JSON document."""
        return json.loads(self.out)


@dataclass(slots=True)
class Shop:
    """A development registry, and repositories in it that belong to one test alone.

    ``folder`` is where commands run.
    """

    served: Served
    prefix: str = field(default_factory=lambda: f"test{next(_NUMBERS)}")
    folder: Path | None = None

    def seed(self, repositories: str, extra: str = "") -> None:
        """Put repositories into the registry: YAML, each name below the prefix of the test.

        ``{shop}`` stands for the prefix, ``extra`` for further parts of the scenario.
        """
        text = f"repositories:\n{repositories}\n{extra}".replace("{shop}", self.prefix)
        self.served.admin("POST", "scenario", text)

    def state(self, repository: str) -> Any:  # noqa: ANN401 - JSON
        """Say what a repository holds; ``None`` when there is none."""
        repositories = self.served.admin("GET", "state")["repositories"]
        return repositories.get(f"{self.prefix}/{repository}")

    def tags(self, repository: str) -> set[str]:
        """Name the tags of a repository."""
        state = self.state(repository)
        return set() if state is None else set(state["tags"])

    def environment(self, **more: str) -> dict[str, str]:
        """Give the variables of a command that uses this registry."""
        known = ("HOME", "PATH", "LANG", "PYTHONPATH", "SYSTEMROOT")
        base = {name: os.environ[name] for name in known if name in os.environ}
        ours = {
            "SSL_CERT_FILE": self.served.ca_file,
            "ACR_DEFAULT_REGISTRY": self.served.login_server,
            "PURGE_MANIFEST_CACHE": "off",
        }
        return {**base, **ours, **more}

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start a command and let it run."""
        words = [word.replace("{shop}", self.prefix) for word in arguments]
        return subprocess.Popen(
            [sys.executable, "-m", "purge_core", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd=self.folder,
            env=self.environment(**environment),
        )

    def run(self, *arguments: str, **environment: str) -> Finished:
        """Run a command to its end. No command may ever show a traceback."""
        return finish(self.start(*arguments, **environment))


def finish(process: "subprocess.Popen[str]") -> Finished:
    """Wait for a command to end."""
    with process:
        out, err = process.communicate(timeout=60)
    assert "Traceback" not in out + err
    return Finished(process.returncode, out, err)
