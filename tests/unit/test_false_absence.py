"""One answer that something is not there is not enough where more depends on it."""

import pytest

from purge_core.errors import AccessDenied, NotFound, Unavailable
from purge_core.model import OPEN, Body, Digest, Lock, RepositoryName, TagName
from purge_core.records.outcomes import Outcome
from tests.builders import DELETE_LOCKED, OCI_INDEX
from tests.fakes import Call, FakeRegistry
from tests.purges import LOCKED_TOO, OLD, Purge

GONE = NotFound("404")
SHOP = RepositoryName("shop")
LOCKED = Lock(delete_enabled=False, write_enabled=False)


@pytest.fixture
def registry() -> FakeRegistry:
    """Give a registry with an old index and its one child."""
    registry = FakeRegistry()
    child = registry.push("shop", at=OLD)
    registry.push("shop", "v1", media_type=OCI_INDEX, body=Body((child,)), at=OLD)
    return registry


def index_and_child(registry: FakeRegistry) -> tuple[Digest, Digest]:
    """Give the digests."""
    bodies = registry.repos[SHOP].bodies
    (index,) = (digest for digest, body in bodies.items() if body != Body())
    (child,) = bodies.keys() - {index}
    return index, child


async def test_an_index_that_is_said_to_be_gone_is_deleted_before_its_child(
    registry: FakeRegistry,
) -> None:
    """A wrong 404 to its deletion would leave it there, without what it lists."""
    index, child = index_and_child(registry)
    purge = Purge(registry)
    await purge.plan()
    registry.fail("delete_manifest", GONE, target=index)
    outcomes = await purge.all()
    assert {end.outcome for end in outcomes.values()} == {Outcome.DELETED}
    sent = [call.target for call in registry.calls if call.method == "delete_manifest"]
    assert sent == [index, index, child]


async def test_an_index_that_is_gone_indeed_costs_one_read(registry: FakeRegistry) -> None:
    """Somebody deleted it between the verifying read and our deletion."""
    index, _ = index_and_child(registry)
    purge = Purge(registry)
    await purge.plan()

    def rival(call: Call) -> None:
        if call.target == index and index in registry.repos[SHOP].manifests:
            registry.remove("shop", index)

    registry.before = rival
    outcomes = await purge.all()
    assert [end.outcome for end in outcomes.values()] == [Outcome.ALREADY_GONE, Outcome.DELETED]
    assert sum(call.method == "exists" for call in registry.calls) == 1


async def test_an_opened_tag_that_is_said_to_be_gone_does_not_stay_open() -> None:
    """It is looked for, and goes; else its lock would have been left open."""
    registry = FakeRegistry()
    kept = registry.push("shop", "young")
    registry.tag("shop", "v1", kept, at=OLD, lock=DELETE_LOCKED)
    purge = Purge(registry, LOCKED_TOO)
    await purge.plan()
    registry.fail("delete_tag", GONE, times=None)
    (end,) = (await purge.all()).values()
    assert end.outcome is Outcome.FAILED
    assert registry.repos[SHOP].tags[TagName("v1")].lock == DELETE_LOCKED
    registry.faults.clear()
    await purge.plan()
    (end,) = (await purge.all()).values()
    assert end.outcome is Outcome.DELETED
    assert registry.repos[SHOP].tags[TagName("young")].lock == OPEN


async def test_a_new_index_that_is_said_to_be_gone_protects_what_it_lists(
    registry: FakeRegistry,
) -> None:
    """It was listed a moment ago: it is listed and read once more."""
    _, child = index_and_child(registry)
    purge = Purge(registry)
    await purge.plan()
    namer = registry.push("shop", media_type=OCI_INDEX, body=Body((child,)))
    registry.fail("body", GONE, target=namer)
    outcomes = await purge.all()
    assert outcomes[child].outcome is Outcome.SKIPPED_CHANGED
    assert namer in outcomes[child].detail


@pytest.fixture
def locked() -> FakeRegistry:
    """Give a registry with an old index and its one child, both locked."""
    registry = FakeRegistry()
    child = registry.push("shop", at=OLD, lock=LOCKED)
    registry.push("shop", "v1", media_type=OCI_INDEX, body=Body((child,)), at=OLD, lock=LOCKED)
    return registry


async def test_a_locked_index_that_is_said_to_be_gone_is_deleted_before_its_child(
    locked: FakeRegistry,
) -> None:
    """The answer to its unlock is not believed either."""
    index, child = index_and_child(locked)
    purge = Purge(locked, LOCKED_TOO)
    await purge.plan()
    locked.fail("lock_manifest", GONE, target=index)
    outcomes = await purge.all()
    assert {end.outcome for end in outcomes.values()} == {Outcome.DELETED}
    sent = [call.target for call in locked.calls if call.method == "delete_manifest"]
    assert sent == [index, child]


async def test_a_locked_index_that_cannot_be_told_from_a_gone_one_keeps_its_child(
    locked: FakeRegistry,
) -> None:
    """It is asked for a few times, and then left as it is."""
    index, child = index_and_child(locked)
    purge = Purge(locked, LOCKED_TOO)
    await purge.plan()
    locked.fail("lock_manifest", GONE, target=index, times=None)
    outcomes = await purge.all()
    assert outcomes[index].outcome is Outcome.FAILED
    assert "is said to be gone, and is there" in outcomes[index].detail
    assert outcomes[child].outcome is Outcome.SKIPPED_CHANGED
    assert {m.lock for m in locked.repos[SHOP].manifests.values()} == {LOCKED}


