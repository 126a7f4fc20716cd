"""The Function app at work, reached by HTTP and storage alone.

The app's host is ours, or another one, such as `func start`: then its address and its surroundings
come from the environment (see `external`).
"""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from acr_emulator.process import Served, serving
from devhost.azurite import Azurite
from devhost.launcher import HostProcess
from tests.host.target import Reply, Target, eventually

ROOT = Path(__file__).parents[3]
NEVER = "0 0 0 29 2 *"
"""A schedule that no test meets: every start by hand is a run of its own."""
WORKING = {"queued", "planning", "purging"}
RULES: Mapping[str, Any] = {
    "version": 1,
    "rules": [{"repositories": ".*", "tags": "pr-.*", "older_than": "3d", "allow_empty": True}],
    "untagged": {"older_than": "3d"},
    "protect": [{"name": "runs", "tags": "latest"}],
    "limits": {"max_deletions": 100000, "max_delete_share": 1},
}
"""The deployed policy of these tests."""

_NUMBERS = count(1)


@dataclass(slots=True)
class World:
    """An app, its storage, and its registry."""

    target: Target
    served: Served
    hosts: list[HostProcess] = field(default_factory=list)

    # --- HTTP -------------------------------------------------------------------------------------

    def get(self, path: str) -> Reply:
        """Ask for something."""
        return self.target.call("GET", path)

    def post(self, path: str, document: object = None) -> Reply:
        """Ask for something to be done."""
        body = b"" if document is None else json.dumps(document).encode()
        return self.target.call(
            "POST", path, body=body, headers={"Content-Type": "application/json"}
        )

    def purge(self, **members: object) -> Reply:
        """Ask for a run on the registry; the deployed policy unless something else is said."""
        what = {} if {"policy", "command"} & members.keys() else {"policyName": "default"}
        return self.post("/api/purges", {"registry": self.registry, **what, **members})

    @property
    def registry(self) -> str:
        """The login server of the registry."""
        return self.served.login_server

    def run(self, run: str) -> Any:  # noqa: ANN401 - JSON
        """Look at a run."""
        reply = self.get(f"/api/runs/{run}")
        assert reply.status == 200, reply.body
        return reply.json()

    def ended(self, run: str, seconds: float = 120) -> Any:  # noqa: ANN401 - JSON
        """Wait until nobody works on a run any more."""

        def look() -> Any:  # noqa: ANN401 - JSON
            found = self.run(run)
            return None if found["state"] in WORKING else found

        return eventually(look, f"the end of run {run}", seconds)

    def every(self, path: str) -> list[Any]:
        """Follow a list to its end."""
        items: list[Any] = []
        following = ""
        while True:
            page = self.get(path + following).json()
            items += page["items"]
            if page["next"] is None:
                return items
            following = f"{'&' if '?' in path else '?'}continuation={page['next']}"

    def repositories(self, run: str) -> dict[str, Any]:
        """Give the repositories of a run by name."""
        return {each["repository"]: each for each in self.every(f"/api/runs/{run}/repositories")}

    def items(self, run: str, repository: str) -> list[Any]:
        """Give what goes and what stays in a repository of a run."""
        return self.every(f"/api/runs/{run}/repositories/{repository}")

    # --- the timer and the registry ---------------------------------------------------------------

    def nightly(self) -> str:
        """Start the timer by hand, and return the id of its run."""
        known = {run["id"] for run in self.every("/api/runs")}
        assert self.target.run_manually("nightly").status == 202

        def look() -> str | None:
            return next((r["id"] for r in self.every("/api/runs") if r["id"] not in known), None)

        return eventually(look, "the nightly run")

    def seed(self, repositories: str, extra: str = "") -> None:
        """Put repositories into the registry; see the scenarios of the development registry."""
        self.served.admin("POST", "scenario", f"repositories:\n{repositories}\n{extra}")

    def state(self) -> dict[str, Any]:
        """Say what the registry holds."""
        repositories: dict[str, Any] = self.served.admin("GET", "state")["repositories"]
        return repositories

    def tags(self, repository: str) -> set[str]:
        """Name the tags of a repository."""
        return set(self.state().get(repository, {}).get("tags", {}))

    def deletes(self) -> list[str]:
        """Give the paths of all DELETE requests that the registry heeded, in order."""
        entries = self.served.admin("GET", "requests?entries")["entries"]
        return [e["path"] for e in entries if e["method"] == "DELETE" and e["status"] != 401]


