"""Sums up `mutmut results --all true` (standard input) per module; fails below the wanted share.

A mutant counts as noticed when a test failed, hung or crashed on it; one that was not tried
does not count. Those that no test noticed are named: `mutmut show NAME` prints what was changed.
"""

import re
import sys
from collections import Counter, defaultdict

WANTED = 0.90
NOTICED = {"killed", "timeout", "segfault", "suspicious", "caught by type check"}
NOT_TRIED = "not checked"
_LINE = re.compile(r"\s*(?P<mutant>(?P<module>[\w.]+)\.x\S*__mutmut_\d+): (?P<status>.+)")


def main() -> int:
    """Print the table and return the exit code: 0 when every module has the wanted share."""
    modules: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for line in sys.stdin:
        match = _LINE.fullmatch(line.rstrip())
        if match is None or match["status"] == NOT_TRIED:
            continue
        noticed = match["status"] in NOTICED
        modules[match["module"]][noticed] += 1
        if not noticed:
            print(f"{match['status']}: {match['mutant']}")
    shares = {name: count[True] / count.total() for name, count in modules.items()}
    for name, count in sorted(modules.items()):
        print(f"{name:36} {count[True]:4} of {count.total():4} noticed, {shares[name]:6.1%}")
    return 0 if shares and min(shares.values()) >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
