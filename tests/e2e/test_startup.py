"""What a command does not need is not imported: help and plain errors are quick."""

import json
import subprocess
import sys

import pytest

HEAVY = {"azure", "aiohttp", "asyncio", "pydantic", "regex", "rich", "ruamel"}
PROBE = """
import json, sys
from purge_core.cli import main
code = main(sys.argv[1:])
loaded = sorted({name.partition(".")[0] for name in sys.modules})
sys.stderr.write(json.dumps([code, loaded]))
"""


def loaded_by(*arguments: str) -> tuple[int, set[str]]:
    """Run a command; give its exit code and the packages that it imported."""
    result = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True
    )
    code, loaded = json.loads(result.stderr.splitlines()[-1])
    return code, set(loaded)


@pytest.mark.parametrize("name", ["", "purge", "plan", "apply", "explain", "policy"])
def test_help_is_light(name: str) -> None:
    """Neither the engine's nor the vendor's libraries are imported for a page of help."""
    words = [name, "--help"] if name else ["--help"]
    code, loaded = loaded_by(*words)
    assert (code, loaded & HEAVY) == (0, set())


def test_version_is_light() -> None:
    """The same for the version."""
    code, loaded = loaded_by("--version")
    assert (code, loaded & HEAVY) == (0, set())


def test_bad_flags_do_not_load_the_vendors_client() -> None:
    """A mistake is told before anything that talks to a registry is imported."""
    code, loaded = loaded_by("purge", "--filter", "a", "--ago", "x", "-r", "contoso")
    assert (code, loaded & {"azure", "aiohttp", "rich"}) == (2, set())


def test_flags_need_nothing_that_reads_documents() -> None:
    """A purge by flags gets as far as the registry without models and YAML."""
    code, loaded = loaded_by("purge", "--filter", "a:b", "--ago", "7d", "-r", "127.0.0.1:9")
    assert (code, loaded & {"pydantic", "ruamel"}) == (3, set())
