"""How much memory a night of the app takes: one message plans a repository, others purge it.

The app runs on the real Functions worker with a stand-in for its host, which is part of the process
that is measured. Azurite keeps the records and the manifests that were read. The repository is
planned as a whole, and its purge watched for so many deletions: by then the whole plan was loaded
and everything listed again. Needs a `/proc`, and half an hour: not part of `make bench`.
"""

import http.client
import json
import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from acr_emulator.process import Served, serving
from bench.client import DELETES, ROOT
from bench.table import print_table
from devhost.azurite import Azurite
from devhost.launcher import HostProcess

LIMIT: Final = 512
"""MiB: the memory of the smallest instance."""
MANIFESTS: Final = 100_000
"""In one repository, with three tags for two of them; all are to go."""
DELETIONS: Final = 1_000
"""So many are waited for."""
_POLICY: Final = "acr purge --filter '.*:.*' --ago 7d --untagged"
_WORKING: Final = {"queued", "planning", "purging"}


@dataclass(frozen=True, slots=True)
class Night:
    """How far a run came in so many ``seconds``; ``peak`` is in MiB."""

    state: str
    deletions: int
    seconds: float
    peak: float


def measure(manifests: int = MANIFESTS) -> None:
    """Let the app purge a large repository; ends with an error when it takes too much."""
    tags = str(manifests * 3 // 2)
    with serving("--generate", "pairs", "--tags", tags, "--newest", "30d") as served:
        night = _night(served)
    row = [f"{manifests:,} manifests, {int(tags):,} tags", night.state, f"{night.deletions:,}"]
    row += [f"{night.seconds:.0f} s", f"{night.peak:.0f} MiB"]
    heads = ("1 repository", "run", "deletions", "time", "peak")
    print_table(f"Memory of the app and its host (at most {LIMIT} MiB)", heads, [row])
    if night.peak > LIMIT or night.deletions < DELETIONS:
        raise SystemExit("more memory than there is, or too few deletions")


def _night(served: Served) -> Night:
    with (
        tempfile.TemporaryDirectory() as folder,
        Azurite.start(Path(folder) / "azurite") as azurite,
        HostProcess.start(
            ROOT, folder=Path(folder) / "host", env=_settings(azurite, served)
        ) as host,
    ):
        begun = time.monotonic()
        _ask(host, "POST", "/admin/functions/nightly")
        while (run := _run(host)) is None or run["state"] in _WORKING:
            if _deletions(served) >= DELETIONS:
                break
            time.sleep(1)
        seconds = time.monotonic() - begun
        state = "none" if run is None else run["state"]
        return Night(state, _deletions(served), seconds, _peak(host.pid))


def _deletions(served: Served) -> int:
    counts = served.admin("GET", "requests")["counts"]
    return sum(counts.get(kind, 0) for kind in DELETES)


def _settings(azurite: Azurite, served: Served) -> dict[str, str]:
    others = (name for name in os.environ if name.startswith(("PURGE_", "AzureWebJobs")))
    return {
        **dict.fromkeys(others, ""),
        "AzureWebJobsStorage": azurite.connection_string,
        "PURGE_REGISTRIES": served.login_server,
        "PURGE_SCHEDULE": "0 0 0 29 2 *",
        "PURGE_POLICY": _POLICY,
        "PURGE_MODE": "purge",
        "SSL_CERT_FILE": served.ca_file,
    }


def _run(host: HostProcess) -> dict[str, Any] | None:
    """Give the latest run, once there is one."""
    items = json.loads(_ask(host, "GET", "/api/runs"))["items"]
    return items[0] if items else None


def _ask(host: HostProcess, method: str, path: str) -> bytes:
    connection = http.client.HTTPConnection(urlsplit(host.url).netloc, timeout=120)
    headers = {"x-functions-key": host.ready.master_key, "Content-Type": "application/json"}
    try:
        connection.request(method, path, body=b"{}" if method == "POST" else None, headers=headers)
        return connection.getresponse().read()
    finally:
        connection.close()


def _peak(pid: int) -> float:
    """Read the most memory that a process ever held, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    if found is None:
        raise SystemExit("this system does not tell how much memory a process held")
    return int(found[1]) / 1024


if __name__ == "__main__":
    measure(int(sys.argv[1]))
