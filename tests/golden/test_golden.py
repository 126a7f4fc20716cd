"""Scenarios and what is decided and planned in each, line by line.

A scenario is a folder: registry.yaml (for the development registry), policy.yaml (a document or
an ``acr purge`` line), decisions.txt and plan.txt. ``pytest tests/golden --update-golden`` writes
the last two anew; read the difference before committing it.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from acr_emulator import Scenario
from purge_core.errors import PolicyError
from purge_core.instants import Instant
from purge_core.planning import RunOrder
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode, RunId
from purge_core.run import run
from tests.emulated import emulated
from tests.golden.lines import Golden
from tests.golden.names import manifest_names
from tests.purges import MemoryJournal

HERE = Path(__file__).parent
SCENARIOS = sorted(path for path in HERE.iterdir() if path.is_dir() and path.name[0] not in "_.")
INPUTS = {"registry.yaml", "policy.yaml"}
RESULTS = ("decisions.txt", "plan.txt")


async def judge(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Plan a scenario through the registry adapter; give the text of both results."""
    content = Scenario.load(scenario / "registry.yaml")
    registry = content.registry()
    now = Instant(registry.clock.now)
    names = manifest_names(registry)
    try:
        policy = load_policy((scenario / "policy.yaml").read_text())
    except PolicyError as error:
        told = "".join(f"policy error: {problem}\n" for problem in error.problems)
        return told, told
    async with emulated(monkeypatch, content.options, registry=registry) as served:
        order = RunOrder(RunId("golden"), "contoso", policy, now, Mode.PLAN)
        result = await run(served.registry, order, MemoryJournal(), asyncio.Event())
    golden = Golden(result, names)
    return _text(golden.decisions()), _text(golden.plan())


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name)
async def test_golden(
    scenario: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """What is decided and planned is what was looked at and found right."""
    texts = dict(zip(RESULTS, await judge(scenario, monkeypatch), strict=True))
    if request.config.getoption("--update-golden"):
        for name, text in texts.items():
            (scenario / name).write_text(text)
    for name, text in texts.items():
        assert text == (scenario / name).read_text(), f"{scenario.name}/{name}"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name)
def test_scenario_is_whole(scenario: Path) -> None:
    """Four files and no other: an orphan would never be looked at."""
    assert {path.name for path in scenario.iterdir()} == {*INPUTS, *RESULTS}


def test_nothing_lies_beside_the_scenarios() -> None:
    """Only the code that runs them."""
    files = {path.name for path in HERE.iterdir() if path.is_file()}
    assert files == {"__init__.py", "lines.py", "names.py", "test_golden.py"}
