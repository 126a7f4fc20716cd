"""The command line and its records: written by runs, read by `runs`, `run` and `history`."""

import json

import pytest

from tests.e2e.shop import Shop
from tests.stores import empty_tables

KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq"
SEED = """
  "{shop}/web":
    images:
      - {tags: [v1, v1.0], age: 60d}
      - {tags: [v2], age: 50d}
      - {tags: [stable], age: 40d}
"""
POLICY = """{"version": 1, "rules": [{"name": "old ones", "repositories": "SHOP/.*",
"tags": "v.*", "older_than": "7d", "allow_empty": true}], "untagged": {"older_than": "7d"},
"limits": {"max_deletions": 5000, "max_delete_share": 1}}"""


@pytest.fixture
def journal(storage: str) -> str:
    """Return the address of an empty journal."""
    empty_tables(storage)
    return storage


@pytest.fixture
def web(shop: Shop) -> Shop:
    """Return a shop with one repository."""
    shop.seed(SEED)
    return shop


def purge(web: Shop, *arguments: str, **environment: str) -> str:
    """Purge, recorded, and return the id of the run."""
    done = web.run(
        "purge", "--filter", "{shop}/.*:v.*", "--ago", "7d", "--untagged", *arguments, **environment
    )
    assert done.code == 0, done.err
    found = web.run("runs", "-o", "json", "--journal", *arguments[1:], **environment)
    return str(found.document["items"][0]["id"])


def test_a_purge_and_its_records(web: Shop, journal: str) -> None:
    """What was done can be asked for: the run, its steps, and who deleted a tag."""
    run = purge(web, "--journal", journal)
    assert web.tags("web") == {"stable"}
    at = ("--journal", journal)
    listed = web.run("runs", *at).out.splitlines()
    assert run in listed[1]
    assert all(len(line) <= 80 for line in listed)
    shown = web.run("run", run, *at)
    assert "started by cli" in shown.out
    assert "acr purge" in shown.out
    steps = web.run("run", run, "--repository", "{shop}/web", "-v", *at)
    assert "with v1, v1.0: deleted" in steps.out
    assert "stable: stays" in steps.out
    document = web.run("run", run, *at, "-o", "json").document
    assert document["state"] == "done"
    assert document["policy"].startswith("acr purge '--filter=")
    (item,) = document["items"]
    assert item["outcomes"]["deleted"] == {
        "steps": 2,
        "tags": 3,
        "manifests": 2,
        "bytes": item["totals"]["bytes_to_delete"],
    }
    told = web.run("history", "{shop}/web:v1.0", *at)
    assert "tag v1.0" in told.out
    assert run in told.out.replace("\n    ", " ")
    assert len(web.run("history", "{shop}/web", *at, "-o", "json").document["items"]) == 5


def test_history_of_a_digest(web: Shop, journal: str) -> None:
    """The digest finds the same run as its tag."""
    run = purge(web, "--journal", journal)
    at = ("--journal", journal, "-o", "json")
    (tag,) = web.run("history", "{shop}/web:v2", *at).document["items"]
    (manifest,) = web.run("history", f"{{shop}}/web@{tag['digest']}", *at).document["items"]
    assert (manifest["run"], manifest["kind"], manifest["name"]) == (run, "manifest", tag["digest"])


def test_the_journal_of_the_environment(web: Shop, journal: str) -> None:
    """`--journal` alone, also before another option, takes PURGE_JOURNAL; without it, nothing."""
    purge(web, "--journal", PURGE_JOURNAL=journal)
    web.run("purge", "--filter", "{shop}/.*:stable", "--ago", "7d", PURGE_JOURNAL=journal)
    found = web.run("runs", "-o", "json", PURGE_JOURNAL=journal)
    assert len(found.document["items"]) == 1
    none = web.run("purge", "--filter", "a:b", "--ago", "7d", "--journal", "--dry-run")
    assert (none.code, none.err.count("PURGE_JOURNAL")) == (2, 1)


def test_a_kept_plan_is_applied_with_its_reasons(
    web: Shop, journal: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Both the plan and its application are runs; the steps say why."""
    out = str(tmp_path_factory.mktemp("plan") / "plan.json")
    policy = POLICY.replace("SHOP", web.prefix)
    planned = web.run("plan", "--policy", policy, "--out", out, "--journal", journal)
    assert planned.code == 0, planned.err
    applied = web.run("apply", "--journal", out, PURGE_JOURNAL=journal)
    assert applied.code == 0, applied.err
    at = ("--journal", journal, "-o", "json")
    apply, plan = web.run("runs", *at).document["items"]
    assert (plan["state"], plan["mode"], plan["trigger"]) == ("planned", "plan", "cli")
    assert (apply["state"], apply["mode"], apply["trigger"]) == ("done", "purge", "apply")
    (tag,) = web.run("history", "{shop}/web:v2", *at).document["items"]
    assert tag["rules"] == ["old ones"]
    assert json.loads(web.run("run", plan["id"], *at).document["policy"])["policy"]["rules"]


def test_pages(web: Shop, journal: str) -> None:
    """A list that is cut says how to go on."""
    for _ in range(3):
        web.run("purge", "--filter", "{shop}/.*:none", "--ago", "7d", "--journal", journal)
    first = web.run("runs", "--limit", "2", "--journal", journal)
    assert "there is more: --after" in first.err
    page = web.run("runs", "--limit", "2", "-o", "json", "--journal", journal).document
    rest = web.run("runs", "--after", page["next"], "-o", "json", "--journal", journal).document
    assert len(rest["items"]) == 1
    assert rest["next"] is None


@pytest.mark.parametrize(
    "address",
    [f"AccountName=a;AccountKey={KEY}", "https://host.example?sig=secret", "x=y"],
)
def test_an_address_that_is_none(web: Shop, address: str) -> None:
    """It is bad input, and is not repeated."""
    done = web.run("purge", "--filter", "{shop}/.*:v.*", "--ago", "7d", "--journal", address)
    assert done.code == 2
    assert "--journal: found something else" in done.err
    assert KEY not in done.err
    assert "secret" not in done.err
    assert len(web.tags("web")) == 4


def test_a_journal_that_does_not_answer(web: Shop, journal: str) -> None:
    """Nothing is deleted without a record: the purge ends before it begins."""
    dead = "AccountName=a;AccountKey=c2VjcmV0;TableEndpoint=http://127.0.0.1:9/a"
    done = web.run("purge", "--filter", "{shop}/.*:v.*", "--ago", "7d", "--journal", dead)
    assert done.code == 1
    assert "the journal's table PurgeRuns at 127.0.0.1:9: no answer" in done.err
    assert "c2VjcmV0" not in done.err
    assert len(web.tags("web")) == 4


def test_what_is_not_recorded(web: Shop, journal: str) -> None:
    """An unknown run or repository is bad input; no history is an answer."""
    at = ("--journal", journal)
    assert "no runs are recorded" in web.run("runs", *at).err
    unknown = web.run("run", "nobody", *at)
    assert unknown.code == 2
    assert "ID: found 'nobody'; expected the id of a recorded run" in unknown.err
    run = purge(web, *at)
    assert web.run("run", run, "--repository", "none", *at).code == 2
    nothing = web.run("history", "{shop}/none", *at)
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "nothing is recorded of it\n")
    assert web.run("history", "{shop}/web", "--after", "nonsense", *at).code == 2
    assert web.run("runs").code == 2
