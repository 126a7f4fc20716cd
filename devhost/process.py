"""Subprocesses that say when they are ready: what Azurite and the host's launcher share."""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from devhost.errors import ProcessFailed

T = TypeVar("T")

_POLL = 0.02
_LOG_TAIL = 4000


class Child:
    """A running subprocess whose output goes to two files."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        name: str,
        output: Path,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.output = output
        self.log = log
        with output.open("wb") as stdout, log.open("ab") as stderr:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env=None if env is None else dict(env),
                cwd=cwd,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return the exit code, or None while the process runs; negative for a signal."""
        return self._process.poll()

    def wait_until(self, ready: Callable[[str], T | None], seconds: float) -> T:
        """Return what `ready` makes of the output so far, once it is something.

        Raises ProcessFailed when the process ends first or `seconds` pass; it is stopped then.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            code = self.exit_code()
            found = ready(self.output.read_text(encoding="utf-8", errors="replace"))
            if found is not None:
                return found
            if code is not None:
                break
            time.sleep(_POLL)
        code = self.exit_code()
        self.stop()
        raise ProcessFailed(self.name, exit_code=code, log=self.log_tail())

    def log_tail(self) -> str:
        """Return the end of what the process wrote to its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:]

    def kill(self) -> None:
        """End the process at once (SIGKILL), as a crash would."""
        self._process.kill()
        self._process.wait()

    def stop(self, seconds: float = 10) -> int:
        """Ask the process to end (SIGTERM), kill it after `seconds`, and return its exit code."""
        self._process.terminate()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
