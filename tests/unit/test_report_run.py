"""Reports of runs: counts, JSON documents, text."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from purge_core.errors import AccessDenied
from purge_core.instants import Span
from purge_core.judgement.guards import TooManyDeletions
from purge_core.model import TagName
from purge_core.policies.policy import Limits
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome
from purge_core.records.results import RunResult, State
from purge_core.report.outcomes import RunEnd, run_end
from purge_core.report.run_document import write_run
from purge_core.report.run_schema import run_schema
from purge_core.report.summary import Detail, Report
from purge_core.report.totals import run_totals
from tests.builders import NOW, image, repository, tag
from tests.fakes import FakeRegistry
from tests.unit.planned import AMD, ARM, LATEST, MULTI, POLICY, YOUNG, do, shop

PLAN, PURGE = Mode.PLAN, Mode.PURGE


def document(result: RunResult, mode: Mode, error: str | None = None) -> Any:  # noqa: ANN401 - JSON
    """Write a run and read the JSON, which must fit the schema."""
    found = json.loads("".join(write_run(result, mode, error)))
    jsonschema.validate(found, run_schema())
    return found


def text(result: RunResult, mode: Mode, detail: Detail = Detail.BRIEF) -> str:
    """Tell of a run; every line must fit."""
    lines = list(Report.of(result, mode, detail).lines())
    assert all(len(line) <= 80 for line in lines)
    assert all(line.isprintable() for line in lines)
    return "\n".join(lines)


def test_schema_is_a_schema() -> None:
    """The published schema is itself valid."""
    jsonschema.Draft202012Validator.check_schema(run_schema())


def test_plan_counts() -> None:
    """Each item once by verdict, and under each of its reasons."""
    totals = run_totals(do(shop()), PLAN)
    assert (totals.tags.keep, totals.tags.delete, totals.tags.total) == (2, 2, 4)
    assert (totals.manifests.keep, totals.manifests.delete) == (2, 4)
    assert totals.tags.kept_by == {"protected": 1, "young": 1}
    assert totals.manifests.deleted_by["indexes-go"] == 2
    assert not totals.tags.outcomes


def test_bytes_count_once() -> None:
    """An index's size holds its children's, which are counted by themselves."""
    totals = run_totals(do(shop()), PLAN)
    own = MULTI.size - AMD.size - ARM.size
    assert totals.frees_at_most == AMD.size + ARM.size + own + 200
    assert run_totals(do(shop(), mode=PURGE), PURGE).frees_at_most == totals.frees_at_most


def test_document_of_a_plan() -> None:
    """Every item with verdict, reasons and evidence; no outcomes."""
    found = document(do(shop()), PLAN)
    assert (found["registry"], found["mode"]) == ("contoso.azurecr.io", "plan")
    (each,) = found["repositories"]
    tags = {tag["name"]: tag for tag in each["tags"]}
    assert tags["v1"]["verdict"] == "delete"
    assert tags["v1"]["digest"] == MULTI.digest
    assert tags["v2"]["deletable_from"] == "2026-12-18T12:00:00.0000001Z"
    assert "deletable_from" not in tags["latest"]
    assert {m["digest"] for m in each["manifests"] if m["verdict"] == "keep"} == {
        LATEST.digest,
        YOUNG.digest,
    }
    assert not any("outcome" in item for item in [*each["tags"], *each["manifests"]])


def test_document_of_a_purge() -> None:
    """The same verdicts, and an outcome for each that goes."""
    plan, purge = document(do(shop()), PLAN), document(do(shop(), mode=PURGE), PURGE)
    for kind in ("tags", "manifests"):
        items = purge["repositories"][0][kind]
        for before, after in zip(plan["repositories"][0][kind], items, strict=True):
            assert ("outcome" in after) == (after["verdict"] == "delete")
            assert after | before == after
    outcomes = purge["totals"]["manifests"]["outcomes"]
    assert outcomes == {"cascaded": 1, "deleted": 3}
    assert purge["totals"]["tags"]["outcomes"] == {"deleted": 2}


def test_refused_repository() -> None:
    """Its verdicts stand, nothing is deleted, and it says why and what to do."""
    policy = replace(POLICY, limits=Limits(max_delete_share=0.1))
    more = [image(f"m{n}", tags=[f"m{n}"]) for n in range(8)]
    result = do(shop(*more), policy, PURGE)
    found = document(result, PURGE)
    (each,) = found["repositories"]
    assert each["state"] == "refused"
    assert [r["code"] for r in each["refusals"]] == ["share-exceeded", "share-exceeded"]
    assert {t.get("outcome") for t in each["tags"] if t["verdict"] == "delete"} == {"not-reached"}
    totals = found["totals"]
    assert (totals["tags"]["delete"], totals["tags"]["refused"]) == (0, 10)
    assert totals["frees_at_most"] == 0
    assert "limits.max_delete_share" in text(result, PURGE)
    assert run_end(result, PURGE) is run_end(result, PLAN) is RunEnd.TROUBLE


def test_held_run() -> None:
    """Over the run's limit nothing is deleted anywhere."""
    policy = replace(POLICY, limits=Limits(max_deletions=5, max_delete_share=1.0))
    result = do(shop(), policy, PURGE)
    found = document(result, PURGE)
    assert found["held"] == {"code": "too-many-deletions", "deletions": 6, "limit": 5}
    assert found["totals"]["manifests"]["refused"] == 4
    assert "Held: 6 deletions in one run, and 5 are permitted." in text(result, PURGE)
    assert run_end(result, PURGE) is RunEnd.TROUBLE
    assert result.held == TooManyDeletions(6, 5)


