"""A command in a process of its own, measured from outside: ours, or a rival's."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
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
    that the process held at once, in MiB. ``code`` is how it ended, and ``refused`` how many of
    its requests were answered 429.
    """

    counts: Mapping[str, int]
    seconds: float
    cpu: float
    peak: float
    code: int = 0
    refused: int = 0

    def count(self, *kinds: str) -> int:
        """Count the requests of these kinds, or all."""
        return sum(self.counts.get(kind, 0) for kind in kinds or self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How ours is run: the tier that it is told, the factor by which all time flies, its width."""

    sku: str = "none"
    speed: float = 1.0
    concurrency: int | None = None


UNPACED: Final = Manner()
"""How much is asked for is measured, not how long a quota makes it last."""
_ENDED: Final = (0, 3)
"""The whole run was done; 3: single steps failed, as they do on a machine that is very busy."""


def purge(served: Served, *flags: str, cache: Path | None = None, manner: Manner = UNPACED) -> Used:
    """Run `acr-purge purge` on a registry.

    ``cache`` is the file in which manifests are remembered; ``None``: nowhere.

    Raises:
        SystemExit: it could not be run to its end.

    """
    program = ["purge_core"] if manner.speed == 1 else ["bench.faster", str(manner.speed)]
    width = [] if manner.concurrency is None else ["--concurrency", str(manner.concurrency)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PURGE_")},
        "ACR_DEFAULT_REGISTRY": served.login_server,
        "PURGE_MANIFEST_CACHE": "off" if cache is None else str(cache),
        "PURGE_SKU": manner.sku,
        "SSL_CERT_FILE": served.ca_file,
    }
    command = [sys.executable, "-m", *program, "purge", "--quiet", *width, *flags]
    used, output = measured(served, command, environment)
    if used.code not in _ENDED:
        raise SystemExit(output[-4000:])
    return used


def measured(
    served: Served, command: Sequence[str], environment: Mapping[str, str]
) -> tuple[Used, str]:
    """Run a command that uses the registry; returns what it cost, and what it said."""
    served.admin("DELETE", "requests")
    begun = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    seen = served.admin("GET", "requests")
    used = Used(
        counts=seen["counts"],
        seconds=seconds,
        cpu=usage.ru_utime + usage.ru_stime,
        peak=usage.ru_maxrss / 1024,
        code=process.returncode,
        refused=seen["statuses"].get("429", 0),
    )
    return used, said
