"""The app's HTTP interface: a plan that is shown and then carried out, and all that is refused."""

import json
from typing import Any

import pytest

from tests.e2e.app.world import World, fresh_name, images

pytestmark = pytest.mark.xdist_group("app")


def planned(app: World, name: str) -> Any:  # noqa: ANN401 - JSON
    """Return the answer to a plan of one repository that was waited for."""
    reply = app.purge(repositories=[name], wait=60)
    assert reply.status == 200, reply.body
    return reply.json()


def test_dry_run_then_apply_then_report(app: World) -> None:
    """What the plan shows is what goes, and the records tell it afterwards."""
    name = fresh_name()
    app.seed(images(name, 3))
    plan = planned(app, name)
    assert (plan["state"], plan["mode"], plan["registry"]) == ("planned", "plan", app.registry)
    assert plan["totals"]["tags_to_delete"] == 3
    assert len(app.tags(name)) == 5
    going = [item for item in app.items(plan["id"], name) if item["verdict"] == "delete"]
    assert {tag["name"] for item in going for tag in item["tags"]} == {"pr-0", "pr-1", "pr-2"}
    assert {item["status"] for item in going} == {"planned"}
    applied = app.post(f"{plan['links']['self']}/apply")
    assert applied.status == 202
    assert applied.headers["Location"] == plan["links"]["self"]
    done = app.ended(plan["id"])
    assert done["state"] == "done"
    assert done["outcomes"]["deleted"]["tags"] == 3
    assert app.tags(name) == {"v0", "latest"}
    told = app.items(plan["id"], name)
    assert {i["outcome"] for i in told if i["verdict"] == "delete"} == {"deleted"}
    assert {i["digest"] for i in told if i["verdict"] == "delete"} == {i["digest"] for i in going}
    assert all(i["reasons"] for i in told if i["verdict"] == "keep")


def test_apply_is_done_once(app: World) -> None:
    """A plan that was applied cannot be applied again."""
    name = fresh_name()
    app.seed(images(name, 1))
    plan = planned(app, name)
    assert app.post(f"{plan['links']['self']}/apply").status == 202
    again = app.post(f"{plan['links']['self']}/apply")
    assert again.status == 409
    assert again.headers["Content-Type"].startswith("application/problem+json")
    app.ended(plan["id"])
    assert app.post(f"{plan['links']['self']}/apply").status == 409


def test_only_what_was_planned_goes(app: World) -> None:
    """What was pushed after the plan stays, however old the rule thinks it is."""
    name = fresh_name()
    app.seed(images(name, 2))
    plan = planned(app, name)
    app.seed(f'  "{name}":\n    images:\n      - {{tags: [pr-new], age: 90d}}')
    app.post(f"{plan['links']['self']}/apply")
    assert app.ended(plan["id"])["state"] == "done"
    assert app.tags(name) == {"v0", "latest", "pr-new"}


def test_real_purge(app: World) -> None:
    """Mode purge deletes, and answers when it is over if there is time to wait."""
    name = fresh_name()
    app.seed(images(name, 2))
    reply = app.purge(repositories=[name], mode="purge", wait=60)
    assert (reply.status, reply.json()["state"]) == (200, "done")
    assert reply.headers["Location"] == reply.json()["links"]["self"]
    assert reply.json()["outcomes"]["deleted"] == {
        "steps": 2,
        "tags": 2,
        "manifests": 2,
        "bytes": reply.json()["totals"]["bytes_to_delete"],
    }
    assert app.tags(name) == {"v0", "latest"}


def test_without_waiting(app: World) -> None:
    """The answer comes at once: 202, and where to look."""
    name = fresh_name()
    app.seed(images(name, 1))
    reply = app.purge(repositories=[name])
    assert reply.status == 202
    assert reply.json()["state"] in {"queued", "planning", "planned"}
    assert app.ended(reply.json()["id"])["state"] == "planned"


def test_command_as_it_stands_in_a_task(app: World) -> None:
    """A whole `acr purge` line is accepted; deployed protections hold all the same."""
    name = fresh_name()
    app.seed(images(name, 2))
    line = f"acr purge --filter '{name}:.*' --ago 1d --untagged"
    reply = app.purge(command=line, mode="purge", wait=60)
    assert reply.json()["state"] == "done", reply.body
    assert app.tags(name) == {"latest"}
    assert app.run(reply.json()["id"])["policy_name"] == "acr purge"


def test_dry_run_in_a_command_wins(app: World) -> None:
    """A line that says --dry-run deletes nothing, whatever the mode says."""
    name = fresh_name()
    app.seed(images(name, 2))
    line = f"acr purge --filter '{name}:.*' --ago 1d --dry-run"
    reply = app.purge(command=line, mode="purge", wait=60)
    assert (reply.json()["mode"], reply.json()["state"]) == ("plan", "planned")
    assert len(app.tags(name)) == 4


