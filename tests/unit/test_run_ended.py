"""One line in the log for each end of a run: what the alerts count."""

import json

import pytest

from purge_core.errors import AccessDenied, Malformed
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode
from purge_core.service.applying import apply_run
from purge_core.service.lines import RUN_ENDED
from tests.builders import NOW, image, repository
from tests.fakes import FakeRegistry
from tests.service_world import REGISTRY, World

RULES = """
version: 1
rules: [{repositories: ".*", tags: "pr-.*", older_than: 3d, allow_empty: true}]
untagged: {older_than: 3d}
limits: {max_deletions: 4, max_delete_share: 1}
"""
NO_ROLE = AccessDenied("AcrDelete is missing")


def world(*tags: str, mode: Mode = Mode.PURGE) -> World:
    """Return a world whose repository has an old image per tag."""
    shop = repository("shop", *(image(name, tags=[name]) for name in tags))
    return World(FakeRegistry(shop, now=NOW), load_policy(RULES), mode=mode)


def ends(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    """Return what the lines say, without the run."""
    said = [record.getMessage() for record in caplog.records]
    found = [json.loads(text.removeprefix(RUN_ENDED)) for text in said if RUN_ENDED in text]
    return [{name: value for name, value in each.items() if name != "run"} for each in found]


def end(state: str, *, mode: str = "purge", troubled: int = 0) -> dict[str, object]:
    """Return what one line says, without the run."""
    about = {"registry": REGISTRY, "trigger": "http", "mode": mode}
    return {**about, "state": state, "troubled": troubled}


@pytest.fixture(autouse=True)
def _listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="purge_core.service.ending")


async def test_purge(caplog: pytest.LogCaptureFixture) -> None:
    """A run that was carried out says so once, however often its gate comes back."""
    app = world("pr-1", "pr-2")
    run = await app.start()
    await app.run_to_end()
    assert ends(caplog) == [end("done")]
    assert json.loads(caplog.messages[0].split(" ", 1)[1])["run"] == run.id


async def test_plan_and_its_application(caplog: pytest.LogCaptureFixture) -> None:
    """A plan is an end; carrying it out is another one."""
    app = world("pr-1", mode=Mode.PLAN)
    run = await app.start()
    await app.run_to_end()
    await apply_run(app.service(), run.id)
    await app.run_to_end()
    assert ends(caplog) == [end("planned", mode="plan"), end("done", mode="plan")]


async def test_held(caplog: pytest.LogCaptureFixture) -> None:
    """A run over its limit has come to an end, until somebody applies it."""
    app = world("pr-1", "pr-2", "pr-3")
    await app.start()
    await app.run_to_end()
    assert ends(caplog) == [end("held")]


@pytest.mark.parametrize("method", ["delete_manifest", "tags"])
async def test_trouble_in_a_repository(method: str, caplog: pytest.LogCaptureFixture) -> None:
    """A run tells how many repositories somebody should look at, for denied steps too."""
    app = world("pr-1")
    app.registry.fail(method, NO_ROLE, times=None)
    await app.start()
    await app.run_to_end()
    assert ends(caplog) == [end("done", troubled=1)]


async def test_failed(caplog: pytest.LogCaptureFixture) -> None:
    """A run that cannot even list repositories says that it failed."""
    app = world("pr-1")
    app.registry.fail("repositories", Malformed("odd"), times=None)
    await app.start()
    await app.run_to_end()
    assert ends(caplog) == [end("failed")]
