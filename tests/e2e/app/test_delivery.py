"""Messages that come again, that nobody can do, and that are none at all."""

import asyncio
import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme

from purge_core.adapters.table_store import open_table_store
from purge_core.bootstrap import current_instant
from purge_core.instants import DAY
from purge_core.journal_address import ConnectionString
from tests.e2e.app.world import ROOT, World, images, running
from tests.host.target import Queue, eventually

WORK = "purge-work"
POISON = "purge-work-poison"


def message(run: Any, phase: str, repository: str | None = None) -> str:  # noqa: ANN401 - JSON
    """Write a message as the app writes it."""
    return json.dumps(
        {"phase": phase, "run": run["id"], "registry": run["registry"], "repository": repository}
    )


def settle(app: World, *queues: str) -> None:
    """Wait until no message is left."""
    for name in queues or (WORK,):
        queue = app.target.queue(name)
        eventually(partial(_is_empty, queue), f"an empty {name}")


def _is_empty(queue: Queue) -> bool | None:
    return queue.empty() or None


@pytest.fixture
def quick_app(tmp_path: Path) -> Path:
    """Return the app with a host.json that has failed messages delivered again at once."""
    folder = tmp_path / "app"
    folder.mkdir()
    shutil.copy(ROOT / "function_app.py", folder)
    host = json.loads((ROOT / "host.json").read_text())
    host["extensions"]["queues"]["visibilityTimeout"] = "00:00:00"
    (folder / "host.json").write_text(json.dumps(host))
    return folder


def test_every_message_may_come_again(tmp_path: Path) -> None:
    """All messages of a run once more, while it works and after it has ended: nothing changes."""
    with running(tmp_path, {"PURGE_MODE": "purge"}) as app:
        names = ["shop/web", "shop/api"]
        app.seed("\n".join(images(name, 3) for name in names))
        run = app.run(app.nightly())
        queue = app.target.queue(WORK)
        texts = [message(run, "plan"), message(run, "gate")]
        texts += [message(run, phase, name) for phase in ("plan", "purge") for name in names]
        for text in texts * 2:
            queue.put(text)
        done = app.ended(run["id"])
        assert done["outcomes"]["deleted"]["tags"] == 6
        settle(app)
        requests = len(app.deletes())
        before = [app.items(run["id"], name) for name in names]
        for text in texts:
            queue.put(text)
        settle(app)
        assert app.run(run["id"]) == done
        assert [app.items(run["id"], name) for name in names] == before
        assert len(app.deletes()) == requests == 6


def test_a_continuation_may_come_again(tmp_path: Path) -> None:
    """The message that goes on with a repository comes again and again; nothing is done twice."""
    more = {"PURGE_MODE": "purge", "PURGE_TIME_BUDGET": "5s", "PURGE_CONCURRENCY": "1"}
    with running(tmp_path, more, hosts=2) as app:
        app.seed(images("shop", 40))
        app.served.admin("POST", "faults", '[{"method": "DELETE", "effect": "slow", "delay": 0.3}]')
        run = app.run(app.nightly())
        queue = app.target.queue(WORK)
        for begun in (1, 10, 20, 30):
            eventually(partial(_so_many, app, begun), f"deletion {begun}")
            queue.put(message(run, "purge", "shop"))
            queue.put(message(run, "gate"))
        done = app.ended(run["id"])
        settle(app)
        assert done["outcomes"].keys() == {"deleted"}
        assert done["outcomes"]["deleted"]["tags"] == 40
        assert len(app.deletes()) == len(set(app.deletes())) == 40
        assert app.run(run["id"]) == done


def _so_many(app: World, number: int) -> bool | None:
    return len(app.deletes()) >= number or None


def test_a_run_whose_repositories_cannot_be_listed(tmp_path: Path, quick_app: Path) -> None:
    """A message that fails again and again ends its run, in words, with nothing deleted."""
    with running(tmp_path, {"PURGE_MODE": "purge"}, app=quick_app) as app:
        app.seed(images("shop", 2))
        fault = '[{"path": "/acr/v1/_catalog.*", "effect": "reset"}]'
        app.served.admin("POST", "faults", fault)
        run = app.ended(app.nightly(), 200)
        assert run["state"] == "failed"
        assert "could not be listed" in run["error"]
        assert app.deletes() == []


def test_a_registry_that_is_not_trusted(tmp_path: Path) -> None:
    """What no later attempt can mend ends the run at once, and says what to do."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with running(tmp_path, {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}) as app:
        run = app.ended(app.nightly(), 30)
        assert run["state"] == "failed"
        assert "its certificate is not trusted" in run["error"]


def test_a_purge_that_nobody_could_do(tmp_path: Path) -> None:
    """From the poison queue the repository is recorded as failed, each step with an end."""
    with running(tmp_path) as app:
        app.seed(images("shop/web", 2) + "\n" + images("shop/api", 2))
        run = app.ended(app.nightly())
        asyncio.run(occupy(app))
        assert app.post(f"{run['links']['self']}/apply").status == 202
        app.target.queue(POISON).put(message(run, "purge", "shop/web"))
        eventually(
            lambda: app.repositories(run["id"])["shop/web"]["state"] == "failed" or None,
            "the failure",
        )
        app.target.queue(POISON).put(message(run, "purge", "shop/api"))
        done = app.ended(run["id"])
        assert (done["state"], done["states"]["failed"]) == ("done", 2)
        going = [i for i in app.items(run["id"], "shop/web") if i["verdict"] == "delete"]
        assert {item["outcome"] for item in going} == {"not-reached"}
        assert app.deletes() == []


async def occupy(app: World) -> None:
    """Take the registry's only slot, so that no message can be done."""
    async with open_table_store(ConnectionString(app.target.storage)) as store:
        now = current_instant()
        taken = await store.take_lease(app.registry, "a test", slots=1, ttl=DAY, now=now)
        assert taken is not None


@pytest.mark.parametrize("queue", [WORK, POISON])
def test_what_is_no_message(app: World, queue: str) -> None:
    """Texts of strangers end somewhere, and the app works on."""
    for text in ("hello", "{}", '{"phase": "purge", "run": "x", "registry": "y"}'):
        app.target.queue(POISON if queue == POISON else WORK).put(text)
    assert app.purge(repositories=["none/such"], wait=60).json()["state"] == "planned"


def test_a_message_of_an_unknown_run(app: World) -> None:
    """A message whose run nobody knows any more is dropped."""
    unknown = {"id": "20200101T000000.000Z-0000000000", "registry": app.registry}
    for phase, repository in (("plan", None), ("plan", "a"), ("gate", None), ("purge", "a")):
        app.target.queue(WORK).put(message(unknown, phase, repository))
        app.target.queue(POISON).put(message(unknown, phase, repository))
    assert app.purge(repositories=["none/such"], wait=60).json()["state"] == "planned"
    assert app.get(f"/api/runs/{unknown['id']}").status == 404
