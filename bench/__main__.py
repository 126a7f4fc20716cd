"""`python -m bench`: run every measurement, or those named on the command line."""

import sys

from bench import coldstart, engine, memory, nights, operations, processor, requests, wall

_ALL = {
    "requests": requests.measure,
    "nights": nights.measure,
    "wall": wall.measure,
    "processor": processor.measure,
    "engine": engine.measure,
    "operations": operations.measure,
    "memory": memory.measure,
    "coldstart": coldstart.measure,
}


def main() -> None:
    """Run what is asked for."""
    for name in sys.argv[1:] or _ALL:
        _ALL[name]()


main()
