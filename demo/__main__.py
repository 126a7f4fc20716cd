"""`python -m demo`: the tour. Ends with 0 only if everything was as it should be."""

import sys

from acr_emulator.process import serving
from demo.stage import ROOT, DemoFailed
from demo.tour import tour
from devhost.errors import HostError

SEEDED = ("--generate", "mixed", "--repositories", "40", "--tags", "1600", "--seed", "11")
NIGHTS = 21


def main() -> int:
    """Start a registry of its own and show everything on it."""
    try:
        with serving(*SEEDED) as served:
            tour(served, ROOT / "report.html", NIGHTS)
    except (DemoFailed, HostError) as error:
        print(f"\nThe tour failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
