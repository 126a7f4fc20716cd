"""What a cold start imports: the vendor's package, and nothing that only some function needs."""

import json
import subprocess
import sys

from tests.e2e.app.world import ROOT

PROBE = """
import json, sys
sys.path.insert(0, ".")
import azure.functions
before = set(sys.modules)
import function_app
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_function_app_imports_next_to_nothing() -> None:
    """Beyond the vendor's package there is the app itself and the standard library."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert loaded - sys.stdlib_module_names == {"function_app"}
