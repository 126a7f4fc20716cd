"""The command line in a process of its own, measured from outside."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acr_emulator.process import Served

ROOT: Final = Path(__file__).parent.parent
SIGN_IN: Final = ("oauth", "challenge")
DELETES: Final = ("tag_delete", "manifest_delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What one command cost. ``counts`` are requests by kind, counted at the registry.

    ``seconds`` by the clock on the wall, ``cpu`` of the processor; ``peak`` is the most memory
    that the process held at once, in MiB.
    """

    counts: Mapping[str, int]
    seconds: float
    cpu: float
    peak: float

    def count(self, *kinds: str) -> int:
        """Count the requests of these kinds, or all."""
        return sum(self.counts.get(kind, 0) for kind in kinds or self.counts)


_ENDED: Final = (0, 3)
"""The whole run was done; 3: single steps failed, as they do on a machine that is very busy."""


def purge(served: Served, *flags: str, cache: Path | None = None) -> Used:
    """Run `acr-purge purge` on a registry.

    ``cache`` is the file in which manifests are remembered; ``None``: nowhere.

    Raises:
        SystemExit: it could not be run to its end.

    """
    served.admin("DELETE", "requests")
    command = [sys.executable, "-m", "purge_core", "purge", "--quiet", *flags]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PURGE_")},
        "ACR_DEFAULT_REGISTRY": served.login_server,
        "PURGE_MANIFEST_CACHE": "off" if cache is None else str(cache),
        # How much is asked for is measured here, not how long a quota makes it last.
        "PURGE_SKU": "none",
        "SSL_CERT_FILE": served.ca_file,
    }
    begun = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in _ENDED:
            output.seek(0)
            raise SystemExit(output.read().decode()[-4000:])
    return Used(
        counts=served.admin("GET", "requests")["counts"],
        seconds=time.monotonic() - begun,
        cpu=usage.ru_utime + usage.ru_stime,
        peak=usage.ru_maxrss / 1024,
    )
