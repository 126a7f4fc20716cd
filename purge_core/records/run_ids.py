"""Names of runs: unique, and sorted by name they are sorted by time.

A name follows from the moment, the registry and a salt alone, so whoever starts the
same nightly run twice names it alike, and it is one run.
"""

from hashlib import sha256
from typing import Final

from purge_core.instants import TICKS_PER_SECOND, Instant, format_instant
from purge_core.records.journal import RunId

_MILLISECOND: Final = TICKS_PER_SECOND // 1000


def make_run_id(moment: Instant, registry: str, salt: str) -> RunId:
    """Name a run, such as ``20261121T010000.000Z-3f9a1c2b4d``.

    ``moment`` counts to the millisecond. ``salt`` tells runs of one moment and registry
    apart: a fixed word for what must be one run, something random for all others.
    """
    seconds = Instant(moment - moment % TICKS_PER_SECOND)
    clock = format_instant(seconds).removesuffix("Z").replace("-", "").replace(":", "")
    milliseconds = moment % TICKS_PER_SECOND // _MILLISECOND
    mark = sha256(f"{registry}\n{salt}".encode()).hexdigest()[:10]
    return RunId(f"{clock}.{milliseconds:03d}Z-{mark}")
