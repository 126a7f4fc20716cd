"""Over HTTP, too: what would be at a later time can be asked, and never carried out."""

import json
from dataclasses import replace

import pytest

from purge_core.errors import InputError
from purge_core.http.about import explain
from purge_core.http.exchange import Answer, Request
from purge_core.http.purges import start
from purge_core.instants import DAY, Instant, format_instant
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode, RunId
from purge_core.records.store_records import RunState
from purge_core.service.applying import NotApplicable, apply_run
from tests.builders import NOW, days, image, repository
from tests.fakes import FakeRegistry
from tests.service_world import REGISTRY, World

POLICY = load_policy(
    "{version: 1, rules: [{repositories: shop, tags: pr-.*, older_than: 7d, allow_empty: true}]}"
)


def world() -> World:
    """Give a registry with an image that goes in two days."""
    shop = repository("shop", image("a", tags=["pr-1"], age=days(6)))
    return World(FakeRegistry(shop, now=NOW), POLICY)


async def asked(app: World, **query: str) -> Answer:
    """Ask why the tag stays or goes."""
    values = {"registry": REGISTRY, "repository": "shop", "tag": "pr-1", **query}
    return await explain(app.service(), Request(query=values))


@pytest.mark.parametrize(
    ("query", "verdict"),
    [({}, "keep"), ({"at": "2026-11-22T12:00:00Z"}, "keep"), ({"at": "2026-11-23"}, "delete")],
)
async def test_explained_as_of_a_later_time(query: dict[str, str], verdict: str) -> None:
    """The age is that of the time that is asked for."""
    answer = await asked(world(), **query)
    assert isinstance(answer.document, dict)
    assert answer.document["tag"]["verdict"] == verdict
    assert answer.document["now"].startswith(query.get("at", "2026-11-21"))


@pytest.mark.parametrize("at", ["2026-11-21", "2026-11-21T12:00:00Z", "soon", "2026-13-01"])
async def test_what_is_no_time_to_come(at: str) -> None:
    """It is told like any other problem of the query."""
    with pytest.raises(InputError) as caught:
        await asked(world(), at=at)
    (problem,) = caught.value.problems
    assert problem.path == "at"
    assert problem.expected.startswith("a time to come")


async def test_a_run_for_later_is_never_applied() -> None:
    """However its record came into being, and whether or not its time has come."""
    app = world()
    run = await app.start(Mode.PLAN)
    app.store.runs[run.id].record = replace(
        app.store.runs[run.id].record, now=Instant(NOW + 3 * DAY)
    )
    await app.run_to_end()
    assert app.run(run.id).state is RunState.PLANNED
    with pytest.raises(NotApplicable, match="a time to come"):
        await apply_run(app.service(), run.id)
    assert app.registry.snapshot("shop") is not None
    assert format_instant(app.run(run.id).now) == "2026-11-24T12:00:00Z"


async def begun(app: World, at: str, **members: str) -> Answer:
    """Ask for a run by the deployed policy."""
    body = {"registry": REGISTRY, "policyName": "default", **members}
    return await start(app.service(), Request(query={"at": at}, body=json.dumps(body).encode()))


async def test_planned_as_of_a_later_time() -> None:
    """What would go is shown, as any plan is; it is never carried out, not even then."""
    app = world()
    answer = await begun(app, "2026-11-23")
    assert isinstance(answer.document, dict)
    run = RunId(answer.document["id"])
    await app.run_to_end()
    (found,) = app.store.runs[run].repositories.values()
    assert (app.run(run).state, found.totals.tags_to_delete) == (RunState.PLANNED, 1)
    assert format_instant(app.run(run).now) == "2026-11-23T00:00:00Z"
    assert app.run(run).created == NOW
    for later in (NOW, Instant(NOW + DAY), app.run(run).now, Instant(NOW + 2 * DAY)):
        app.now = later
        with pytest.raises(NotApplicable, match="a time to come"):
            await apply_run(app.service(), run)
    await app.run_to_end()
    assert app.deleted == []


async def test_a_plan_for_the_next_seconds_is_never_applied() -> None:
    """There is no tolerance: the time of a plan that may be applied is when it was made."""
    app = world()
    answer = await begun(app, "2026-11-21T12:00:01Z")
    assert isinstance(answer.document, dict)
    run = RunId(answer.document["id"])
    await app.run_to_end()
    app.now = Instant(NOW + DAY)
    with pytest.raises(NotApplicable, match="a time to come"):
        await apply_run(app.service(), run)


@pytest.mark.parametrize(
    ("at", "members"), [("2026-11-23", {"mode": "purge"}), ("2026-11-20", {"mode": "plan"})]
)
async def test_a_purge_for_later_is_refused(at: str, members: dict[str, str]) -> None:
    """Nothing is begun: neither a purge for later, nor a plan of what has passed."""
    app = world()
    with pytest.raises(InputError) as caught:
        await begun(app, at, **members)
    assert [problem.path for problem in caught.value.problems] == ["at"]
    assert not app.store.runs
