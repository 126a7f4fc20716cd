"""The host dies at any moment: nothing wrong is deleted, and every deletion is recorded."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

from acr_emulator.process import serving
from devhost.azurite import Azurite
from devhost.launcher import HostProcess
from tests.e2e.app.world import World, images, settings, start_host
from tests.host.target import Target

PURGES = 5
KILLS = 10
"""In each purge: 50 in all."""
NAMES = tuple(f"team{n}/app" for n in range(6))
"""Enough to last until the last kill."""
OLD = 12
HIDDEN = ("--invisibility", "2")
"""A message stays hidden so many seconds after its host died."""


class Mortal:
    """An app whose host can be killed and started again, with the same storage and registry."""

    def __init__(self, folder: Path, storage: str, env: dict[str, str]) -> None:
        self._folder = folder
        self._storage = storage
        self._env = env
        self._number = 0
        self.host = self._start()

    def _start(self) -> HostProcess:
        self._number += 1
        return start_host(self._folder / f"host-{self._number}", self._env, HIDDEN)

    def kill(self) -> None:
        """End the process at once, and start another."""
        self.host.kill()
        self.host = self._start()

    @property
    def target(self) -> Target:
        """How the host of this moment is reached."""
        ready = self.host.ready
        return Target(self.host.url, ready.host_key, ready.master_key, self._storage)


@pytest.mark.parametrize("number", range(PURGES))
@pytest.mark.timeout(900)
def test_killed_at_random_moments(tmp_path: Path, number: int) -> None:
    """SIGKILL, restart, SIGKILL again, and at last to the end."""
    chance = random.Random(f"{number} {time.time_ns()}")
    with Azurite.start(tmp_path / "azurite") as azurite, serving() as served:
        more = {"PURGE_MODE": "purge", "PURGE_CONCURRENCY": "2"}
        env = settings(azurite.connection_string, served, **more)
        app = Mortal(tmp_path, azurite.connection_string, env)
        try:
            world = World(app.target, served)
            world.seed("\n".join(images(name, OLD) for name in NAMES))
            slow = '[{"method": "DELETE", "effect": "slow", "delay": 0.1}]'
            served.admin("POST", "faults", slow)
            run = world.nightly()
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.0, 1.2))
                app.kill()
                world = World(app.target, served)
            require_truth(world, world.ended(run, 600))
        finally:
            app.host.stop()


def require_truth(app: World, run: Any) -> None:  # noqa: ANN401 - JSON
    """Check what every run must have left behind.

    A message whose host died five times is poison. Then its repository has failed, or the run, if
    nothing was deleted yet; what is recorded has to be no less true.
    """
    states = {name: each["state"] for name, each in app.repositories(run["id"]).items()}
    if run["state"] == "failed":
        assert app.deletes() == []
        return
    assert run["state"] == "done"
    for name in NAMES:
        going = [item for item in app.items(run["id"], name) if item["verdict"] == "delete"]
        assert all(item.get("outcome") for item in going), "every step has its end"
        deleted = {item["digest"] for item in going if item["outcome"] == "deleted"}
        asked = {path.rpartition("/")[2] for path in app.deletes() if f"/{name}/" in path}
        assert asked <= {item["digest"] for item in going}, "only what was planned is asked for"
        assert {tag["name"] for i in going if i["digest"] in deleted for tag in i["tags"]} == gone(
            app, name
        ), "what went is recorded as deleted, and nothing else is"
        if states[name] == "done":
            assert len(deleted) == OLD


def gone(app: World, name: str) -> set[str]:
    """Name what went; what had to stay must be there."""
    assert {"v0", "latest"} <= app.tags(name)
    return {f"pr-{n}" for n in range(OLD)} - app.tags(name)
