"""`python -m bench`: run every measurement, or those named on the command line."""

import sys

from bench import coldstart, engine, requests

_ALL = {"requests": requests.measure, "engine": engine.measure, "coldstart": coldstart.measure}


def main() -> None:
    """Run what is asked for."""
    for name in sys.argv[1:] or _ALL:
        _ALL[name]()


main()
