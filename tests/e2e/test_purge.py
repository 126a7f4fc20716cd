"""``acr-purge purge``, as a process, on a real registry's wire."""

import json

import jsonschema
import pytest

from purge_core.report.run_schema import run_schema
from tests.e2e.shop import Shop

WEB = """
  "{shop}/web":
    images:
      - {tags: [pr-1], age: 30d, platforms: [linux/amd64, linux/arm64]}
      - {tags: [pr-2], age: 1d}
      - {tags: [latest], age: 40d, platforms: [linux/amd64, linux/arm64]}
      - {tags: [{name: pr-3, lock: delete}], age: 30d}
      - {age: 50d}
"""
PRS = ("--filter", "{shop}/web:^pr-", "--ago", "7d")


def test_dry_run_deletes_nothing_and_says_what_would_go(shop: Shop) -> None:
    """The same words as a real run, and the registry is as before."""
    shop.seed(WEB)
    before = shop.state("web")
    result = shop.run("purge", *PRS, "--untagged", "--dry-run")
    assert (result.code, shop.state("web")) == (0, before)
    assert "nothing is deleted" in result.out
    assert "Would be deleted: 1 tag and 4 manifests" in result.out


def test_purge_deletes_exactly_what_was_shown(shop: Shop) -> None:
    """What the dry run's document gives the verdict delete is gone, all else is there."""
    shop.seed(WEB)
    command = ("purge", *PRS, "--untagged", "-o", "json")
    planned = shop.run(*command, "--dry-run").document["repositories"][0]
    done = shop.run(*command)
    assert done.code == 0
    left = shop.state("web")
    kept = {t["name"] for t in planned["tags"] if t["verdict"] == "keep"}
    stays = {m["digest"] for m in planned["manifests"] if m["verdict"] == "keep"}
    assert (set(left["tags"]), set(left["manifests"])) == (kept, stays)
    assert kept == {"pr-2", "pr-3", "latest"}


def test_document_fits_its_schema_in_both_modes(shop: Shop) -> None:
    """One JSON document on standard output, outcomes only in a real run."""
    shop.seed(WEB)
    for more, outcome in ((["--dry-run"], None), ([], "deleted")):
        result = shop.run("purge", *PRS, "-o", "json", *more)
        jsonschema.validate(result.document, run_schema())
        tags = {tag["name"]: tag for tag in result.document["repositories"][0]["tags"]}
        assert tags["pr-1"]["verdict"] == "delete"
        assert tags["pr-1"].get("outcome") == outcome
        assert "outcome" not in tags["latest"]
        assert [reason["code"] for reason in tags["latest"]["reasons"]] == ["no-rule"]


def test_second_run_finds_nothing(shop: Shop) -> None:
    """A purge leaves nothing that it would delete again."""
    shop.seed(WEB)
    assert shop.run("purge", *PRS, "--untagged").code == 0
    again = shop.run("purge", *PRS, "--untagged")
    assert again.code == 0
    assert "Nothing was deleted." in again.out


def test_include_locked_deletes_what_is_locked(shop: Shop) -> None:
    """It is unlocked just before it goes."""
    shop.seed(WEB)
    assert shop.run("purge", *PRS, "--include-locked").code == 0
    assert shop.tags("web") == {"pr-2", "latest"}


def test_switches_take_values_as_in_acr_purge(shop: Shop) -> None:
    """`--dry-run=true` is the dry run, `--dry-run=false` is not."""
    shop.seed(WEB)
    assert "nothing is deleted" in shop.run("purge", *PRS, "--dry-run=true").out
    assert "pr-1" in shop.tags("web")
    assert "Deleted: 1 tag" in shop.run("purge", *PRS, "--dry-run=false").out


def test_the_last_of_a_switch_counts(shop: Shop) -> None:
    """A line that turns off again what it turned on leaves it off, as in `acr purge`."""
    shop.seed(WEB)
    assert shop.run("purge", *PRS, "--include-locked", "--include-locked=false").code == 0
    assert shop.tags("web") == {"pr-2", "pr-3", "latest"}


def test_short_flags_take_their_value_after_an_equals_sign(shop: Shop) -> None:
    """`-f=repository:tag` is what `-f repository:tag` is, as in `acr purge`."""
    shop.seed(WEB)
    server = f"-r={shop.served.login_server}"
    assert shop.run("purge", server, "-f={shop}/web:^pr-", "--ago", "7d").code == 0
    assert shop.tags("web") == {"pr-2", "pr-3", "latest"}


def test_a_flag_that_is_brought_within_bounds_is_told_beside_a_policy(shop: Shop) -> None:
    """`--concurrency 40` is 32, and that is said, wherever the policy comes from."""
    result = shop.run("purge", "--policy", "{version: 1}", "--concurrency", "40")
    assert (result.code, result.err.count("32 is used")) == (0, 1)
    line = "acr purge --filter {shop}/none:.* --ago 1d --concurrency 40"
    assert shop.run("purge", "--policy", line).err.count("32 is used") == 1