def test_unread_repository() -> None:
    """It is named, with the error; the others are told as well."""
    registry = shop()
    registry.push("other", "a")
    registry.fail("tags", AccessDenied("no pull on other"), repository="other", times=None)
    result = do(registry, mode=PURGE)
    found = document(result, PURGE)
    assert [(r["repository"], r["state"]) for r in found["repositories"]] == [
        ("other", "failed"),
        ("shop", "purged"),
    ]
    assert found["repositories"][0]["error"] == "no pull on other"
    assert "Not read: other: no pull on other" in text(result, PURGE)
    assert run_end(result, PURGE) is RunEnd.TROUBLE


def test_denied_delete_is_trouble() -> None:
    """Its outcome and its detail are told, and it is listed by itself."""
    registry = shop()
    registry.fail("delete_manifest", AccessDenied("no delete"), times=None)
    result = do(registry, mode=PURGE)
    assert run_end(result, PURGE) is RunEnd.TROUBLE
    told = text(result, PURGE)
    assert "denied (no delete)" in told
    assert "stay: not permitted" in told
    assert Outcome.DENIED in run_totals(result, PURGE).manifests.outcomes


def test_changed_meanwhile_is_no_trouble() -> None:
    """What was skipped because it changed is done as far as anyone is concerned."""
    result = do(shop(), mode=PURGE)
    (each,) = result.repositories
    skipped = tuple(replace(o, outcome=Outcome.SKIPPED_CHANGED) for o in each.outcomes)
    changed = replace(result, repositories=(replace(each, outcomes=skipped),))
    assert run_end(changed, PURGE) is RunEnd.DONE
    assert "stay: changed meanwhile: 2 tags, 4 manifests" in text(changed, PURGE)


def test_interrupted_run() -> None:
    """It says so, whatever else there is to tell."""
    result = replace(do(shop()), interrupted=True)
    assert run_end(result, PURGE) is RunEnd.INTERRUPTED
    assert "Interrupted" in text(result, PURGE)
    assert "Interrupted: repositories that were not read" in text(result, PLAN)
    assert document(result, PURGE)["totals"]["tags"]["outcomes"] == {"not-reached": 2}


