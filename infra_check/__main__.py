"""``python -m infra_check``: prints what is wrong with infra/ and fails if anything is."""

import sys
from pathlib import Path

from infra_check.check import check_project
from infra_check.scenarios import SCENARIOS


def main() -> int:
    """Check the project around this package."""
    problems = check_project(Path(__file__).parent.parent)
    for problem in problems:
        print(problem)
    if not problems:
        print(f"infra: {len(SCENARIOS)} deployments worked out, nothing wrong")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
