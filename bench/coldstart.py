"""How long a cold start imports: the app, against the vendor's package alone.

Each import is timed in a process of its own, the two in turns, so that a busy machine slows both
alike. The median of the ratios counts.
"""

import statistics
import subprocess
import sys
from pathlib import Path
from typing import Final

from bench.table import print_table

LIMIT: Final = 2.5
"""What the app may take, as a multiple of the vendor's package."""
ROUNDS: Final = 9
ROOT: Final = Path(__file__).parent.parent
_CODE: Final = """
import sys, time
sys.path.insert(0, ".")
begun = time.perf_counter()
import {module}
print(time.perf_counter() - begun)
"""


def seconds(module: str) -> float:
    """Import a module in a fresh process; returns how long that took."""
    done = subprocess.run(
        [sys.executable, "-c", _CODE.format(module=module)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def rounds(number: int = ROUNDS) -> list[tuple[float, float]]:
    """Time the vendor's package and the app in turns, after one round for the disk's cache."""
    timed = [(seconds("azure.functions"), seconds("function_app")) for _ in range(number + 1)]
    return timed[1:]


def ratio(timed: list[tuple[float, float]]) -> float:
    """Return how many times longer the app takes."""
    return statistics.median(app / vendor for vendor, app in timed)


def measure() -> None:
    """Measure and print; ends with an error when the app takes too long."""
    timed = rounds()
    vendor, app = (statistics.median(column) * 1000 for column in zip(*timed, strict=True))
    rows = [
        ["import azure.functions", f"{vendor:.0f} ms", "1.00"],
        ["import function_app", f"{app:.0f} ms", f"{ratio(timed):.2f}"],
    ]
    print_table(f"Cold start (at most {LIMIT})", ["", "median", "ratio"], rows)
    if ratio(timed) > LIMIT:
        raise SystemExit(f"the app takes {ratio(timed):.2f} times as long, not at most {LIMIT}")
