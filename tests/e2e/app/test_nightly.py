"""Nightly runs from the timer to the end, each in a world of its own."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.app.world import RULES, World, images, running
from tests.host.target import eventually


@pytest.mark.timeout(900)
def test_two_hundred_repositories(tmp_path: Path) -> None:
    """Every repository is planned and purged, and the records tell of every deletion."""
    with running(tmp_path, {"PURGE_MODE": "purge"}) as app:
        app.seed("\n".join(images(f"team{n % 7}/app-{n}", 2) for n in range(200)))
        run = app.ended(app.nightly(), 840)
        assert (run["state"], run["trigger"], run["repositories"]) == ("done", "timer", 200)
        assert run["states"]["done"] == 200
        assert run["outcomes"]["deleted"]["tags"] == 400
        assert run["outcomes"].keys() == {"deleted"}
        assert all(set(held["tags"]) == {"v0", "latest"} for held in app.state().values())
        assert len(app.deletes()) == 400


def test_mode_plan_is_the_default(tmp_path: Path) -> None:
    """Without a word from the owner a night deletes nothing; its plan can be applied."""
    with running(tmp_path) as app:
        app.seed(images("shop", 3))
        run = app.ended(app.nightly())
        assert (run["state"], run["mode"]) == ("planned", "plan")
        assert app.deletes() == []
        assert app.post(f"{run['links']['self']}/apply").status == 202
        assert app.ended(run["id"])["state"] == "done"
        assert app.tags("shop") == {"v0", "latest"}


def test_doubled_tick_is_one_run(tmp_path: Path) -> None:
    """Two ticks for one occurrence begin one run; a start at another time begins another."""
    due = datetime.now(UTC) - timedelta(minutes=2)
    schedule = f"0 {due.minute} {due.hour} * * *"
    with running(tmp_path, {"PURGE_SCHEDULE": schedule}) as app:
        app.seed(images("shop", 1))
        first = app.nightly()
        assert app.target.run_manually("nightly").status == 202
        app.ended(first)
        settle(app)
        assert [run["id"] for run in app.every("/api/runs")] == [first]
        assert first.startswith(due.strftime("%Y%m%dT%H%M00.000Z"))


def test_gate_holds_a_run_that_is_too_large(tmp_path: Path) -> None:
    """Over the limit of the whole run nothing goes; who has looked may apply the plan."""
    policy = {**RULES, "limits": {"max_deletions": 9, "max_delete_share": 1}}
    with running(tmp_path, {"PURGE_MODE": "purge", "PURGE_POLICY": json.dumps(policy)}) as app:
        app.seed(images("shop/web", 3) + "\n" + images("shop/api", 2))
        run = app.ended(app.nightly())
        assert run["state"] == "held"
        assert run["held"] == {"code": "too-many-deletions", "deletions": 10, "limit": 9}
        assert app.deletes() == []
        assert app.post(f"{run['links']['self']}/apply").status == 202
        assert app.ended(run["id"])["outcomes"]["deleted"]["tags"] == 5


def test_one_bad_repository_does_not_stop_the_others(tmp_path: Path) -> None:
    """A repository that cannot be read fails alone."""
    with running(tmp_path, {"PURGE_MODE": "purge"}) as app:
        app.seed(images("good", 2) + "\n" + images("bad", 2))
        fault = '[{"path": "/acr/v1/bad/_tags.*", "method": "GET", "status": 403}]'
        app.served.admin("POST", "faults", fault)
        run = app.ended(app.nightly())
        states = {name: each["state"] for name, each in app.repositories(run["id"]).items()}
        assert (run["state"], states) == ("done", {"good": "done", "bad": "failed"})
        assert app.repositories(run["id"])["bad"]["error"]
        assert (len(app.tags("good")), len(app.tags("bad"))) == (2, 4)


def test_continuation_when_the_time_is_up(tmp_path: Path) -> None:
    """What does not fit into one message's time goes on in the next, and nothing is done twice."""
    settings = {"PURGE_MODE": "purge", "PURGE_TIME_BUDGET": "5s", "PURGE_CONCURRENCY": "1"}
    with running(tmp_path, settings) as app:
        app.seed(images("shop", 60))
        slow = '[{"method": "DELETE", "effect": "slow", "delay": 0.25}]'
        app.served.admin("POST", "faults", slow)
        run = app.ended(app.nightly())
        assert run["outcomes"] == {
            "deleted": {**run["outcomes"]["deleted"], "steps": 60, "tags": 60}
        }
        assert app.tags("shop") == {"v0", "latest"}
        assert len(app.deletes()) == len(set(app.deletes())) == 60
        assert listings(app, "shop") >= 4, "one for the plan, and one for each share of the work"


def test_two_workers_and_two_runs_at_once(tmp_path: Path) -> None:
    """Hosts and runs that meet on one registry share it: each item is deleted once."""
    names = [f"shop/app-{n}" for n in range(8)]
    with running(tmp_path, hosts=2) as app:
        app.seed("\n".join(images(name, 3) for name in names))
        runs = [app.purge(mode="purge").json()["id"] for _ in range(2)]
        ended = [app.ended(run) for run in runs]
        assert [run["state"] for run in ended] == ["done", "done"]
        assert all(app.tags(name) == {"v0", "latest"} for name in names)
        assert len(app.deletes()) == len(set(app.deletes())) == 24
        deleted = [run["outcomes"].get("deleted", {"steps": 0})["steps"] for run in ended]
        assert sum(deleted) == 24


def listings(app: World, repository: str) -> int:
    """Count how often all tags of a repository were listed."""
    entries = app.served.admin("GET", "requests?entries")["entries"]
    paths = [entry["path"] for entry in entries if entry["method"] == "GET"]
    return sum(f"/{repository}/_tags" in path and "timedesc" not in path for path in paths)


def settle(app: World) -> None:
    """Wait until no message is left."""
    queue = app.target.queue("purge-work")
    eventually(lambda: queue.empty() or None, "an empty queue")
