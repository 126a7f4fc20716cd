"""What happens to work when a host dies, is slow, is one of two, or ends."""

import http.client
import json
import shutil
from pathlib import Path

import pytest

from devhost.azurite import Azurite
from tests.host.conftest import SAMPLE_APP, Starter
from tests.host.target import Target, eventually


def instance(target: Target) -> str | None:
    """Return which instance of the worker answers, or None when none does."""
    try:
        return str(target.call("GET", "/api/open").json()["instance"])
    except OSError:
        return None


@pytest.fixture
def impatient_app(tmp_path: Path) -> Path:
    """Return a copy of the sample app with a functionTimeout of one second."""
    app = tmp_path / "impatient"
    shutil.copytree(SAMPLE_APP, app)
    document = json.loads((app / "host.json").read_text())
    (app / "host.json").write_text(json.dumps({**document, "functionTimeout": "00:00:01"}))
    return app


def test_message_of_a_killed_host_is_delivered_again(start_host: Starter, azurite: Azurite) -> None:
    """SIGKILL in the middle of a message: the next host gets the same message."""
    host, target = start_host(SAMPLE_APP, azurite.connection_string, "--invisibility", "1")
    target.queue("sample-slow").put("600")
    assert target.queue("sample-started").take(1) == ["1"]
    host.kill()
    start_host(SAMPLE_APP, azurite.connection_string)
    assert target.queue("sample-started").take(1) == ["2"]
    assert target.queue("sample-done").take(1) == ["slow 2"]


def test_long_message_is_not_delivered_twice(start_host: Starter, azurite: Azurite) -> None:
    """A message stays hidden as long as its function works, even one that blocks the worker."""
    _, target = start_host(SAMPLE_APP, azurite.connection_string, "--invisibility", "2")
    target.queue("sample-slow").put("3.5")
    assert target.queue("sample-started").take(1) == ["1"]

    def finished() -> list[str] | None:
        assert target.queue("sample-slow").drain() == []
        return target.queue("sample-done").drain() or None

    assert eventually(finished, "the end of the function") == ["slow 1"]
    assert target.queue("sample-started").drain() == []


def test_two_hosts_share_the_messages(start_host: Starter, azurite: Azurite) -> None:
    """Every message is processed by one of two hosts."""
    _, target = start_host(SAMPLE_APP, azurite.connection_string, "--invisibility", "30")
    start_host(SAMPLE_APP, azurite.connection_string, "--invisibility", "30")
    for number in range(20):
        target.queue("sample-second").put(f"{number:02}")
    expected = [f"{number:02} second 1" for number in range(20)]
    assert target.queue("sample-done").take(20) == expected


def test_timeout_restarts_the_worker(
    start_host: Starter, azurite: Azurite, impatient_app: Path
) -> None:
    """A function beyond functionTimeout takes its worker along; a new one answers at once."""
    host, target = start_host(impatient_app, azurite.connection_string)
    before = instance(target)
    with pytest.raises((OSError, http.client.HTTPException)):
        target.call("GET", "/api/sleep/600")
    after = eventually(lambda: instance(target), "an answer after the restart")
    assert after != before
    assert host.exit_code() is None


def test_timeout_may_end_the_host(
    start_host: Starter, azurite: Azurite, impatient_app: Path
) -> None:
    """On demand the host ends instead, with an exit code of its own."""
    host, target = start_host(impatient_app, azurite.connection_string, "--exit-on-timeout")
    with pytest.raises((OSError, http.client.HTTPException)):
        target.call("GET", "/api/sleep/600")
    assert eventually(host.exit_code, "the end of the host") == 3


def test_host_ends_on_request(start_host: Starter, azurite: Azurite) -> None:
    """SIGTERM ends the host, even while a function blocks."""
    host, target = start_host(SAMPLE_APP, azurite.connection_string)
    target.queue("sample-slow").put("600")
    assert target.queue("sample-started").take(1) == ["1"]
    assert host.stop() == 0


def test_disabled_function_takes_nothing(start_host: Starter, azurite: Azurite) -> None:
    """A setting turns a function off."""
    disabled = {"AzureWebJobs.second.Disabled": "true"}
    host, target = start_host(SAMPLE_APP, azurite.connection_string, **disabled)
    assert "second" not in {row["name"] for row in host.ready.functions}
    target.queue("sample-first").put("hello")
    assert target.queue("sample-second").take(1) == ["hello first"]
