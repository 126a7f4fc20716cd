"""A host that runs the sample app on a real Azurite, for all tests of this folder.

To run the tests that need no process of their own against the real host: start Azurite and, in
sample_app, `func start --enableAuth`; set FUNCTIONS_HOST_URL, FUNCTIONS_HOST_KEY (its master key)
and FUNCTIONS_HOST_STORAGE (a connection string).
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from azure.storage.queue import QueueServiceClient

from devhost.azurite import Azurite
from devhost.launcher import HostProcess
from tests.host.target import Target

SAMPLE_APP = Path(__file__).parent / "sample_app"
EXTERNAL_URL = os.environ.get("FUNCTIONS_HOST_URL")


class Starter(Protocol):
    """Starts a host on an app, for one test."""

    def __call__(
        self, app: Path, storage: str, *arguments: str, **env: str
    ) -> tuple[HostProcess, Target]:
        """Return the process and how to reach it; it is stopped after the test."""
        ...


def target_of(host: HostProcess, storage: str) -> Target:
    """Return how to reach a host of ours."""
    return Target(host.url, host.ready.host_key, host.ready.master_key, storage)


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Return the sample app at work: on the real host where one is named, else on ours."""
    if EXTERNAL_URL is not None:
        key = os.environ["FUNCTIONS_HOST_KEY"]
        yield Target(EXTERNAL_URL, key, key, os.environ["FUNCTIONS_HOST_STORAGE"])
        return
    folder = tmp_path_factory.mktemp("host")
    with (
        Azurite.start(folder / "azurite") as azurite,
        HostProcess.start(
            SAMPLE_APP,
            folder=folder,
            env={"AzureWebJobsStorage": azurite.connection_string},
        ) as host,
    ):
        yield target_of(host, azurite.connection_string)


@pytest.fixture(scope="session")
def bare_azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """Return an Azurite that only the hosts of single tests listen to."""
    with Azurite.start(tmp_path_factory.mktemp("bare")) as running:
        yield running


@pytest.fixture
def azurite(bare_azurite: Azurite) -> Azurite:
    """Return an Azurite without queues, for the hosts that a test starts itself."""
    storage = bare_azurite.connection_string
    with QueueServiceClient.from_connection_string(storage) as service:
        for queue in service.list_queues():
            service.delete_queue(queue)
    return bare_azurite


@pytest.fixture
def start_host(tmp_path: Path) -> Iterator[Starter]:
    """Return what starts hosts of ours; all are stopped after the test."""
    if EXTERNAL_URL is not None:
        pytest.skip("this test starts and ends hosts itself")
    started: list[HostProcess] = []

    def start(app: Path, storage: str, *arguments: str, **env: str) -> tuple[HostProcess, Target]:
        host = HostProcess.start(
            app,
            folder=tmp_path / f"host-{len(started)}",
            env={"AzureWebJobsStorage": storage, **env},
            arguments=("--port", "0", *arguments),
        )
        started.append(host)
        return host, target_of(host, storage)

    yield start
    for host in started:
        host.stop()


@pytest.fixture
def make_app(tmp_path: Path) -> Callable[..., Path]:
    """Return what writes an app: the text of function_app.py, and of host.json if need be."""

    def make(code: str, host_json: str = '{"version": "2.0"}') -> Path:
        folder = tmp_path / "app"
        folder.mkdir()
        (folder / "function_app.py").write_text(code)
        (folder / "host.json").write_text(host_json)
        return folder

    return make
