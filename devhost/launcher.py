"""A host as a subprocess of a demo or a test: start it, talk to it, crash it, stop it."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from devhost.process import Child

_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Ready:
    """What a host says of itself when it is ready."""

    url: str
    functions: Sequence[Mapping[str, Any]]
    master_key: str
    host_key: str
    function_keys: Mapping[str, str]


class HostProcess:
    """A running `python -m devhost`; a context manager that stops it."""

    def __init__(self, child: Child, ready: Ready) -> None:
        self._child = child
        self.ready = ready
        self.url = ready.url

    @classmethod
    def start(
        cls,
        app: Path,
        *,
        folder: Path,
        env: Mapping[str, str],
        arguments: Sequence[str] = ("--port", "0"),
        seconds: float = 60,
    ) -> Self:
        """Start a host on an app and wait until it is ready.

        `env` goes on top of this process's environment; output and log are kept in `folder`. Raises
        ProcessFailed, whose log says why, when the app cannot be loaded.
        """
        folder.mkdir(parents=True, exist_ok=True)
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        child = Child(
            [sys.executable, "-m", "devhost", "--app", str(app), *arguments],
            name="the Functions host",
            output=folder / "host.out",
            log=folder / "host.log",
            env={**os.environ, "PYTHONPATH": path, **env},
        )
        return cls(child, child.wait_until(read_ready, seconds))

    @property
    def pid(self) -> int:
        """The process id; a restart after a timeout keeps it."""
        return self._child.pid

    def exit_code(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._child.exit_code()

    def log(self) -> str:
        """Return the end of the log."""
        return self._child.log_tail()

    def kill(self) -> None:
        """End it at once, as a crash would (SIGKILL)."""
        self._child.kill()

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        return self._child.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def read_ready(output: str) -> Ready | None:
    """Read the ready line that output starts with, or return None while it is not complete."""
    line, newline, _ = output.partition("\n")
    if not newline:
        return None
    document = json.loads(line)
    keys = document["keys"]
    return Ready(
        url=document["url"],
        functions=document["functions"],
        master_key=keys["master"],
        host_key=keys["default"],
        function_keys=keys["functions"],
    )
