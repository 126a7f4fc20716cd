"""Sums up `mutmut results --all true` (standard input) per module; fails below the wanted share.

A mutant counts as noticed when a test failed, hung or crashed on it.
"""

import re
import sys
from collections import Counter, defaultdict

WANTED = 0.90
NOTICED = {"killed", "timeout", "segfault", "suspicious", "caught by type check"}
_LINE = re.compile(r"\s*(?P<module>[\w.]+)\.x\S*__mutmut_\d+: (?P<status>.+)")


def main() -> int:
    """Print the table and return the exit code: 0 when every module has the wanted share."""
    modules: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for line in sys.stdin:
        if match := _LINE.fullmatch(line.rstrip()):
            modules[match["module"]][match["status"] in NOTICED] += 1
    shares = {name: count[True] / count.total() for name, count in modules.items()}
    for name, count in sorted(modules.items()):
        print(f"{name:32} {count.total():5} mutants, {shares[name]:6.1%} noticed")
    return 0 if shares and min(shares.values()) >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
