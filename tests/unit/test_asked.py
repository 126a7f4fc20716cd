"""Runs that are asked for: what the app's owner wants protected and limited holds for them too."""

from dataclasses import replace
from typing import Any

import pytest

from purge_core.errors import InputError
from purge_core.instants import DAY, Span
from purge_core.model import RepositoryName
from purge_core.policies.policy import Limits, UsedList
from purge_core.policies.source import load_policy
from purge_core.records.journal import Mode
from purge_core.records.store_records import RunRecord, RunState
from purge_core.service.asking import Asked, accepted_registry, start_asked, wait_for
from purge_core.service.orders import guarded, read_task
from tests.builders import NOW, image, repository
from tests.fakes import FakeRegistry
from tests.service_world import REGISTRY, World

DEPLOYED = """
version: 1
rules: [{repositories: ".*", tags: "pr-.*", older_than: 3d}]
protect: [{name: what runs, tags: "latest", repositories: ".*"}]
limits: {max_deletions: 4, max_delete_share: 0.9}
"""
ALL: dict[str, Any] = {
    "version": 1,
    "rules": [{"repositories": ".*", "tags": ".*", "older_than": "30d", "allow_empty": True}],
    "limits": {"max_deletions": 1000, "max_delete_share": 1},
}
LINE = "acr purge --filter '.*:.*' --ago 1d"


def world(*tags: str) -> World:
    """Return a world whose repository has an old image per tag."""
    shop = repository("shop", *(image(name, tags=[name]) for name in tags))
    return World(FakeRegistry(shop, now=NOW), load_policy(DEPLOYED))


async def carried_out(app: World, **asked: Any) -> RunRecord:  # noqa: ANN401 - any member
    """Ask for a run, and let it come to its end."""
    run = await start_asked(
        app.service(), Asked(**{"registry": REGISTRY, "mode": Mode.PURGE, **asked})
    )
    await app.run_to_end()
    return app.run(run.id)


@pytest.mark.parametrize("asked", [{"document": ALL}, {"command": LINE}])
async def test_deployed_protection_holds(asked: dict[str, Any]) -> None:
    """What the deployed policy protects stays, whatever the request says."""
    app = world("v1", "latest")
    assert (await carried_out(app, **asked)).state is RunState.DONE
    assert set(app.registry.repos[RepositoryName("shop")].tags) == {"latest"}


@pytest.mark.parametrize("asked", [{"document": ALL}, {"command": LINE}])
async def test_deployed_limit_of_a_run_holds(asked: dict[str, Any]) -> None:
    """A request cannot raise the limit, and a line has none of its own."""
    app = world("v1", "v2", "v3", "v4", "v5", "latest")
    run = await carried_out(app, **asked)
    assert run.state is RunState.HELD
    assert (run.held and run.held.limit) == 4
    assert app.deleted == []


@pytest.mark.parametrize("asked", [{"document": ALL}, {"command": LINE}])
async def test_deployed_limit_of_a_repository_holds(asked: dict[str, Any]) -> None:
    """The share of a repository that may go is the owner's."""
    app = world(*(f"v{number}" for number in range(20)))
    app.policy = replace(app.policy, limits=Limits(1000, 0.9))
    run = await carried_out(app, **asked)
    assert run.state is RunState.DONE
    assert app.deleted == []
    (found,) = app.store.runs[run.id].repositories.values()
    assert [refusal.code for refusal in found.refusals] == ["share-exceeded"]


def test_the_stricter_limit_holds() -> None:
    """Of two limits each the smaller; a request may be stricter than the owner."""
    deployed = replace(load_policy(DEPLOYED), limits=Limits(100, 0.5))
    for wanted, holds in (
        (Limits(10, 0.9), Limits(10, 0.5)),
        (Limits(1000, 0.1), Limits(100, 0.1)),
        (None, Limits(100, 0.5)),
    ):
        assert guarded(replace(deployed, limits=wanted), deployed).limits == holds
    free = replace(deployed, limits=None)
    assert guarded(deployed, free).limits == Limits(100, 0.5)
    assert guarded(free, free).limits is None


def test_two_protections_of_one_name_are_told_apart() -> None:
    """The owner's is called so; one that is the same stands there once."""
    deployed = load_policy(DEPLOYED)
    other = load_policy(DEPLOYED.replace("latest", "stable"))
    assert [p.name for p in guarded(other, deployed).protect] == [
        "what runs",
        "what runs (deployed)",
    ]
    assert guarded(deployed, deployed).protect == deployed.protect


def test_who_asks_does_not_choose_what_the_app_reads() -> None:
    """Lists of images in use are the owner's: others are refused, and theirs always hold."""
    used = UsedList("https://example.com/in-use.txt?sig=c2VjcmV0", Span(DAY))
    deployed = replace(load_policy(DEPLOYED), in_use=(used,))
    assert guarded(load_policy("{version: 1}"), deployed).in_use == (used,)
    assert guarded(deployed, deployed).in_use == (used,)
    for source in ("http://169.254.169.254/token", "/etc/passwd", used.source):
        stranger = replace(deployed, in_use=(UsedList(source, Span(2 * DAY)),))
        with pytest.raises(InputError, match=r"policy\.protect") as caught:
            guarded(stranger, deployed)
        assert "c2VjcmV0" not in str(caught.value)


async def test_dry_run_in_a_line_wins() -> None:
    """A line that says so deletes nothing."""
    app = world("v1", "latest")
    run = await carried_out(app, command=f"{LINE} --dry-run")
    assert (run.mode, run.state) == (Mode.PLAN, RunState.PLANNED)
    assert app.deleted == []


async def test_the_run_keeps_the_policy_it_was_asked_by() -> None:
    """What is deployed later does not reach a run that has begun."""
    app = world("v1", "latest")
    run = await start_asked(app.service(), Asked(registry=REGISTRY, mode=Mode.PURGE, document=ALL))
    app.policy = load_policy("{version: 1}")
    await app.run_to_end()
    assert [p.name for p in read_task(run.policy).policy.protect] == ["what runs"]
    assert set(app.registry.repos[RepositoryName("shop")].tags) == {"latest"}


@pytest.mark.parametrize("name", ["evil.example.com", "other.azurecr.io", ""])
async def test_only_the_apps_registries(name: str) -> None:
    """Any other is refused before anything is asked or remembered, with all other problems."""
    app = world("v1")
    with pytest.raises(InputError) as caught:
        await carried_out(app, registry=name, command="acr purge --ago x --filter a:b")
    assert [problem.path for problem in caught.value.problems] == ["registry", "command: --ago"]
    assert app.store.runs == {}
    with pytest.raises(InputError, match="repository"):
        accepted_registry(app.service(), name, "repository")


async def test_waiting_ends_with_the_run_or_the_time() -> None:
    """Who waits gets the run as soon as nobody works on it, and in any case in time."""
    app = world("v1")
    service = app.service()
    run = await start_asked(service, Asked(registry=REGISTRY, mode=Mode.PLAN, command=LINE))
    assert (await wait_for(service, run, 0)).state is RunState.QUEUED
    assert (await wait_for(service, run, 0.01)).state is RunState.QUEUED
    await app.run_to_end()
    assert (await wait_for(service, run, 60)).state is RunState.PLANNED
