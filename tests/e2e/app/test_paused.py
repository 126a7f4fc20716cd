"""A paused deployment: its settings stop the app, and nothing is lost by that."""

from pathlib import Path

from infra_check.bicep.deployment import deploy
from infra_check.deployed import Findings, settings_of
from infra_check.scenarios import SCENARIOS
from tests.e2e.app.world import ROOT, images, running, settings, start_host


def switches() -> dict[str, str]:
    """Return the settings by which a paused deployment stops its app."""
    (scenario,) = (each for each in SCENARIOS if each.paused)
    deployed = deploy(ROOT / "infra" / "main.bicep", scenario.parameters, Findings())
    (site,) = deployed.of("Microsoft.Web/sites")
    return {n: str(v) for n, v in settings_of(site).items() if n.endswith(".Disabled")}


def test_work_waits_and_goes_on(tmp_path: Path) -> None:
    """Neither the timer nor the work is there; what was asked for is done after the pause."""
    purging = {"PURGE_MODE": "purge"}
    with running(tmp_path, {**purging, **switches()}) as app:
        there = {row["name"] for row in app.hosts[0].ready.functions}
        assert "start_purge" in there
        assert there.isdisjoint({"nightly", "work"})
        app.seed(images("shop", 2))
        reply = app.purge(mode="purge")
        assert reply.status == 202
        run = reply.json()["id"]
        assert app.run(run)["state"] == "queued"
        assert app.deletes() == []
        env = settings(app.target.storage, app.served, **purging)
        with start_host(tmp_path / "after", env, ()):
            assert app.ended(run)["state"] == "done"
        assert app.tags("shop") == {"v0", "latest"}
