"""What lies ahead, as processes: plans for later, forecasts, what a change of a policy does."""

import json
from pathlib import Path

import jsonschema
import pytest

from purge_core.report.run_schema import run_schema
from tests.e2e.shop import Shop

WEB = """
  "{shop}/web":
    images:
      - {tags: [pr-1], age: 6d, platforms: [linux/amd64, linux/arm64]}
      - {tags: [pr-2], age: 1d}
      - {tags: [latest], age: 40d}
"""
POLICY = """
version: 1
rules:
  - {name: builds, repositories: "SHOP/.*", tags: "pr-.*", older_than: 7d}
untagged: {older_than: 7d, repositories: "SHOP/.*"}
"""


@pytest.fixture
def policy(shop: Shop, tmp_path: Path) -> str:
    """Seed the registry and write the policy to a file."""
    shop.seed(WEB)
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY.replace("SHOP", shop.prefix))
    return str(path)


def test_plan_for_later(shop: Shop, policy: str) -> None:
    """Now nothing would go, in the far future all that no rule keeps."""
    assert "Nothing would be deleted." in shop.run("plan", "--policy", policy).out
    later = shop.run("plan", "--policy", policy, "--at", "2100-01-01", "-o", "json").document
    jsonschema.validate(later, run_schema())
    assert later["now"] == "2100-01-01T00:00:00Z"
    assert later["totals"]["tags"]["delete"] == 2
    told = shop.run("explain", "{shop}/web:pr-2", "--policy", policy, "--at", "2100-01-01")
    assert "GOES" in told.out
    assert shop.tags("web") == {"latest", "pr-1", "pr-2"}


def test_forecast(shop: Shop, policy: str) -> None:
    """Each image goes in its night; the document fits the schema that the program prints."""
    found = shop.run("forecast", "--policy", policy, "--nights", "9", "-o", "json")
    assert found.code == 0
    jsonschema.validate(found.document, json.loads(shop.run("schema", "forecast").out))
    nights = found.document["nights"]
    assert [night["tags"] for night in nights] == [0, 1, 0, 0, 0, 0, 1, 0, 0]
    assert [night["manifests"] for night in nights] == [0, 3, 0, 0, 0, 0, 1, 0, 0]
    text = shop.run("forecast", "--policy", policy)
    assert "In all: 2 tags and 4 manifests" in text.out
    assert max(map(len, text.out.splitlines())) <= 80
    assert shop.tags("web") == {"latest", "pr-1", "pr-2"}


def test_policies_compared(shop: Shop, policy: str) -> None:
    """0 when both do the same, 4 when not, 2 for bad input; nothing is deleted."""
    text = Path(policy).read_text()
    sooner = text.replace("older_than: 7d", "older_than: 3d")
    assert shop.run("policy", "diff", policy, policy).code == 0
    found = shop.run("policy", "diff", policy, sooner, "-o", "json")
    assert found.code == 4
    jsonschema.validate(found.document, json.loads(shop.run("schema", "difference").out))
    (each,) = found.document["repositories"]
    assert [tag["name"] for tag in each["more"]["tags"]] == ["pr-1"]
    assert len(each["more"]["manifests"]) == 3
    markdown = shop.run("policy", "diff", policy, sooner, "-o", "markdown")
    assert markdown.out.startswith("### The new policy deletes 1 tag and 3 manifests more.")
    bad = shop.run("policy", "diff", text.replace("7d", "7"), text + "rulez: []\n")
    assert bad.code == 2
    assert "OLD: rules[0].older_than" in bad.err
    assert "NEW: rulez: found an unknown key" in bad.err
    assert shop.tags("web") == {"latest", "pr-1", "pr-2"}


def test_exact_bytes(shop: Shop, policy: str) -> None:
    """What the plan foretells is what the registry stores less, to the byte."""
    sooner = Path(policy).read_text().replace("older_than: 7d", "older_than: 3d")
    cache = ("--manifest-cache", str(Path(policy).with_name("manifests.db")))
    plan = shop.run("plan", "--policy", sooner, "--exact-bytes", "-o", "json", *cache)
    assert "exact bytes: " in plan.err
    jsonschema.validate(plan.document, run_schema())
    foretold = plan.document["exact"]["bytes"]
    before = shop.served.admin("GET", "usage")["bytes"]
    done = shop.run("purge", "--policy", sooner, *cache, PURGE_EXACT_BYTES="true")
    assert before - shop.served.admin("GET", "usage")["bytes"] == foretold > 0
    assert "Exactly " in done.out
    assert shop.tags("web") == {"latest", "pr-2"}


def test_exact_bytes_of_a_kept_plan(shop: Shop, policy: str, tmp_path: Path) -> None:
    """Carried out later, it frees what it says, to the byte."""
    sooner = Path(policy).read_text().replace("older_than: 7d", "older_than: 3d")
    cache = ("--manifest-cache", str(Path(policy).with_name("manifests.db")))
    plan = str(tmp_path / "plan.json")
    assert shop.run("plan", "--policy", sooner, "--out", plan, *cache).code == 0
    before = shop.served.admin("GET", "usage")["bytes"]
    done = shop.run("apply", plan, "--exact-bytes", "-o", "json", *cache)
    assert "exact bytes: " in done.err
    jsonschema.validate(done.document, run_schema())
    freed = before - shop.served.admin("GET", "usage")["bytes"]
    assert done.document["exact"]["bytes"] == freed > 0


def test_storage(shop: Shop, policy: str) -> None:
    """What the registry stores in all, as it counts itself; what it costs with a tier."""
    cache = ("--manifest-cache", str(Path(policy).with_name("manifests.db")))
    found = shop.run("storage", "--policy", policy, "-o", "json", *cache, PURGE_SKU="basic")
    assert found.code == 0
    jsonschema.validate(found.document, json.loads(shop.run("schema", "storage").out))
    assert found.document["bytes"] == shop.served.admin("GET", "usage")["bytes"]
    assert found.document["cost"]["tier"] == "basic"
    told = shop.run("storage", *cache)
    assert "ALONE is what no other repository needs as well." in told.out
    assert "What that costs is not known" in told.out
    assert shop.run("storage", *cache, PURGE_STORAGE_PRICE="free").code == 2
