"""`--verify` and `verify`: planted damage of every kind is found on a registry, and told apart."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.e2e.shop import Finished, Shop
from tests.stores import empty_tables

GHOST = "sha256:" + "0" * 64
SEED = """
  "{shop}/web":
    images:
      - {id: old, tags: [old], age: 90d}
      - {id: stale, tags: [stale], age: 80d}
      - {id: part, age: 90d}
      - {id: multi, index: [part], tags: [keep-multi], age: 1d}
      - {id: signed, tags: [keep-signed], age: 1d}
      - {id: sbom, subject: signed, age: 90d}
"""
GOING = ("--filter", "{shop}/.*:^(old|stale)$", "--ago", "7d", "--untagged")
PUSHED = """
events:
  - before: {kind: manifest_delete, path: "{shop}/web"}
    actions: [{do: push, repository: "{shop}/web", index: [old, stale], tags: [late]}]
"""
DELETED = """
events:
  - after: {kind: manifest_delete, path: "{shop}/web"}
    actions:
      - {do: delete, repository: "{shop}/web", manifest: part}
      - {do: delete, repository: "{shop}/web", manifest: sbom}
"""


def losses(document: Any) -> set[tuple[str, str, str]]:  # noqa: ANN401 - JSON
    """Return bond, first tag of what is left, and cause, of every loss in a document."""
    checks = [each.get("verified", each) for each in document["repositories"]]
    found = [loss for check in checks for loss in check.get("losses", [])]
    return {(loss["bond"], loss["tags"][0], loss["cause"]) for loss in found}


def requests(shop: Shop) -> int:
    """Count the requests that the registry saw, sign-in left out."""
    counts = shop.served.admin("GET", "requests")["counts"]
    return sum(number for kind, number in counts.items() if kind not in {"oauth", "challenge"})


def schema(shop: Shop, name: str) -> Any:  # noqa: ANN401 - JSON
    """Return what the program publishes."""
    return json.loads(shop.run("schema", name).out)


def purge(shop: Shop, extra: str = "", *more: str, **environment: str) -> Finished:
    """Purge and look back, on a registry where ``extra`` happens."""
    shop.seed(SEED, extra)
    done = shop.run("purge", *GOING, *more, "-o", "json", **environment)
    jsonschema.validate(done.document, schema(shop, "run"))
    return done


def test_nothing_is_lost(shop: Shop) -> None:
    """Said in words; one request more than without."""
    shop.seed(SEED)
    done = shop.run("purge", *GOING, "--verify")
    assert done.code == 0, done.err
    told = " ".join(done.out.split())
    assert "Verified: 1 repository (4 manifests) looked at again, with 1 request." in told
    assert "Nothing that stays has lost a part." in told


def test_without_being_asked_nobody_looks(shop: Shop) -> None:
    """It costs requests."""
    assert "verified" not in purge(shop).document["repositories"][0]


def test_the_setting_asks(shop: Shop) -> None:
    """PURGE_VERIFY is the same as the flag."""
    done = purge(shop, PURGE_VERIFY="true")
    assert done.document["repositories"][0]["verified"]["losses"] == []


def test_damage_of_the_run(shop: Shop) -> None:
    """An index that somebody pushes in the moment in which what it lists is deleted."""
    done = purge(shop, PUSHED, "--verify")
    assert done.code == 3
    assert losses(done.document) == {("child", "late", "this-run")}


def test_damage_by_others(shop: Shop) -> None:
    """Somebody deletes what stays, while the run is under way: told, and no fault of it."""
    done = purge(shop, DELETED, "--verify")
    assert done.code == 0
    assert losses(done.document) == {
        ("child", "keep-multi", "others"),
        ("referrer", "keep-signed", "others"),
    }


def test_a_ghost(shop: Shop) -> None:
    """What was missing before is told as such."""
    ghost = f'{{index: ["{GHOST}"], tags: [keep-ghost], age: 1d}}'
    shop.seed(f"{SEED}      - {ghost}\n")
    done = shop.run("purge", *GOING, "--verify", "-o", "json")
    assert done.code == 0
    assert losses(done.document) == {("child", "keep-ghost", "before")}


def test_an_applied_plan_is_verified_too(shop: Shop, tmp_path: Path) -> None:
    """What the plan took is told from the rest, of which the plan does not tell."""
    shop.seed(SEED, PUSHED)
    plan = str(tmp_path / "plan.json")
    line = "acr purge --filter '{shop}/.*:^(old|stale)$' --ago 7d --untagged"
    assert shop.run("plan", "--policy", line, "--out", plan).code == 0
    done = shop.run("apply", plan, "--verify", "-o", "json")
    assert done.code == 3, done.err
    assert losses(done.document) == {("child", "late", "this-run")}


def test_verify_alone_counts_its_requests(shop: Shop) -> None:
    """Of what nothing is on record it says so; every request is counted."""
    purge(shop, DELETED)
    shop.served.admin("DELETE", "requests")
    done = shop.run("verify", "--repository", "{shop}/web", "-o", "json")
    assert done.code == 0, done.err
    jsonschema.validate(done.document, schema(shop, "verification"))
    assert losses(done.document) == {("child", "keep-multi", "unknown")}
    (check,) = done.document["repositories"]
    assert check["requests"] == requests(shop) == 4  # list, read, look for both


def test_verify_reads_no_manifest_that_is_remembered(shop: Shop, tmp_path: Path) -> None:
    """The second time it is one listing."""
    shop.seed(SEED)
    words = ("verify", "--repository", "{shop}/web", "--manifest-cache", str(tmp_path / "m.db"))
    assert "with 2 requests" in shop.run(*words).out
    assert "with 1 request." in shop.run(*words).out


def test_a_name_that_is_no_repository_is_told(shop: Shop) -> None:
    """Whoever mistypes a name must not believe that the repository is whole."""
    shop.seed(SEED)
    done = shop.run("verify", "--repository", "{shop}/wed", "--repository", "{shop}/web")
    assert f"{shop.prefix}/wed does not exist" in done.err
    assert f"{shop.prefix}/web" not in done.err


def test_verify_all_repositories(own_shop: Shop) -> None:
    """Without a name it looks at the whole registry."""
    own_shop.served.admin("POST", "scenario", f"repositories:{SEED}".replace("{shop}", "a"))
    done = own_shop.run("verify")
    assert done.code == 0
    assert "1 repository (6 manifests)" in done.out


@pytest.fixture
def journal(storage: str) -> str:
    """Return the address of an empty journal."""
    empty_tables(storage)
    return storage


def test_the_records_tell_who_it_was(shop: Shop, journal: str) -> None:
    """The run that is asked about, another one, and nobody on record."""
    done = purge(shop, PUSHED, "--verify", "--journal", journal)
    assert done.code == 3
    runs = shop.run("runs", "-o", "json", "--journal", journal).document["items"]
    run = runs[0]["id"]
    named = ("--repository", "{shop}/web", "-o", "json", "--journal", journal)
    asked = shop.run("verify", "--run", run, *named)
    assert asked.code == 3, asked.err
    assert losses(asked.document) == {("child", "late", "this-run")}
    other = shop.run("verify", *named)
    assert other.code == 3
    assert losses(other.document) == {("child", "late", "another-run")}
    (check,) = other.document["repositories"]
    assert {loss["run"] for loss in check["losses"]} == {run}
    shown = shop.run("run", run, "--journal", journal).out
    assert f"deleted by run {run}" in " ".join(shown.split()) or "deleted by this run" in shown
    strange = shop.run("verify", "--run", "nobody", "--journal", journal)
    assert strange.code == 2
    assert "--run" in strange.err
