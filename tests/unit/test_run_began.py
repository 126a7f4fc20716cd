"""One line in the log for each run that begins: what the alert of a missing night counts."""

import json

import pytest

from purge_core.errors import Malformed, Unavailable
from purge_core.policies.source import load_policy
from purge_core.records.store_records import RunState
from purge_core.service.lines import RUN_BEGAN
from purge_core.service.starting import start_nightly
from tests.builders import NOW, image, repository
from tests.fakes import FakeRegistry
from tests.service_world import REGISTRY, World

POLICY = load_policy(
    "{version: 1, rules: [{tags: pr-.*, older_than: 3d, repositories: .*, allow_empty: true}]}"
)


@pytest.fixture
def app(caplog: pytest.LogCaptureFixture) -> World:
    """Return a world with two repositories, and listen to its log."""
    caplog.set_level("INFO", logger="purge_core.service")
    shops = [repository(name, image("pr-1", tags=["pr-1"])) for name in ("one", "two")]
    return World(FakeRegistry(*shops, now=NOW), POLICY)


def began(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    """Return what the lines say."""
    said = [record.getMessage() for record in caplog.records]
    return [json.loads(text.removeprefix(RUN_BEGAN)) for text in said if text.startswith(RUN_BEGAN)]


async def test_once_for_each_run(app: World, caplog: pytest.LogCaptureFixture) -> None:
    """A night says once that it began, however often its timer fires and it is worked on."""
    (run,) = await start_nightly(app.service())
    await start_nightly(app.service(), past_due=True)
    assert began(caplog) == []
    await app.run_to_end()
    nights = [each for each in began(caplog) if each["run"] == run]
    about = {"run": run, "registry": REGISTRY, "trigger": "timer", "mode": "purge"}
    assert nights == [{**about, "repositories": 2}]
    assert len(began(caplog)) == len(app.store.runs)


async def test_not_for_one_that_cannot_begin(app: World, caplog: pytest.LogCaptureFixture) -> None:
    """A registry that cannot be listed has not had its run; that it failed is told as its end."""
    app.registry.fail("repositories", Malformed("odd"), times=None)
    run = await app.start()
    await app.run_to_end()
    assert app.run(run.id).state is RunState.FAILED
    assert began(caplog) == []


async def test_once_after_a_first_try(app: World, caplog: pytest.LogCaptureFixture) -> None:
    """A registry that answers only the second time makes it one beginning, not two."""
    app.registry.fail("repositories", Unavailable("later"))
    await app.start()
    await app.run_to_end()
    assert len(began(caplog)) == 1
