"""An emulator in a process of its own, for who must not share a core or a loop with it."""

import json
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final

_STOP_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running emulator."""

    url: str
    login_server: str
    ca_file: str
    pid: int

    def admin(self, method: str, path: str, body: str | None = None) -> Any:  # noqa: ANN401  JSON
        """Ask one of the addresses below /_emulator/ (see `admin`): the JSON of the answer.

        Raises urllib.error.HTTPError for a refusal.
        """
        request = urllib.request.Request(  # noqa: S310  always https
            f"{self.url}/_emulator/{path}",
            method=method,
            data=None if body is None else body.encode(),
        )
        context = ssl.create_default_context(cafile=self.ca_file)
        with urllib.request.urlopen(request, context=context) as response:  # noqa: S310
            return json.load(response)


@contextmanager
def serving(*arguments: str) -> Iterator[Served]:
    """`python -m acr_emulator` with these arguments, for as long as the context is open.

    Raises RuntimeError when it does not start; what it had to say is on standard error.
    """
    command = [sys.executable, "-m", "acr_emulator", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            yield _read(process.stdout, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _read(output: IO[str] | None, pid: int) -> Served:
    line = "" if output is None else output.readline()
    if not line:
        raise RuntimeError("the emulator did not start")
    ready: dict[str, str] = json.loads(line)
    return Served(
        url=ready["url"], login_server=ready["login_server"], ca_file=ready["ca_file"], pid=pid
    )