def test_policy_in_the_body(app: World) -> None:
    """A policy document of its own; deployed protections hold all the same."""
    name = fresh_name()
    app.seed(images(name, 2))
    rule = {
        "repositories": name,
        "tags": ".*",
        "older_than": "0d",
        "unsafe_match_all": True,
        "allow_empty": True,
    }
    limits = {"max_delete_share": 1}
    reply = app.purge(
        policy={"version": 1, "rules": [rule], "limits": limits}, mode="purge", wait=60
    )
    assert reply.json()["state"] == "done", reply.body
    assert app.tags(name) == {"latest"}


@pytest.mark.parametrize(
    ("members", "paths"),
    [
        ({"registry": "evil.example.com"}, ["registry"]),
        ({"registry": "https://contoso.azurecr.io"}, ["registry"]),
        ({"registry": 7}, ["registry"]),
        ({"mode": "delete"}, ["mode"]),
        ({"mode": True}, ["mode"]),
        ({"wait": 61}, ["wait"]),
        ({"wait": -1}, ["wait"]),
        ({"wait": "10"}, ["wait"]),
        ({"repositories": []}, ["repositories"]),
        ({"repositories": ["UPPER"]}, ["repositories[0]"]),
        ({"repositories": ["a", "../b"]}, ["repositories[1]"]),
        ({"repositories": None}, ["repositories"]),
        ({"policyName": "other"}, ["policyName"]),
        ({"command": "acr purge --ago 1d --filter a:b"}, ["body"]),
        ({"dryRun": True}, ["dryRun"]),
        ({"mode": "x", "wait": "y", "more": 1}, ["mode", "more", "wait"]),
        ({"registry": "evil.example.com", "mode": "x"}, ["mode", "registry"]),
        (
            {"registry": 7, "command": "acr purge --ago d --filter a:b"},
            ["body", "command: --ago", "registry"],
        ),
    ],
)
def test_bad_members(app: World, members: dict[str, object], paths: list[str]) -> None:
    """Whatever is wrong is told with its path, all of it at once, and nothing is begun."""
    before = app.get("/api/runs?limit=1").json()["items"]
    body = {"registry": app.registry, "policyName": "default", **members}
    reply = app.post("/api/purges", body)
    assert reply.status == 400
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    assert sorted(problem["path"] for problem in reply.json()["problems"]) == paths
    assert app.get("/api/runs?limit=1").json()["items"] == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'"acr purge"',
        b'{"registry": NaN}',
        b'{"registry": "a", "registry": "b"}',
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"registry": "' + b"x" * 2_000_000 + b'"}',
    ],
)
def test_bad_bodies(app: World, body: bytes) -> None:
    """What is no JSON object of this kind is 400, in words."""
    reply = app.target.call("POST", "/api/purges", body=body)
    assert reply.status == 400
    assert reply.json()["problems"]


@pytest.mark.parametrize(
    ("what", "paths"),
    [
        (
            {"command": "acr purge --filter 'a:b' --ago d --keep x"},
            ["command: --ago", "command: --keep"],
        ),
        ({"command": "rm -rf /"}, ["command: command"]),
        ({"policy": {"version": 2, "rule": []}}, ["policy.version", "policy.rule"]),
        (
            {"policy": {"version": 1, "registries": ["other.azurecr.io"]}},
            ["registry"],
        ),
    ],
)
def test_bad_policies(app: World, what: dict[str, object], paths: list[str]) -> None:
    """The problems of a policy stand below where it was given."""
    reply = app.purge(**what)
    assert reply.status == 400
    told = [problem["path"] for problem in reply.json()["problems"]]
    assert [path for path in paths if path not in told] == [], told


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/runs/20200101T000000.000Z-0000000000"),
        ("GET", "/api/runs/a%23b/repositories"),
        ("GET", "/api/runs/x/repositories/shop/web"),
        ("POST", "/api/runs/x/apply"),
        ("GET", "/api/explain?registry=REGISTRY&repository=none/such&tag=v1"),
    ],
)
def test_what_is_not_there(app: World, method: str, path: str) -> None:
    """Unknown runs, repositories and images are 404, in words."""
    reply = app.target.call(method, path.replace("REGISTRY", app.registry))
    assert reply.status == 404
    assert reply.json()["status"] == 404


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/api/runs?limit=0", ["limit"]),
        ("/api/runs?limit=1001", ["limit"]),
        ("/api/runs?limit=x&continuation=y", ["continuation", "limit"]),
        ("/api/runs?continuation=WyJraW5kIiwgbnVsbF0", ["continuation"]),
        ("/api/runs?registry=evil.example.com", ["registry"]),
        ("/api/explain", ["registry", "repository", "tag"]),
        ("/api/explain?registry=evil.example.com&repository=a&tag=b", ["registry"]),
        ("/api/explain?registry=a&repository=b&tag=c&digest=d", ["digest", "tag"]),
        ("/api/explain?registry=a&repository=../b&tag=c%20d", ["repository", "tag"]),
        ("/api/policy?verbose=1", ["verbose"]),
        ("/api/runs?limits=1", ["limits"]),
    ],
)
def test_bad_queries(app: World, path: str, told: list[str]) -> None:
    """Bad values of a query are 400, all of them at once."""
    reply = app.get(path)
    assert reply.status == 400
    assert sorted(problem["path"] for problem in reply.json()["problems"]) == told


