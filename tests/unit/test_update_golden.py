"""Goldens are written anew only where somebody looks at the difference."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_ci_never_writes_goldens() -> None:
    """There the flag is an error, before any test runs."""
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/golden", "--update-golden", "-q"],
        cwd=ROOT,
        env={**os.environ, "CI": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 4
    assert "--update-golden is not for CI" in result.stderr
