"""`python -m acr_emulator`, as a process of its own."""

import subprocess
import sys
import urllib.error
from pathlib import Path

import pytest

from acr_emulator.__main__ import main
from acr_emulator.process import serving


def test_it_serves_a_scenario_until_it_is_stopped(tmp_path: Path) -> None:
    """Address and authority are told in one line; options of the command win."""
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text("options: {page_size: 5}\nrepositories: {a: {images: [{tags: [v1]}]}}\n")
    ca_file = tmp_path / "ca.crt"
    arguments = ("--scenario", str(scenario), "--ca-file", str(ca_file), "--option", "abac=true")
    with serving(*arguments) as served:
        assert served.ca_file == str(ca_file)
        assert served.url == f"https://{served.login_server}"
        assert list(served.admin("GET", "state")["repositories"]) == ["a"]
        assert served.admin("GET", "requests")["total"] == 0
    with pytest.raises(urllib.error.URLError):
        served.admin("GET", "state")


def test_it_serves_a_generated_registry() -> None:
    """With the clock standing at the given time."""
    arguments = ("--generate", "aliases", "--tags", "30", "--newest", "40d", "--oldest", "50d")
    with serving(*arguments, "--now", "2026-01-15T12:00:00Z") as served:
        usage = served.admin("GET", "usage")
        clock = served.admin("GET", "clock")
    assert (usage["tags"], usage["manifests"]) == (30, 10)
    assert clock == {"now": "2026-01-15T12:00:00Z", "running": False}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--host", "0.0.0.0"], "only loopback"),  # noqa: S104
        (["--option", "speedy=1"], "options.speedy"),
        (["--option", "sku=gold"], "options.sku"),
        (["--scenario", "missing.yaml"], "missing.yaml"),
        (["--generate", "flat", "--tags", "-1"], "tags"),
        (["--generate", "flat", "--oldest", "old"], "old"),
        (["--generate", "flat", "--scenario", "x.yaml"], "not allowed with"),
    ],
)
def test_bad_input_ends_it_at_once(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2 and a line that names the mistake, before anything is served."""
    try:
        code: object = main(arguments)
    except SystemExit as exit_:  # argparse's own way out
        code = exit_.code
    shown = capsys.readouterr()
    assert code == 2
    assert problem in shown.err
    assert shown.out == ""


def test_a_command_that_does_not_start_is_told() -> None:
    """Whoever starts it in a process of its own does not wait for ever."""
    with pytest.raises(RuntimeError, match="did not start"), serving("--option", "speedy=1"):
        raise AssertionError("started")


def test_the_state_is_had_without_the_server() -> None:
    """Importing the state loads neither server nor TLS nor tokens."""
    code = (
        "import sys; from acr_emulator import Registry; Registry(); "
        "print([name for name in ('aiohttp', 'ssl', 'jwt', 'trustme', 'pydantic') "
        "if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