def test_problems_of_query_and_body(app: World) -> None:
    """Whatever is wrong anywhere in a request is told at once, down to the policy."""
    body = {"registry": "evil.example.com", "wait": 61, "policy": {"version": 1, "rule": []}}
    reply = app.post("/api/purges?dry_run=1", body)
    assert reply.status == 400
    told = {problem["path"] for problem in reply.json()["problems"]}
    assert told == {"dry_run", "wait", "registry", "policy.rule"}


def test_no_token_goes_to_a_stranger(app: World) -> None:
    """Only the registries of the settings are spoken to, whoever asks."""
    reply = app.post("/api/purges", {"registry": "evil.azurecr.io", "policyName": "default"})
    assert reply.status == 400
    assert app.registry in reply.json()["problems"][0]["expected"]


def test_runs_are_listed_newest_first(app: World) -> None:
    """Pages of runs follow each other without a gap and without an end that repeats."""
    name = fresh_name()
    app.seed(images(name, 1))
    mine = [app.purge(repositories=[name]).json()["id"] for _ in range(3)]
    listed = [run["id"] for run in app.every(f"/api/runs?registry={app.registry}&limit=2")]
    assert listed == sorted(set(listed), reverse=True)
    assert [run for run in listed if run in mine] == mine[::-1]


@pytest.mark.parametrize("limit", [1, 3, 5, 1000])
def test_no_page_is_longer_than_wanted(app: World, limit: int) -> None:
    """What goes and what stays, page by page: each once, in the same order, and at most so many."""
    name = fresh_name()
    app.seed(images(name, 3, kept=2))
    path = f"{planned(app, name)['links']['self']}/repositories/{name}"
    whole = app.get(path).json()["items"]
    assert len(whole) > 5
    found, following = [], ""
    while True:
        page = app.get(f"{path}?limit={limit}{following}").json()
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            break
        following = f"&continuation={page['next']}"
    assert found == whole


def test_explain(app: World) -> None:
    """A tag is explained with its reasons, and an image with what is around it."""
    name = fresh_name()
    app.seed(images(name, 1))
    base = f"/api/explain?registry={app.registry}&repository={name}"
    kept = app.get(f"{base}&tag=latest").json()
    assert kept["tag"]["verdict"] == "keep"
    assert kept["tag"]["reasons"][0]["code"] == "protected"
    going = app.get(f"{base}&tag=pr-0").json()
    assert (going["tag"]["verdict"], going["manifest"]["verdict"]) == ("delete", "delete")
    digest = going["manifest"]["digest"]
    assert app.get(f"{base}&digest={digest}").json()["manifest"]["digest"] == digest
    assert app.get(f"{base}&tag=none").status == 404


def test_policy(app: World) -> None:
    """The deployed policy is shown as a document that could be deployed again."""
    document = app.get("/api/policy").json()
    assert document["name"] == "default"
    assert document["policy"]["protect"][0]["name"] == "runs"
    assert app.purge(policy=document["policy"], repositories=["none/such"]).status == 202


def test_keys(app: World) -> None:
    """Everything but the health needs a key; a wrong one is no better than none."""
    for key in ("", "wrong"):
        for path in ("/api/runs", "/api/policy", "/api/openapi.json", "/api/runs/x"):
            assert app.target.call("GET", path, key=key).status == 401
        body = json.dumps({"registry": app.registry, "policyName": "default"}).encode()
        assert app.target.call("POST", "/api/purges", body=body, key=key).status == 401
        assert app.target.call("POST", "/api/runs/x/apply", key=key).status == 401
    health = app.target.call("GET", "/api/health", key="")
    assert (health.status, health.json()) == (200, {"status": "ok"})
