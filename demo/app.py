"""The last act: the same by night, through the Function app."""

import http.client
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from acr_emulator.process import Served
from demo.report import leave
from demo.stage import ROOT, Stage, require, tell, title
from devhost.azurite import Azurite
from devhost.launcher import HostProcess

POLICY: Final = "demo/policy.yaml"
_SECONDS: Final = 120
"""A run that takes longer is stuck."""
_NEW: Final = ("app/checkout", "app/import", "app/ranking", "app/search")
_OLD: Final = 3


@dataclass(frozen=True, slots=True)
class App:
    """The running app, and where it keeps its records."""

    host: HostProcess
    storage: str

    def call(self, method: str, path: str) -> Any:  # noqa: ANN401 - JSON
        """Send a request; give the JSON of the answer, or ``None`` where it has no body."""
        connection = http.client.HTTPConnection(urlsplit(self.host.url).netloc, timeout=60)
        keys = self.host.ready
        headers = {
            "x-functions-key": keys.master_key if path.startswith("/admin") else keys.host_key,
            "Content-Type": "application/json",
        }
        try:
            connection.request(
                method, path, body="{}" if method == "POST" else None, headers=headers
            )
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        require(answer.status < http.client.BAD_REQUEST, f"{method} {path}: {answer.status}")
        return json.loads(body) if body else None


def night(served: Served, stage: Stage, page: Path, nights: int) -> None:
    """Show a nightly run, what its records tell, and the ``page`` that is made of them.

    Raises:
        DemoFailed: something was not as it should be.
        HostError: the app or its storage could not be started.

    """
    title("And every night by itself: the Function app")
    push(served)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), served) as app:
        tell(
            f"function_app.py runs at {app.host.url} on a local Functions host, with Azurite\n"
            f"as its storage. Its settings: PURGE_REGISTRIES={served.login_server}\n"
            f"PURGE_MODE=purge PURGE_POLICY={POLICY}.\n"
            "The timer would start it at 01:00 UTC; we start it now:"
        )
        run = nightly(app)
        recorded = Stage({**stage.environment, "PURGE_JOURNAL": app.storage})
        report(recorded, run)
        leave(recorded, page, nights)
    for name in _NEW:
        left = set(served.admin("GET", "state")["repositories"][name]["tags"])
        require(left == {"v1.0.0", "latest"}, f"{name}: other tags than planned")


def push(served: Served) -> None:
    """Let the teams go on."""
    images = [f"      - {{tags: [pr-{number}], age: {20 + number}d}}" for number in range(_OLD)]
    images.append("      - {tags: [v1.0.0, latest], age: 30d}")
    lines = [line for name in _NEW for line in (f"  {name}:", "    images:", *images)]
    served.admin("POST", "scenario", "\n".join(["repositories:", *lines]))
    tell(f"Meanwhile there are {len(_NEW)} new repositories, with {_OLD} old pull requests each.")


@contextmanager
def running(folder: Path, served: Served) -> Iterator[App]:
    """Run Azurite and the app for as long as the context is open.

    No setting of this machine counts, nor does its ``local.settings.json``.
    """
    ours = (name for name in os.environ if name.startswith(("PURGE_", "AzureWebJobs")))
    no_settings = folder / "settings.json"
    no_settings.write_text("{}")
    with Azurite.start(folder / "azurite") as azurite:
        env = {
            **dict.fromkeys(ours, ""),
            "AzureWebJobsStorage": azurite.connection_string,
            "PURGE_REGISTRIES": served.login_server,
            "PURGE_MODE": "purge",
            "PURGE_POLICY": POLICY,
            "SSL_CERT_FILE": served.ca_file,
        }
        arguments = ("--port", "0", "--settings", str(no_settings))
        with HostProcess.start(ROOT, folder=folder, env=env, arguments=arguments) as host:
            yield App(host, azurite.connection_string)


def nightly(app: App) -> str:
    """Start the timer's function and wait for its run to end; give the run's id."""
    tell("\nPOST /admin/functions/nightly")
    app.call("POST", "/admin/functions/nightly")
    until = time.monotonic() + _SECONDS
    run, shown = "", ""
    while time.monotonic() < until and shown not in {"done", "held", "failed"}:
        for found in app.call("GET", "/api/runs?limit=1")["items"]:
            if found["state"] != shown:
                run, shown = found["id"], found["state"]
                tell(f"  {shown}")
        time.sleep(0.2)
    require(shown == "done", f"the nightly run did not end well: {shown or 'it did not begin'}")
    return run


def report(stage: Stage, run: str) -> None:
    """Show what the tables know of the run, and who deleted a tag."""
    tell("\nWhat it did stands in Table Storage, and can be asked for:")
    told = stage.show("run", run, head=10, tail=2)
    require("deleted: 12 tags, 12 manifests" in told, "the report tells of other deletions")
    told = stage.show("history", f"{_NEW[0]}:pr-0")
    require("pull requests" in told, "the history does not name the rule")
    tell(
        "\nThe same by HTTP: plans, purges, their application, the reasons of every step.\n"
        "docs/quickstart.md shows it, step by step."
    )
