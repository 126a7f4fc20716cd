"""`make start`: which host it takes, and what it says."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devhost.azurite import Azurite
from tests.host.conftest import SAMPLE_APP
from tests.host.target import eventually

ELSEWHERE = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5"


@contextmanager
def started(
    folder: Path, storage: str, app: Path = SAMPLE_APP
) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Run the command with `folder` as the whole PATH; yields the process and its output file."""
    output = folder / "start.out"
    with output.open("w") as stdout:
        process = subprocess.Popen(
            [sys.executable, "-m", "devhost.start", "--app", str(app)],
            env={**os.environ, "PATH": str(folder), "AzureWebJobsStorage": storage},
            stdout=stdout,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield process, output
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def with_func(tmp_path: Path) -> Path:
    """Return a folder with a `func` that says how it was called and ends with exit code 7."""
    func = tmp_path / "func"
    func.write_text('#!/bin/sh\necho "func $1 in $PWD trusts $SSL_CERT_FILE"\nexit 7\n')
    func.chmod(0o755)
    return tmp_path


def test_development_host_where_func_is_missing(tmp_path: Path, azurite: Azurite) -> None:
    """Without `func` the development host runs, shows its functions, and ends on request."""
    with started(tmp_path, azurite.connection_string) as (process, output):
        eventually(lambda: "tick: timer" in output.read_text() or None, "the list of functions")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        said = output.read_text()
        assert "Host: the development host" in said
        assert "Ready at http://127.0.0.1:" in said
        assert "[GET,POST] http://127.0.0.1:" in said
        assert "first: queue sample-first" in said


def test_func_where_it_is_installed(with_func: Path) -> None:
    """An installed `func` is the host, started in the app's folder; its exit code counts."""
    with started(with_func, ELSEWHERE) as (process, output):
        assert process.wait(30) == 7
        assert "Host: Azure Functions Core Tools" in output.read_text()
        assert f"func start in {SAMPLE_APP}" in output.read_text()


def test_first_start_copies_the_sample_settings(with_func: Path) -> None:
    """Without settings of its own an app gets those of the sample, once."""
    app = with_func / "app"
    app.mkdir()
    shutil.copyfile(SAMPLE_APP / "local.settings.json", app / "local.settings.sample.json")
    with started(with_func, ELSEWHERE, app) as (process, output):
        assert process.wait(30) == 7
        assert "Copied local.settings.sample.json" in output.read_text()
    with started(with_func, ELSEWHERE, app) as (process, output):
        assert process.wait(30) == 7
        assert "Copied" not in output.read_text()


def test_settings_name_the_certificates(with_func: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a machine trusts everywhere does not hide the certificate that the settings name."""
    app = with_func / "app"
    app.mkdir()
    (app / "local.settings.json").write_text('{"Values": {"SSL_CERT_FILE": "registry.pem"}}')
    monkeypatch.setenv("SSL_CERT_FILE", "machine.pem")
    with started(with_func, ELSEWHERE, app) as (process, output):
        assert process.wait(30) == 7
        assert f"in {app} trusts registry.pem" in output.read_text()
        assert "not machine.pem" in output.read_text()


def test_app_without_settings_is_refused(with_func: Path) -> None:
    """With neither settings nor a sample there is a reason, and no host."""
    app = with_func / "app"
    app.mkdir()
    with started(with_func, ELSEWHERE, app) as (process, output):
        assert process.wait(30) == 1
        assert (
            "has neither local.settings.json nor local.settings.sample.json" in output.read_text()
        )