@pytest.mark.parametrize("wrong", [1, None])
async def test_what_is_said_to_be_gone_when_it_is_locked_again(
    locked: FakeRegistry, wrong: int | None
) -> None:
    """It is locked after one such answer; after ever more of them, somebody is told."""
    index, _ = index_and_child(locked)
    purge = Purge(locked, LOCKED_TOO)
    await purge.plan()

    def refuse(call: Call) -> None:
        if call.method == "delete_manifest":
            locked.fail("lock_manifest", GONE, target=index, times=wrong)

    locked.before = refuse
    locked.fail("delete_manifest", AccessDenied("401"), times=None)
    end = (await purge.all())[index]
    assert end.outcome is Outcome.DENIED
    assert (locked.repos[SHOP].manifests[index].lock == LOCKED) == (wrong == 1)
    assert ("could not be locked again" in end.detail) == (wrong is None)


async def test_a_repository_that_is_said_to_be_gone_leaves_no_lock_open() -> None:
    """Its listing is not found while the deletion of an opened tag waits for a second try."""
    registry = FakeRegistry()
    kept = registry.push("shop", "young")
    registry.tag("shop", "v1", kept, at=OLD, lock=DELETE_LOCKED)
    purge = Purge(registry, LOCKED_TOO)
    await purge.plan()
    registry.fail("delete_tag", Unavailable("500"))

    def vanish(call: Call) -> None:
        if call.method == "delete_tag":
            registry.fail("tags_since", GONE, times=None)
            registry.fail("manifests_since", GONE, times=None)

    registry.before = vanish
    (end,) = (await purge.all()).values()
    assert end.outcome is Outcome.FAILED
    assert "could not be confirmed" in end.detail
    assert registry.repos[SHOP].tags[TagName("v1")].lock == DELETE_LOCKED


async def test_a_repository_that_is_said_to_be_gone_for_a_moment_keeps_what_an_index_lists(
    registry: FakeRegistry,
) -> None:
    """The index is looked for before its child may go, though two listings have not found it."""
    index, child = index_and_child(registry)
    purge = Purge(registry)
    await purge.plan()
    registry.fail("delete_manifest", Unavailable("500"), target=index)

    def vanish(call: Call) -> None:
        if call.method == "delete_manifest":
            registry.fail("tags_since", GONE)
            registry.fail("manifests_since", GONE)
        if call.target == index and call.method == "exists":
            purge.clock.now += 1.5

    registry.before = vanish
    outcomes = await purge.all()
    assert outcomes[index].outcome is Outcome.FAILED
    assert outcomes[child].outcome is not Outcome.DELETED
    assert child in registry.repos[SHOP].manifests


async def test_one_404_after_a_lost_answer_lets_no_child_go(registry: FakeRegistry) -> None:
    """The deletion of the index did nothing, and the look at it is answered wrongly once."""
    index, _ = index_and_child(registry)
    purge = Purge(registry)
    await purge.plan()
    registry.fail("delete_manifest", Unavailable("reset"), target=index)
    registry.fail("exists", GONE, target=index)
    outcomes = await purge.all()
    assert {end.outcome for end in outcomes.values()} == {Outcome.DELETED}
    sent = [call.target for call in registry.calls if call.method == "delete_manifest"]
    assert sent[:2] == [index, index]


async def test_what_is_pushed_after_a_404_is_looked_at_before_it_is_deleted_again() -> None:
    """A rival deletes it, and pushes it anew with a tag: what was verified is gone."""
    registry = FakeRegistry()
    registry.push("shop", "young")
    image = registry.push("shop", at=OLD)
    purge = Purge(registry)
    await purge.plan()

    def rival(call: Call) -> None:
        if call.method == "delete_manifest":
            registry.remove("shop", image)
        if call.method == "exists":
            registry.push("shop", "release", digest=image)

    registry.before = rival
    (end,) = (await purge.all()).values()
    assert end.outcome is Outcome.SKIPPED_CHANGED
    assert TagName("release") in registry.repos[SHOP].tags


@pytest.mark.parametrize("answer", ["404", "none"])
async def test_a_new_tag_does_not_inherit_the_lock_that_was_opened(answer: str) -> None:
    """The old one was deleted, by a rival or by a request without an answer; then CI pushes."""
    registry = FakeRegistry()
    kept = registry.push("shop", "young")
    other = registry.push("shop", "younger")
    registry.tag("shop", "v1", kept, at=OLD, lock=DELETE_LOCKED)
    purge = Purge(registry, LOCKED_TOO)
    await purge.plan()
    if answer == "none":
        registry.fail("delete_tag", Unavailable("reset"), lost_answer=True)

    def rival(call: Call) -> None:
        if answer == "404" and call.method == "delete_tag":
            registry.remove("shop", "v1")
        gone = TagName("v1") not in registry.repos[SHOP].tags
        if gone and call.method in {"has_tag", "tags_since"}:
            registry.tag("shop", "v1", other)

    registry.before = rival
    (end,) = (await purge.all()).values()
    assert not end.outcome.is_gone
    assert "its lock was not set again" in end.detail
    assert registry.repos[SHOP].tags[TagName("v1")].lock == OPEN


@pytest.mark.parametrize("look", [Unavailable("500"), Unavailable("429", retry_after=1.0)])
async def test_looking_for_what_is_said_to_be_gone_is_bounded(look: Unavailable) -> None:
    """Every unlock says so, and no look is answered: docs/faults.md says how many are sent."""
    registry = FakeRegistry()
    kept = registry.push("shop", "young")
    registry.tag("shop", "v1", kept, at=OLD, lock=DELETE_LOCKED)
    purge = Purge(registry, LOCKED_TOO)
    await purge.plan()
    before = len(registry.calls)
    registry.fail("lock_tag", GONE, times=None)
    registry.fail("has_tag", look, times=None)
    (end,) = (await purge.all()).values()
    assert end.outcome is Outcome.FAILED
    assert "locked again" not in end.detail
    assert len(registry.calls) - before <= 45