def test_text_of_a_plan() -> None:
    """What goes and why in groups, what stays by reason, and the sum."""
    told = text(do(shop()), PLAN)
    assert "shop        2 of 4     4 of 6" in told
    assert '2 tags: rule "old", 40 days old' in told
    assert "v1, v1.0" in told
    assert "2 manifests: part of an index that goes, 40 days old" in told
    assert "Would be deleted: 2 tags and 4 manifests" in told


def test_full_text_names_everything() -> None:
    """Each item, going or staying, with the time from which it could go."""
    told = text(do(shop()), PLAN, Detail.FULL)
    for name in ("v1:", "v1.0:", "v2: stays", "latest: stays"):
        assert f"  {name}" in told
    assert "deletable from 2026-12-18 12:00 UTC" in " ".join(told.split())


def test_nothing_to_do() -> None:
    """Idle repositories are counted, not listed."""
    registry = FakeRegistry(*(repository(f"r{n}", LATEST) for n in range(3)), now=NOW)
    told = text(do(registry), PLAN)
    assert "Nothing to delete in 3 repositories." in told
    assert "Nothing would be deleted." in told
    assert "r1" not in told


def test_many_repositories_are_told_together() -> None:
    """One table of reasons instead of examples, and only the largest repositories."""
    going = [repository(f"r{n:02}", LATEST, image("a", tags=[f"t{n}"])) for n in range(40)]
    large = repository("s", LATEST, image("a", tags=["x"]), image("b", tags=["y"]))
    result = do(FakeRegistry(*going, large, now=NOW))
    told = text(result, PLAN)
    assert "and 1 repository with fewer (--verbose shows all)" in told
    assert "WHAT GOES, BY REASON  TAGS  MANIFESTS" in told
    assert 'rule "old"              42          0' in told
    assert "r00 " in told
    assert "r39" not in told
    assert "t7" not in told
    assert "r39" in text(result, PLAN, Detail.FULL)


@pytest.mark.parametrize("name", ["x" * 128, "a\x1b[2J", "\u202e"])
def test_hostile_names(name: str) -> None:
    """Names from a registry are made harmless in text and in JSON."""
    made = image("odd", tags=[TagName(name)])
    result = do(FakeRegistry(repository("shop", made, LATEST, YOUNG), now=NOW))
    for detail in Detail:
        lines = list(Report.of(result, PLAN, detail).lines())
        assert all(line.isprintable() for line in lines)
    raw = "".join(write_run(result, PLAN))
    assert raw.isascii()
    assert all(c.isprintable() or c == "\n" for c in raw)
    names = [tag["name"] for tag in json.loads(raw)["repositories"][0]["tags"]]
    assert name in names


def test_document_comes_in_pieces() -> None:
    """A long document is never one piece: no piece is longer than an item."""
    made = [image(f"i{n}", tags=[tag(f"t{n}", age=Span(n))]) for n in range(200)]
    pieces = list(write_run(do(FakeRegistry(repository("shop", *made), now=NOW)), PLAN))
    assert len(pieces) > 400
    assert max(map(len, pieces)) < 2_000


def test_error_of_a_whole_run() -> None:
    """Programs get a document when the catalogue could not be read, too."""
    result = RunResult("contoso.azurecr.io", POLICY, NOW, ())
    assert document(result, PURGE, "no catalogue")["error"] == "no catalogue"


def test_gone_repository() -> None:
    """It is named and no trouble."""
    policy = replace(POLICY)
    result = do(FakeRegistry(now=NOW), policy)
    assert result.repositories == ()
    gone = replace(do(shop()).repositories[0], state=State.GONE, snapshot=None, decisions=None)
    result = replace(result, repositories=(replace(gone, plan=None),))
    assert document(result, PURGE)["repositories"][0]["state"] == "gone"
    assert run_end(result, PURGE) is RunEnd.DONE
    assert "Gone: shop does not exist" in text(result, PURGE)
