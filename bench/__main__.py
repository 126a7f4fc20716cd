"""`python -m bench`: run every measurement, or those named on the command line.

One that finds more than is claimed is told of at the end, when the others have been run.
"""

import sys
from collections.abc import Callable
from functools import partial
from typing import Final

from bench import (
    coldstart,
    engine,
    memory,
    nights,
    operations,
    processor,
    reports,
    requests,
    soak,
    wall,
)
from bench.cases import CASES
from bench.compare import compare

_ALL: Final[dict[str, Callable[[], None]]] = {
    "requests": requests.measure,
    "nights": nights.measure,
    "wall": wall.measure,
    "soak": soak.measure,
    "processor": processor.measure,
    "engine": engine.measure,
    "operations": operations.measure,
    "coldstart": coldstart.measure,
    "reports": reports.measure,
    **{name: partial(compare, case) for name, case in CASES.items()},
    "memory": memory.measure,
}


def main(names: list[str]) -> int:
    """Run what is asked for; returns 1 when something was more than claimed."""
    if unknown := set(names) - _ALL.keys():
        print(f"no such measurement: {', '.join(sorted(unknown))}; there are: {', '.join(_ALL)}")
        return 2
    excess = []
    for name in names or _ALL:
        try:
            _ALL[name]()
        except SystemExit as error:
            excess.append(f"{name}: {error}")
    for text in excess:
        print(f"\n{text}", file=sys.stderr)
    return 1 if excess else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
