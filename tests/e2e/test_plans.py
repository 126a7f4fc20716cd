"""``plan``, ``apply`` and ``explain``, as processes."""

import json
from pathlib import Path

import jsonschema
import pytest

from purge_core.plans.document import plan_schema
from purge_core.report.explain_document import explanation_schema
from purge_core.report.run_schema import run_schema
from tests.e2e.shop import Shop

WEB = """
  "{shop}/web":
    images:
      - {tags: [pr-1, pr-1b], age: 30d, platforms: [linux/amd64, linux/arm64]}
      - {tags: [pr-2], age: 20d}
      - {tags: [latest], age: 40d, platforms: [linux/amd64, linux/arm64], signed: [referrer]}
"""
POLICY = """
version: 1
rules:
  - {name: pull requests, repositories: "SHOP/.*", tags: "pr-.*", older_than: 7d}
untagged: {older_than: 7d, repositories: "SHOP/.*"}
protect:
  - {name: current, repositories: ".*", tags: latest}
"""


@pytest.fixture
def policy(shop: Shop, tmp_path: Path) -> str:
    """Seed the registry and write the policy to a file."""
    shop.seed(WEB)
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY.replace("SHOP", shop.prefix))
    return str(path)


def test_apply_carries_out_exactly_the_plan(shop: Shop, policy: str, tmp_path: Path) -> None:
    """What has come since stays, even if the policy would take it now."""
    plan = str(tmp_path / "plan.json")
    planned = shop.run("plan", "--policy", policy, "--out", plan)
    assert planned.code == 0
    assert "Would be deleted: 3 tags and 4 manifests" in planned.out
    jsonschema.validate(json.loads(Path(plan).read_text()), plan_schema())
    shop.seed('  "{shop}/web":\n    images:\n      - {tags: [pr-9], age: 60d}')
    done = shop.run("apply", plan, "-o", "json")
    assert done.code == 0
    jsonschema.validate(done.document, run_schema())
    assert done.document["totals"]["manifests"]["outcomes"] == {"deleted": 4}
    assert shop.tags("web") == {"latest", "pr-9"}


def test_what_changed_since_the_plan_stays(shop: Shop, policy: str, tmp_path: Path) -> None:
    """A tag that was moved is skipped, which is no failure."""
    plan = str(tmp_path / "plan.json")
    shop.run("plan", "--policy", policy, "--out", plan)
    shop.seed('  "{shop}/web":\n    images:\n      - {tags: [pr-2]}')
    done = shop.run("apply", plan)
    assert done.code == 0
    assert "pr-2" in shop.tags("web")
    assert "stay: changed meanwhile" in done.out


def test_plan_without_anything_to_do(shop: Shop, policy: str, tmp_path: Path) -> None:
    """It is a plan like any other; that it deletes nothing is said."""
    plan = str(tmp_path / "plan.json")
    assert shop.run("purge", "--policy", policy).code == 0
    assert shop.run("plan", "--policy", policy, "--out", plan).code == 0
    done = shop.run("apply", plan)
    assert (done.code, "the plan deletes nothing" in done.err) == (0, True)


@pytest.mark.parametrize(("what", "by"), [("pr-1b", "pr-2b"), ("7d", "6d"), ("/web", "/api")])
def test_altered_plan_is_refused(
    shop: Shop, policy: str, tmp_path: Path, what: str, by: str
) -> None:
    """Whatever was altered: nothing is deleted."""
    plan = tmp_path / "plan.json"
    shop.run("plan", "--policy", policy, "--out", str(plan))
    plan.write_text(plan.read_text().replace(what, by))
    before = shop.state("web")
    done = shop.run("apply", str(plan))
    assert (done.code, shop.state("web")) == (3, before)
    assert "altered" in done.err


def test_plan_for_another_registry_is_refused(shop: Shop, policy: str, tmp_path: Path) -> None:
    """The registry is under the seal as well."""
    plan = tmp_path / "plan.json"
    shop.run("plan", "--policy", policy, "--out", str(plan))
    plan.write_text(plan.read_text().replace(shop.served.login_server, "evil.azurecr.io"))
    assert shop.run("apply", str(plan)).code == 3


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "{", '{"format": "acr-purge plan 1"}', "[" * 9999]
)
def test_what_is_no_plan_is_bad_input(shop: Shop, tmp_path: Path, text: str) -> None:
    """One clear error."""
    path = tmp_path / "plan.json"
    path.write_text(text)
    assert shop.run("apply", str(path)).code == 2


def test_guards_hold_a_run(shop: Shop, policy: str) -> None:
    """Over the limit nothing is deleted; the report says what to do, the code is 3."""
    text = Path(policy).read_text() + "limits: {max_deletions: 6}\n"
    before = shop.state("web")
    result = shop.run("purge", "--policy", text)
    assert (result.code, shop.state("web")) == (3, before)
    assert "Held: 7 deletions in one run, and 6 are permitted." in result.out
    assert "limits.max_deletions" in result.out
    document = shop.run("purge", "--policy", text, "-o", "json").document
    jsonschema.validate(document, run_schema())
    assert document["held"] == {"code": "too-many-deletions", "deletions": 7, "limit": 6}
    assert document["totals"]["tags"]["outcomes"] == {"not-reached": 3}


def test_explain_a_kept_multi_arch_image(shop: Shop, policy: str) -> None:
    """Its tag, its children and its signature, each with its verdict."""
    result = shop.run("explain", "{shop}/web:latest", "--policy", policy)
    assert result.code == 0
    assert 'STAYS, because\n    - protected by "current"' in result.out
    assert result.out.count(": stays") == 4
    assert "linux/arm64" in result.out
    assert "belonging to it:" in result.out


def test_explain_a_child_by_digest(shop: Shop, policy: str) -> None:
    """What lists it is named, as JSON that fits the schema."""
    whole = shop.run("explain", "{shop}/web:latest", "--policy", policy, "-o", "json").document
    jsonschema.validate(whole, explanation_schema())
    child = whole["manifest"]["children"][0]["digest"]
    host = shop.served.login_server
    target = f"{host}/{{shop}}/web@{child}"
    document = shop.run("explain", target, "--policy", policy, "-o", "json").document
    jsonschema.validate(document, explanation_schema())
    assert document["manifest"]["verdict"] == "keep"
    assert [r["code"] for r in document["manifest"]["reasons"]] == ["listed-by-kept"]
    assert document["manifest"]["indexes"] == [
        {"digest": whole["manifest"]["digest"], "verdict": "keep"}
    ]


def test_explain_a_repository(shop: Shop, policy: str) -> None:
    """Every item, whether it goes or stays."""
    result = shop.run("explain", "{shop}/web", "--policy", policy)
    assert result.code == 0
    for name in ("pr-1", "pr-1b", "pr-2", "latest"):
        assert f"  {name}: " in result.out


@pytest.mark.parametrize("target", ["{shop}/none", "{shop}/web:none", "{shop}/web@sha256:none"])
def test_explain_what_is_not_there(shop: Shop, policy: str, target: str) -> None:
    """It is bad input, and told in one line."""
    result = shop.run("explain", target, "--policy", policy)
    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1


def test_repositories_of_a_policy(shop: Shop, policy: str) -> None:
    """Only those in which it could delete anything, one per line."""
    result = shop.run("repositories", "--policy", policy)
    assert (result.code, result.out) == (0, f"{shop.prefix}/web\n")
    names = shop.run("repositories", "-o", "json").document["repositories"]
    assert f"{shop.prefix}/web" in names
