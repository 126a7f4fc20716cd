"""Runs the real commands of the tour and shows each before what it says."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
"""Where the commands run, so that the paths in them are right."""


class DemoFailed(Exception):
    """Something in the tour was not as it should be."""


def require(true: object, what: str) -> None:
    """Go on only if something is as it should be.

    Raises:
        DemoFailed: it is not.

    """
    if not true:
        raise DemoFailed(what)


def title(text: str) -> None:
    """Begin a part of the tour."""
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n== {text}")


def tell(text: str) -> None:
    """Say something between two commands."""
    print(text, flush=True)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the commands run: which registry they use, and whom they trust."""

    environment: Mapping[str, str]

    @classmethod
    def on(cls, login_server: str, ca_file: str) -> "Stage":
        """Let all commands use a registry."""
        ours = {"ACR_DEFAULT_REGISTRY": login_server, "SSL_CERT_FILE": ca_file}
        ours["PURGE_MANIFEST_CACHE"] = "off"
        ours["PURGE_SKU"] = "none"  # the development registry enforces no quota here
        theirs = {k: v for k, v in os.environ.items() if not k.startswith("PURGE_")}
        return cls({**theirs, **ours})

    def show(self, *arguments: str, head: int = 100, tail: int = 0) -> str:
        """Run a command and show it with the first and last lines of what it says."""
        words = (f'"{word}"' if " " in word else word for word in arguments)
        tell(f"\n$ acr-purge {' '.join(words)}")
        output = self.run(*arguments)
        lines = output.splitlines()
        if len(lines) > head + tail + 3:
            left = len(lines) - head - tail
            lines = [*lines[:head], f"  [{left} lines more]", *lines[len(lines) - tail :]]
        tell("\n".join(lines))
        return output

    def run(self, *arguments: str) -> str:
        """Run a command; give its standard output.

        Raises:
            DemoFailed: it did not end with 0.

        """
        result = subprocess.run(
            [sys.executable, "-m", "purge_core", *arguments],
            cwd=ROOT,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        named = f"acr-purge {arguments[0]} ended with {result.returncode}"
        require(result.returncode == 0, f"{named}:\n{result.stderr}")
        return result.stdout

    def document(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        """Run a command without showing it; give the JSON that it writes."""
        return json.loads(self.run(*arguments, "--output", "json"))
