"""What a host finds in the app."""

from typing import Any

import pytest

from tests.e2e.app.world import World

pytestmark = pytest.mark.xdist_group("app")

ROUTES = {
    "start_purge": ("purges", ["POST"]),
    "apply_run": ("runs/{id}/apply", ["POST"]),
    "list_runs": ("runs", ["GET"]),
    "show_run": ("runs/{id}", ["GET"]),
    "list_repositories": ("runs/{id}/repositories", ["GET"]),
    "show_repository": ("runs/{id}/repositories/{*repository}", ["GET"]),
    "report": ("report", ["GET"]),
    "report_run": ("report/runs/{id}", ["GET"]),
    "report_repository": ("report/runs/{id}/repositories/{*repository}", ["GET"]),
    "report_image": ("report/images", ["GET"]),
    "explain": ("explain", ["GET"]),
    "show_policy": ("policy", ["GET"]),
    "metrics": ("metrics", ["GET"]),
    "openapi": ("openapi.json", ["GET"]),
    "health": ("health", ["GET"]),
}
QUEUES = {"work": "purge-work", "mark_failed": "purge-work-poison"}


@pytest.fixture(scope="module")
def triggers(app: World) -> dict[str, Any]:
    """Return the trigger of every function."""
    listed = app.target.call("GET", "/admin/functions", key=app.target.master_key).json()
    return {
        function["name"]: binding
        for function in listed
        for binding in function["config"]["bindings"]
        if binding["type"].endswith("Trigger")
    }


def test_names(triggers: dict[str, Any]) -> None:
    """Every function is there, and no other."""
    assert triggers.keys() == {"nightly", *QUEUES, *ROUTES}


def test_timer(triggers: dict[str, Any]) -> None:
    """The timer follows the setting and never runs because the app starts."""
    timer = triggers["nightly"]
    assert timer["type"] == "timerTrigger"
    assert timer["schedule"] == "%PURGE_SCHEDULE%"
    assert not timer["runOnStartup"]
    assert timer["useMonitor"] is not False


@pytest.mark.parametrize("name", QUEUES)
def test_queues(triggers: dict[str, Any], name: str) -> None:
    """Work comes from one queue, and what failed again and again from its poison queue."""
    trigger = triggers[name]
    assert (trigger["type"], trigger["queueName"]) == ("queueTrigger", QUEUES[name])
    assert trigger["connection"] == "AzureWebJobsStorage"


@pytest.mark.parametrize("name", ROUTES)
def test_routes(triggers: dict[str, Any], name: str) -> None:
    """Each route has its method and its key; only the health is open to everybody."""
    trigger = triggers[name]
    assert (trigger["route"], trigger["methods"]) == ROUTES[name]
    assert trigger["authLevel"].lower() == ("anonymous" if name == "health" else "function")
