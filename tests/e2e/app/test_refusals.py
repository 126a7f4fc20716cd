"""What the app refuses to do, in words: old and altered plans, unknown use, wrong settings."""

import json
from pathlib import Path
from typing import Any

import pytest
from azure.data.tables import TableClient, UpdateMode

from devhost.azurite import ACCOUNT, KEY
from tests.e2e.app.world import RULES, World, fresh_name, images, pause, running


def planned(app: World, name: str) -> Any:  # noqa: ANN401 - JSON
    """Return the answer to a plan of one repository that was waited for."""
    reply = app.purge(repositories=[name], wait=60)
    assert (reply.status, reply.json()["state"]) == (200, "planned"), reply.body
    return reply.json()


def test_a_plan_gets_old(tmp_path: Path) -> None:
    """A plan older than PURGE_PLAN_MAX_AGE is gone; the run stays to be looked at."""
    with running(tmp_path, {"PURGE_PLAN_MAX_AGE": "1s"}) as app:
        app.seed(images("shop", 2))
        plan = planned(app, "shop")
        pause(1)
        reply = app.post(f"{plan['links']['self']}/apply")
        assert reply.status == 410
        assert reply.headers["Content-Type"].startswith("application/problem+json")
        assert "PURGE_PLAN_MAX_AGE" in reply.json()["detail"]
        assert app.run(plan["id"])["state"] == "planned"
        assert app.deletes() == []


@pytest.mark.xdist_group("app")
def test_an_altered_plan(app: World) -> None:
    """Whoever changes a stored step makes the whole plan worthless."""
    name = fresh_name()
    app.seed(images(name, 2))
    plan = planned(app, name)
    partition = f"{plan['id']},{name.replace('/', '|')}"
    with TableClient.from_connection_string(app.target.storage, "PurgeSteps") as table:
        where = {"partition": partition}
        rows = table.query_entities(
            "PartitionKey eq @partition and entry eq 'step'", parameters=where
        )
        row = next(row for row in rows if "pr-0" in row["document"])
        row["document"] = row["document"].replace("pr-0", "latest")
        table.update_entity(row, UpdateMode.MERGE)
    reply = app.post(f"{plan['links']['self']}/apply")
    assert reply.status == 409
    assert "altered" in reply.json()["detail"]
    assert app.run(plan["id"])["state"] == "planned"
    assert len(app.tags(name)) == 4


def test_what_is_in_use_is_not_known(tmp_path: Path) -> None:
    """Without a list that can be relied on no run of the registry goes anywhere."""
    lists = [*RULES["protect"], {"in_use": str(tmp_path / "in-use.txt"), "max_age": "1d"}]
    policy = json.dumps({**RULES, "protect": lists})
    with running(tmp_path, {"PURGE_MODE": "purge", "PURGE_POLICY": policy}) as app:
        app.seed(images("shop", 2))
        run = app.ended(app.nightly())
        assert run["state"] == "failed"
        assert "cannot be relied on" in run["error"]
        line = "acr purge --filter 'shop:.*' --ago 1d"
        asked = app.purge(command=line, mode="purge", wait=60).json()
        assert asked["state"] == "failed"
        assert app.deletes() == []
        (tmp_path / "in-use.txt").write_text(f"{app.registry}/shop:pr-0\n")
        assert app.purge(mode="purge", wait=60).json()["state"] == "done"
        assert app.tags("shop") == {"pr-0", "v0", "latest"}


def test_wrong_settings(tmp_path: Path) -> None:
    """All problems at once, without a secret; nothing is done until they are mended."""
    wrong = {
        "PURGE_MODE": "delete",
        "PURGE_SKU": "gold",
        "PURGE_JOURNAL": f"AccountKey={KEY}",
        "PURGE_POLICY": '{"version": 1, "rule": []}',
    }
    with running(tmp_path, wrong) as app:
        for method, path in (("GET", "/api/runs"), ("GET", "/api/policy"), ("POST", "/api/purges")):
            reply = app.target.call(method, path, body=b"{}" if method == "POST" else b"")
            assert reply.status == 503
            told = {problem["path"].partition(":")[0] for problem in reply.json()["problems"]}
            assert told == wrong.keys()
            assert KEY.encode() not in reply.body
        assert app.get("/api/health").status == 200
        assert app.target.call("GET", "/api/runs", key="").status == 401


def test_a_journal_that_cannot_be_written(tmp_path: Path) -> None:
    """A run that cannot be recorded is not begun, and whoever asked is told so."""
    nobody = (
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
        f"TableEndpoint=http://127.0.0.1:9/{ACCOUNT};"
    )
    with running(tmp_path, {"PURGE_MODE": "purge", "PURGE_JOURNAL": nobody}) as app:
        app.seed(images("shop", 2))
        reply = app.purge(mode="purge", wait=60)
        assert reply.status == 503
        assert reply.headers["Content-Type"].startswith("application/problem+json")
        assert KEY.encode() not in reply.body
        assert app.target.run_manually("nightly").status == 202
        pause(5)
        assert app.deletes() == []
        assert app.target.queue("purge-work").drain() == []