def fresh_name(stem: str = "team") -> str:
    """Give a name of a repository that no other test uses."""
    return f"{stem}/app-{next(_NUMBERS)}-{os.getpid()}"


def images(name: str, old: int, *, kept: int = 1) -> str:
    """Describe a repository with so many old pull requests, and images that stay."""
    lines = [f'  "{name}":', "    images:"]
    lines += [f"      - {{tags: [pr-{n}], age: 30d}}" for n in range(old)]
    lines += [f"      - {{tags: [v{n}, latest], age: 40d}}" for n in range(kept)]
    return "\n".join(lines)


def settings(storage: str, served: Served, **more: str) -> dict[str, str]:
    """Give the settings of an app on this storage and registry, and of nothing else.

    What this machine has set for an app of its own does not count.
    """
    others = (name for name in os.environ if name.startswith(("PURGE_", "AzureWebJobs")))
    return {
        **dict.fromkeys(others, ""),
        "AzureWebJobsStorage": storage,
        "PURGE_REGISTRIES": served.login_server,
        "PURGE_SCHEDULE": NEVER,
        "PURGE_POLICY": json.dumps(RULES),
        "PURGE_SKU": "none",
        "SSL_CERT_FILE": served.ca_file,
        **more,
    }


def start_host(
    folder: Path, env: Mapping[str, str], arguments: Sequence[str], app: Path = ROOT
) -> HostProcess:
    """Start a host that does not know the ``local.settings.json`` of this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    nothing = folder / "settings.json"
    nothing.write_text("{}")
    given = ("--port", "0", "--settings", str(nothing), *arguments)
    return HostProcess.start(app, folder=folder, env=env, arguments=given)


@contextmanager
def running(
    folder: Path,
    more: Mapping[str, str] | None = None,
    *,
    arguments: Sequence[str] = (),
    hosts: int = 1,
    app: Path = ROOT,
    registry: Sequence[str] = (),
) -> Iterator[World]:
    """Start storage, a registry and hosts of ours; all end with the context.

    ``more`` are further settings of the app, ``registry`` are arguments of the registry.
    """
    with ExitStack() as stack:
        azurite = stack.enter_context(Azurite.start(folder / "azurite"))
        served = stack.enter_context(serving(*registry))
        env = settings(azurite.connection_string, served, **(more or {}))
        started = [
            stack.enter_context(start_host(folder / f"host-{n}", env, arguments, app))
            for n in range(hosts)
        ]
        first = started[0]
        target = Target(
            first.url, first.ready.host_key, first.ready.master_key, azurite.connection_string
        )
        yield World(target, served, started)


def external() -> World | None:
    """Return the app that the environment names, on whatever host it runs.

    PURGE_APP_URL, PURGE_APP_KEY (its master key), PURGE_APP_STORAGE, and the development registry
    that it works on: PURGE_APP_REGISTRY (its login server) and SSL_CERT_FILE. Its settings are
    those of `settings`.
    """
    url = os.environ.get("PURGE_APP_URL")
    if url is None:
        return None
    key, registry = os.environ["PURGE_APP_KEY"], os.environ["PURGE_APP_REGISTRY"]
    served = Served(
        url=f"https://{registry}",
        login_server=registry,
        ca_file=os.environ["SSL_CERT_FILE"],
        pid=0,
    )
    return World(Target(url, key, key, os.environ["PURGE_APP_STORAGE"]), served)


def pause(seconds: float) -> None:
    """Let others work."""
    time.sleep(seconds)
