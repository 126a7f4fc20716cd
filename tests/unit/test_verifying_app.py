"""The look back as the last step of the app's purge, by the records of the run."""

from dataclasses import replace
from typing import Any

import pytest

from purge_core.errors import Unavailable
from purge_core.model import Body, Digest, RepositoryName
from purge_core.policies.policy import Policy
from purge_core.records.journal import RunId
from purge_core.records.losses import MOST_KEPT, Bond, Cause, Check
from purge_core.records.sums import is_troubled
from purge_core.service.ports import Service
from tests.fakes import NOW, OCI_INDEX, Call, FakeRegistry
from tests.purges import EVERYTHING, OLD
from tests.service_world import Process, World

SHOP = RepositoryName("shop")


class Verifying(World):
    """An app that is set to look back."""

    def service(self, process: Process | None = None) -> Service:
        """Give the use cases of one process."""
        service = super().service(process)
        return replace(service, options=replace(service.options, verify=True))


def app(registry: FakeRegistry, policy: Policy = EVERYTHING) -> World:
    """Return an app that looks back."""
    return Verifying(registry, policy, now=NOW)


def shop() -> tuple[FakeRegistry, Digest, Digest, Digest]:
    """Return a registry with a young index and an image with a signature, and an old image."""
    registry = FakeRegistry()
    child = registry.push("shop", platform="linux/amd64", at=OLD)
    registry.push("shop", "multi", media_type=OCI_INDEX, body=Body(children=(child,)))
    signed = registry.push("shop", "signed")
    signature = registry.push("shop", body=Body(subject=signed), at=OLD)
    return registry, child, signature, registry.push("shop", "old", at=OLD)


async def run(world: World) -> tuple[RunId, Check | None]:
    """Run a night to its end, and return what is on record of the repository."""
    record = await world.start()
    await world.run_to_end()
    return record.id, world.store.runs[record.id].repositories[SHOP].verified


async def test_nothing_is_lost() -> None:
    """The record says so, and what it cost."""
    registry, *_ = shop()
    _, check = await run(app(registry))
    assert check == Check(SHOP, manifests=4, requests=2)  # the listing, and the index


async def test_without_the_setting_nobody_looks() -> None:
    """It costs requests."""
    registry, *_ = shop()
    _, check = await run(World(registry, EVERYTHING, now=NOW))
    assert check is None


async def test_damage_is_told_apart_by_the_records() -> None:
    """What the run took, what others took meanwhile, and what an earlier run took."""
    registry, child, signature, old = shop()
    earlier = registry.push("shop", "earlier", at=OLD)
    registry.push("shop", "later", at=NOW)
    world = app(registry, replace(EVERYTHING))
    first, _ = await run(world)
    old = registry.push("shop", "again", at=OLD, body=Body())
    registry.push("shop", "ghost", media_type=OCI_INDEX, body=Body(children=(earlier,)))

    def disturb(call: Call) -> None:
        if call.method == "delete_manifest":
            registry.before = None
            registry.push("shop", "late", media_type=OCI_INDEX, body=Body(children=(old,)))
            registry.remove("shop", child)
            registry.remove("shop", signature)

    registry.before = disturb
    second, check = await run(world)
    assert check is not None
    assert {(x.bond, x.missing): (x.cause, x.run) for x in check.losses} == {
        (Bond.CHILD, old): (Cause.THIS_RUN, second),
        (Bond.CHILD, earlier): (Cause.ANOTHER_RUN, first),
        (Bond.CHILD, child): (Cause.OTHERS, None),
        (Bond.REFERRER, signature): (Cause.OTHERS, None),
    }
    assert is_troubled(world.store.runs[second].repositories[SHOP])


@pytest.mark.parametrize("method", ["manifests", "exists"])
async def test_a_registry_that_does_not_answer_is_what_was_found(method: str) -> None:
    """The purge was done: the run ends, and its record says that nobody could look."""
    registry, *_ = shop()
    ghost = Digest("sha256:" + "0" * 64)
    registry.push("shop", "ghost", media_type=OCI_INDEX, body=Body(children=(ghost,)))
    world = app(registry)

    def disturb(call: Call) -> None:
        if call.method == "delete_manifest":
            registry.fail(method, Unavailable("no answer"), times=None)

    registry.before = disturb
    run_id, check = await run(world)
    assert check is not None
    assert check.is_trouble
    assert is_troubled(world.store.runs[run_id].repositories[SHOP])


async def test_a_repository_of_ghosts_asks_the_records_in_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Losses are named one by one, after the time of the message, too: only those that are kept."""
    registry, *_ = shop()
    ghosts = tuple(Digest(f"sha256:{number:064}") for number in range(3 * MOST_KEPT))
    registry.push("shop", "ghosts", media_type=OCI_INDEX, body=Body(children=ghosts))
    world = app(registry)
    asked, history = [], world.store.history

    async def counted(*where: Any, **how: Any) -> Any:  # noqa: ANN401 - passed on
        asked.append(where)
        return await history(*where, **how)

    monkeypatch.setattr(world.store, "history", counted)
    _, check = await run(world)
    assert check is not None
    assert (len(check.losses), check.more) == (MOST_KEPT, 2 * MOST_KEPT)
    assert len(asked) == MOST_KEPT
