"""Plans for a time to come: shown, never kept, never carried out."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from purge_core.cli import main
from purge_core.errors import PlanRefused
from purge_core.instants import DAY, Instant, format_instant, parse_moment
from purge_core.plans.document import StoredPlan, write_plan
from purge_core.plans.plan import require_due
from purge_core.policies.policy import Policy
from purge_core.records.journal import Mode
from purge_core.records.results import RunResult
from purge_core.report.run_document import write_run
from purge_core.report.run_schema import run_schema
from purge_core.report.summary import Report
from purge_core.run import carry_out
from tests.builders import NOW, minutes
from tests.fakes import FakeRegistry
from tests.unit.planned import Deaf
from tests.unit.planned import order as run_order

LATER = Instant(NOW + 30 * DAY)
FAR = parse_moment("2900-01-01")


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a registry at which nobody listens."""
    for name in ("PURGE_POLICY", "PURGE_JOURNAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ACR_DEFAULT_REGISTRY", "127.0.0.1:9")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-24", "2026-12-24T00:00:00Z"),
        ("2026-12-24T18:30:00Z", "2026-12-24T18:30:00Z"),
        ("2026-12-24T18:30:00.5+01:00", "2026-12-24T17:30:00.5Z"),
    ],
)
def test_times(text: str, instant: str) -> None:
    """A day means its beginning in UTC."""
    assert format_instant(parse_moment(text)) == instant


@pytest.mark.parametrize(
    "text", ["", "now", "24.12.2026", "2026-13-01", "2026-12-24T18:00", "2026-12-24 ", "20261224"]
)
def test_what_is_no_time(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", "--at", "tomorrow"), "--at: found 'tomorrow'; expected a time such as"),
        (("plan", "--at", "2020-01-01"), "--at: found '2020-01-01'; expected a time after now"),
        (("explain", "a:b", "--at", "2020-01-01"), "--at: found '2020-01-01'"),
        (("plan", "--at", "2900-01-01", "--out", "x.json"), "--out: found an option beside --at"),
        (("plan", "--at", "2900-01-01", "--journal"), "--journal: found an option beside --at"),
    ],
)
def test_bad_input(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A time that has passed, and whatever would keep a plan for later, is refused."""
    assert main([*arguments, "--policy", "{version: 1, untagged: {older_than: 7d}}"]) == 2
    assert said in capsys.readouterr().err


def test_due() -> None:
    """Clocks may differ by five minutes, not more."""
    require_due(NOW, NOW)
    require_due(Instant(NOW + minutes(5)), NOW)
    with pytest.raises(PlanRefused, match=r"2026-11-21T12:05:00\.0000001Z"):
        require_due(Instant(NOW + minutes(5) + 1), NOW)


def test_a_plan_for_later_is_not_applied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """However it came into being, sealed or not."""
    stored = StoredPlan("127.0.0.1:9", FAR, Policy(), ()).sealed()
    path = tmp_path / "plan.json"
    path.write_text("".join(write_plan(stored)))
    assert main(["apply", str(path)]) == 2
    assert "now: found the plan is for a time to come, 2900-01-01T00:00:00Z" in (
        capsys.readouterr().err
    )


async def test_a_run_for_later_deletes_nothing() -> None:
    """The use case itself refuses to carry it out."""
    registry = FakeRegistry()
    order = replace(run_order(mode=Mode.PURGE), now=LATER, read=NOW)
    with pytest.raises(PlanRefused):
        await carry_out(registry, order, (), Deaf(), asyncio.Event())


def test_the_report_says_so() -> None:
    """In words, and as the time at which the registry was read."""
    run = RunResult("contoso", Policy(), LATER, (), read=NOW)
    text = " ".join(Report.of(run, Mode.PLAN).lines())
    assert "judged as of 2026-12-21 12:00 UTC" in text
    assert "as if nothing changed from now (2026-11-21 12:00 UTC) until then" in text
    document = json.loads("".join(write_run(run, Mode.PLAN)))
    jsonschema.validate(document, run_schema())
    assert (document["now"], document["read"]) == ("2026-12-21T12:00:00Z", "2026-11-21T12:00:00Z")