def test_a_purge_does_not_end_with_who_read_its_progress(shop: Shop) -> None:
    """Standard error that is closed while it runs loses its lines, and nothing else."""
    shop.seed(WEB)
    process = shop.start("purge", *PRS, "-o", "json")
    assert process.stderr is not None
    assert process.stderr.readline() == "looking at 1 repository\n"
    process.stderr.close()
    assert process.stdout is not None
    document = json.loads(process.stdout.read())
    process.stdout.close()
    assert process.wait() == 0
    assert document["totals"]["tags"]["outcomes"] == {"deleted": 1}


def test_one_refused_repository_stops_no_other(shop: Shop) -> None:
    """A 401 in one repository is told, counted, and answered with 3; the others are purged."""
    shop.seed(WEB + WEB.replace("/web", "/api"))
    fault = {"path": f"/acr/v1/{shop.prefix}/web/_tags", "method": "GET", "status": 403}
    shop.served.admin("POST", "faults", f"[{json.dumps(fault)}]")
    result = shop.run("purge", "--filter", "{shop}/.*:^pr-", "--ago", "7d", "-o", "json")
    assert result.code == 3
    states = {r["repository"]: r for r in result.document["repositories"]}
    assert states[f"{shop.prefix}/web"]["state"] == "failed"
    assert states[f"{shop.prefix}/web"]["error"]
    assert states[f"{shop.prefix}/api"]["state"] == "purged"
    assert shop.tags("api") == {"pr-2", "pr-3", "latest"}
    jsonschema.validate(result.document, run_schema())


def test_denied_delete_keeps_the_counts(shop: Shop) -> None:
    """What was deleted before and after a refusal is counted, and the code is 3."""
    tags = "\n".join(f"      - {{tags: [pr-{n}], age: 30d}}" for n in range(6))
    shop.seed(f'  "{{shop}}/web":\n    images:\n{tags}')
    fault = {"path": f"{shop.prefix}/web/_tags/pr-3", "method": "DELETE", "status": 403}
    shop.served.admin("POST", "faults", f"[{json.dumps(fault)}]")
    result = shop.run("purge", *PRS, "-o", "json")
    assert result.code == 3
    outcomes = result.document["totals"]["tags"]["outcomes"]
    assert outcomes == {"deleted": 5, "denied": 1}
    assert shop.tags("web") == {"pr-3"}


def test_missing_repository_is_gone(shop: Shop) -> None:
    """A repository answering 404 is no error; that nothing matches is said loudly."""
    result = shop.run("purge", "--filter", "{shop}/none:.*", "--ago", "7d", "-o", "json")
    assert result.code == 0
    assert [r["state"] for r in result.document["repositories"]] == ["gone"]
    assert "no repository of the registry matches" in result.err


def test_wildcard_for_a_pattern_gets_a_hint(shop: Shop) -> None:
    """`team/*` is no wildcard; what was probably meant is said."""
    result = shop.run("purge", "--filter", "{shop}/*:.*", "--ago", "7d")
    assert result.code == 0
    assert f"{shop.prefix}/.*" in result.err


def test_whole_command_line_is_a_policy(shop: Shop) -> None:
    """An `acr purge` line in quotes does what the flags do, its dry run included."""
    shop.seed(WEB)
    line = f"acr purge --filter '{shop.prefix}/web:^pr-' --ago 7d"
    dry = shop.run("purge", "--policy", f"{line} --dry-run")
    assert (dry.code, "pr-1" in shop.tags("web")) == (0, True)
    assert shop.run("purge", "--policy", line).code == 0
    assert "pr-1" not in shop.tags("web")


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\rb", "\u202eflip"])
def test_hostile_names_never_reach_the_terminal_raw(shop: Shop, name: str) -> None:
    """Whatever a registry calls a tag, only printable characters come out."""
    shop.seed(WEB)
    fault = {
        "path": f"/acr/v1/{shop.prefix}/web/_tags",
        "method": "GET",
        "status": 200,
        "body": json.dumps(
            {
                "registry": shop.served.login_server,
                "imageName": f"{shop.prefix}/web",
                "tags": [
                    {
                        "name": name,
                        "digest": f"sha256:{'1' * 64}",
                        "lastUpdateTime": "2020-01-01T00:00:00Z",
                        "changeableAttributes": {"deleteEnabled": True, "writeEnabled": True},
                    }
                ],
            }
        ),
    }
    shop.served.admin("POST", "faults", f"[{json.dumps(fault)}]")
    for more in ([], ["--verbose"], ["-o", "json"]):
        result = shop.run("purge", "--filter", "{shop}/web:.*", "--ago", "1d", "--dry-run", *more)
        assert all(c.isprintable() or c == "\n" for c in result.out + result.err)
        assert ascii(name) in result.err
