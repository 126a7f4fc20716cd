"""How single steps end, and what is sent for them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from purge_core.errors import AccessDenied, Malformed, NotSent, RegistryError, Unavailable
from purge_core.model import Body, Digest, Lock, RepositoryName, TagName
from purge_core.policies.policy import Policy
from purge_core.records.outcomes import Outcome
from purge_core.registry import Deletion
from tests.fakes import OCI_INDEX, Call, FakeRegistry
from tests.purges import EVERYTHING, LOCKED_TOO, OLD, Purge

SHOP = RepositoryName("shop")
CLOSED = Lock(delete_enabled=False)


async def planned(
    registry: FakeRegistry, policy: Policy = EVERYTHING, *, concurrency: int = 16
) -> Purge:
    """Plan a purge in peace."""
    purge = Purge(registry, policy, concurrency=concurrency)
    await purge.plan()
    return purge


def sent(registry: FakeRegistry) -> Counter[str]:
    """Count the requests by method."""
    return Counter(call.method for call in registry.calls)


def lock(registry: FakeRegistry, digest: Digest) -> None:
    """Lock a manifest, as somebody else would."""
    manifests = registry.repos[SHOP].manifests
    manifests[digest] = replace(manifests[digest], lock=CLOSED)


def during(registry: FakeRegistry, method: str, change: Callable[[], object]) -> None:
    """Have ``change`` happen once, right before the first such request is answered."""
    left = [change]

    def happen(call: Call) -> None:
        if call.method == method and left:
            left.pop()()

    registry.before = happen


async def test_a_hundred_images_cost_a_hundred_deletes_and_two_reads() -> None:
    """Three tags go with each image, and verification is shared by all steps."""
    registry = FakeRegistry()
    for number in range(100):
        registry.push("shop", *(f"{letter}{number}" for letter in "abc"), at=OLD)
    purge = await planned(registry)
    outcomes = await purge.all()
    assert Counter(end.outcome for end in outcomes.values()) == {Outcome.DELETED: 100}
    assert sent(registry) == {"tags_since": 1, "manifests_since": 1, "delete_manifest": 100}
    assert registry.peak == 16


async def test_a_view_is_read_again_every_two_seconds() -> None:
    """At 20 deletes a second, 100 deletes take three pairs of reads."""
    registry = FakeRegistry()
    for number in range(100):
        registry.push("shop", f"a{number}", at=OLD)
    purge = await planned(registry, concurrency=1)

    def tick(call: Call) -> None:
        purge.clock.now += 0.05 if call.method == "delete_manifest" else 0.0

    registry.before = tick
    await purge.carry_out()
    assert sent(registry) == {"tags_since": 3, "manifests_since": 3, "delete_manifest": 100}


async def test_repositories_share_one_bound() -> None:
    """However many repositories there are, no more requests are under way than allowed."""
    registry = FakeRegistry()
    for number in range(60):
        registry.push(f"shop-{number % 6}", f"a{number}", at=OLD)
    purge = await planned(registry, concurrency=5)
    outcomes = await purge.all()
    assert registry.peak == 5
    assert {end.outcome for end in outcomes.values()} == {Outcome.DELETED}


async def test_a_tag_that_moved_in_the_last_moment_is_told_with_both_digests() -> None:
    """The registry has no conditional delete; what it answers is compared."""
    registry = FakeRegistry()
    kept = registry.push("shop", "young")
    registry.tag("shop", "old", kept, at=OLD)
    other = registry.push("shop", "other")
    purge = await planned(registry)
    during(registry, "delete_tag", lambda: registry.tag("shop", "old", other))
    (end,) = (await purge.all()).values()
    assert end.outcome is Outcome.HAD_MOVED
    assert kept in end.detail
    assert other in end.detail


@pytest.mark.parametrize(
    ("error", "outcome", "requests"),
    [
        (AccessDenied("insufficient_scope"), Outcome.DENIED, 1),
        (Malformed("garbage"), Outcome.FAILED, 1),
        (Unavailable("down", status=429), Outcome.FAILED, 4),
        (Unavailable("down", status=503), Outcome.FAILED, 4),
    ],
)
async def test_an_error_stays_with_its_step(
    error: RegistryError, outcome: Outcome, requests: int
) -> None:
    """The step tells the error, no other step suffers, and requests are bounded."""
    registry = FakeRegistry()
    bad = registry.push("bad", "v1", at=OLD)
    good = registry.push("good", "v1", at=OLD)
    purge = await planned(registry)
    registry.fail("delete_manifest", error, target=bad, times=None)
    outcomes = await purge.all()
    assert outcomes[bad].outcome is outcome
    assert str(error) in outcomes[bad].detail
    assert outcomes[good].outcome is Outcome.DELETED
    assert registry.calls.count(Call("delete_manifest", "bad", bad)) == requests


async def test_one_server_error_is_repeated_after_a_new_verification() -> None:
    """A retry costs under two seconds, and nothing is sent again unverified."""
    registry = FakeRegistry()
    registry.push("shop", "v1", at=OLD)
    purge = await planned(registry)
    registry.fail("delete_manifest", Unavailable("down", status=500))
    (end,) = (await purge.all()).values()
    assert end.outcome is Outcome.DELETED
    assert sum(purge.clock.sleeps) < 2
    methods = [call.method for call in registry.calls]
    pair = ["tags_since", "manifests_since"]
    assert methods == [*pair, "delete_manifest", "exists", *pair, "delete_manifest"]


async def test_what_was_not_sent_in_time_is_verified_and_sent_again() -> None:
    """Nothing can have been deleted, so nobody asks what became of it."""
    registry = FakeRegistry()
    registry.push("shop", "v1", at=OLD)
    purge = await planned(registry)
    registry.fail("delete_manifest", NotSent("late"))
    (end,) = (await purge.all()).values()
    assert (end.outcome, end.detail) == (Outcome.DELETED, "")
    assert sent(registry)["exists"] == 0


async def test_a_lost_answer_is_not_claimed_as_a_deletion() -> None:
    """Gone after a delete without an answer: perhaps by this run, which is all that is known."""
    registry = FakeRegistry()
    registry.push("shop", "v1", at=OLD)
    registry.push("shop", "young")
    purge = await planned(registry)
    registry.fail("delete_manifest", Unavailable("reset"), lost_answer=True)
    (end,) = (await purge.all()).values()
    assert end.outcome is Outcome.ALREADY_GONE
    assert "perhaps by this run" in end.detail
    assert sent(registry)["delete_manifest"] == 1


async def test_what_changed_after_a_lost_answer_is_a_failure_not_a_skip() -> None:
    """A step for which something was sent never says that nothing was."""
    registry = FakeRegistry()
    young = registry.push("shop", "young")
    registry.tag("shop", "old", young, at=OLD)
    purge = await planned(registry)
    registry.fail("delete_tag", Unavailable("reset"))
    during(registry, "delete_tag", lambda: registry.tag("shop", "old", young))
    (end,) = (await purge.all()).values()
    assert end.outcome is Outcome.FAILED
    assert end.detail == "reset; then: it was pushed again"


async def test_what_nobody_may_look_at_after_a_lost_answer_is_a_failure_not_a_refusal() -> None:
    """The deletion was carried out: to call it denied would say that it was not."""
    registry = FakeRegistry()
    young = registry.push("shop", "young")
    registry.tag("shop", "old", young, at=OLD)
    purge = await planned(registry)
    registry.fail("delete_tag", Unavailable("reset"), lost_answer=True)
    during(registry, "delete_tag", lambda: registry.fail("tags_since", AccessDenied("401")))
    (end,) = (await purge.all()).values()
    assert end.outcome is Outcome.FAILED
    assert end.detail == "reset; then: not verified: 401"


async def test_what_is_locked_after_a_lost_answer_is_a_failure_and_says_so() -> None:
    """Somebody may have restored it, locked; or the first deletion was never carried out."""
    registry = FakeRegistry()
    young = registry.push("shop", "young")
    registry.tag("shop", "old", young, at=OLD)
    purge = await planned(registry)
    registry.fail("delete_tag", Unavailable("reset"))

    def lock_before_the_second(call: Call) -> None:
        if sent(registry)["delete_tag"] == 2 and call.method == "delete_tag":
            registry.tag("shop", "old", young, at=OLD, lock=CLOSED)

    registry.before = lock_before_the_second
    (end,) = (await purge.all()).values()
    assert (end.outcome, end.detail) == (Outcome.FAILED, "reset; then: locked")


async def test_a_long_wait_pauses_every_repository_and_fails_nothing() -> None:
    """Retry-After of 30 seconds holds the run up, ten times in a row if need be."""
    registry = FakeRegistry()
    for number in range(8):
        registry.push(f"shop-{number % 2}", f"v{number}", at=OLD)
    purge = await planned(registry, concurrency=4)
    registry.fail("delete_manifest", Unavailable("busy", status=429, retry_after=30.0), times=10)
    outcomes = await purge.all()
    assert {end.outcome for end in outcomes.values()} == {Outcome.DELETED}
    assert purge.clock.now >= 30.0


async def test_what_was_denied_once_is_not_asked_for_again_and_again() -> None:
    """The remaining steps of the repository say that nothing was sent for them, and why."""
    registry = FakeRegistry()
    for number in range(50):
        registry.push("shop", f"v{number}", at=OLD)
    purge = await planned(registry, concurrency=2)
    registry.fail("delete_manifest", AccessDenied("insufficient_scope"), times=None)
    outcomes = await purge.all()
    assert {end.outcome for end in outcomes.values()} == {Outcome.DENIED}
    assert sent(registry)["delete_manifest"] <= 2
    unsent = [end.detail for end in outcomes.values() if end.detail.startswith("not sent")]
    assert len(unsent) >= 48
    assert all("insufficient_scope" in detail for detail in unsent)


async def test_a_registry_that_does_not_answer_is_left_alone() -> None:
    """Hundreds of steps do not become thousands of requests to a registry that is down."""
    registry = FakeRegistry()
    for number in range(300):
        registry.push("shop", f"v{number}", at=OLD)
    purge = await planned(registry, concurrency=4)
    registry.fail("tags_since", Unavailable("down", status=503), times=None)
    outcomes = await purge.all()
    assert {end.outcome for end in outcomes.values()} == {Outcome.FAILED}
    assert sent(registry)["delete_manifest"] == 0
    assert len(registry.calls) <= 17  # the first time both listings are asked for at once


async def test_a_repository_that_vanished_needs_no_deletes() -> None:
    """Everything in it is already gone."""
    registry = FakeRegistry()
    registry.push("shop", "v1", "v2", at=OLD)
    purge = await planned(registry)
    del registry.repos[SHOP]
    assert {end.outcome for end in (await purge.all()).values()} == {Outcome.ALREADY_GONE}
    assert sent(registry) == {"tags_since": 1, "manifests_since": 1}


async def test_a_locked_item_is_told() -> None:
    """405 is an outcome of its own; the lock is nobody's mistake."""
    registry = FakeRegistry(page=1)
    image = registry.push("shop", "v1", at=OLD)
    registry.push("shop", "young")
    purge = await planned(registry)
    during(registry, "delete_manifest", lambda: lock(registry, image))
    assert (await purge.all())[image].outcome is Outcome.LOCKED


async def test_a_lock_is_opened_for_its_own_delete_only() -> None:
    """Verified first, then unlocked, then deleted: tag and manifest each by themselves."""
    registry = FakeRegistry()
    image = registry.push("shop", at=OLD, lock=CLOSED)
    registry.tag("shop", "v1", image, at=OLD, lock=CLOSED)
    purge = await planned(registry, LOCKED_TOO)
    outcomes = await purge.all()
    assert {end.outcome for end in outcomes.values()} == {Outcome.DELETED}
    methods = [call.method for call in registry.calls if "since" not in call.method]
    assert methods == ["lock_tag", "delete_tag", "lock_manifest", "delete_manifest"]


@pytest.mark.parametrize("error", [AccessDenied("no"), Malformed("odd"), Unavailable("down")])
async def test_a_lock_is_closed_again_when_the_delete_fails(error: RegistryError) -> None:
    """What was not deleted is locked as it was before."""
    registry = FakeRegistry()
    image = registry.push("shop", "v1", at=OLD, lock=CLOSED)
    purge = await planned(registry, LOCKED_TOO)
    registry.fail("delete_manifest", error, times=None)
    end = (await purge.all())[image]
    assert not end.outcome.is_gone
    assert registry.repos[SHOP].manifests[image].lock == CLOSED


async def test_a_lock_that_stays_open_is_told() -> None:
    """Somebody has to know that an item is not locked any more."""
    registry = FakeRegistry()
    image = registry.push("shop", "v1", at=OLD, lock=CLOSED)
    purge = await planned(registry, LOCKED_TOO)
    registry.fail("delete_manifest", Malformed("odd"))
    during(
        registry,
        "delete_manifest",
        lambda: registry.fail("lock_manifest", AccessDenied("not any more")),
    )
    detail = (await purge.all())[image].detail
    assert detail == "odd; it could not be locked again as it was: not any more"


async def test_a_denied_unlock_is_not_undone() -> None:
    """Where nothing was opened nothing is locked again, and nothing is deleted."""
    registry = FakeRegistry()
    image = registry.push("shop", "v1", at=OLD, lock=CLOSED)
    purge = await planned(registry, LOCKED_TOO)
    registry.fail("lock_manifest", AccessDenied("no metadata_write"))
    assert (await purge.all())[image].outcome is Outcome.DENIED
    assert sent(registry)["lock_manifest"] == 1
    assert sent(registry)["delete_manifest"] == 0


class RenewingRegistry(FakeRegistry):
    """A registry that renews a manifest's time when one of its tags goes."""

    async def delete_tag(
        self, repository: RepositoryName, tag: TagName, *, age: float = 0.0
    ) -> Deletion:
        """Delete a tag and renew the manifest."""
        deletion = await super().delete_tag(repository, tag, age=age)
        if deletion.digest is not None:
            manifests = self.repos[repository].manifests
            manifests[deletion.digest] = replace(
                manifests[deletion.digest], updated=self._tick(None)
            )
        return deletion


async def test_a_time_that_our_own_change_renewed_is_no_surprise() -> None:
    """The tag went by this run, so its manifest's new time does not hold it back."""
    registry = RenewingRegistry()
    image = registry.push("shop", at=OLD)
    registry.tag("shop", "v1", image, at=OLD, lock=CLOSED)
    registry.tag("shop", "v2", image, at=OLD, lock=CLOSED)
    purge = await planned(registry, LOCKED_TOO)
    registry.before = lambda _: setattr(purge.clock, "now", purge.clock.now + 0.9)
    outcomes = await purge.all()
    assert {end.outcome for end in outcomes.values()} == {Outcome.DELETED}


async def test_a_child_waits_for_its_index() -> None:
    """When the index stays, so does what it lists, and the outcome names the index."""
    registry = FakeRegistry()
    child = registry.push("shop", at=OLD)
    index = registry.push("shop", "v1", at=OLD, media_type=OCI_INDEX, body=Body(children=(child,)))
    purge = await planned(registry)
    registry.fail("delete_manifest", Malformed("odd"), target=index)
    outcomes = await purge.all()
    assert outcomes[index].outcome is Outcome.FAILED
    assert outcomes[child].outcome is Outcome.SKIPPED_CHANGED
    assert outcomes[child].detail == f"{index} stays"
    assert Call("delete_manifest", "shop", child) not in registry.calls
    assert Digest(child) in registry.repos[SHOP].manifests


async def test_a_slow_unlock_is_followed_by_a_new_verification() -> None:
    """Two seconds count until the delete is sent, not until the unlock is answered."""
    registry = FakeRegistry()
    image = registry.push("shop", "v1", at=OLD, lock=CLOSED)
    registry.push("shop", "young")
    purge = await planned(registry, LOCKED_TOO)

    def crawl(call: Call) -> None:
        if call.method == "lock_manifest":
            purge.clock.now += 3
            registry.before = None
            registry.tag("shop", "prod", image)

    registry.before = crawl
    end = (await purge.all())[image]
    assert end.outcome is Outcome.SKIPPED_CHANGED
    assert end.detail == "tag prod points at it now"
    assert registry.repos[SHOP].manifests[image].lock == CLOSED


async def test_an_unlock_that_has_to_be_repeated_does_not_overwrite_another_lock() -> None:
    """Seconds after the verification somebody may have locked it otherwise: that stays."""
    registry = FakeRegistry()
    image = registry.push("shop", "v1", at=OLD, lock=Lock(write_enabled=False))
    purge = await planned(registry, LOCKED_TOO)
    registry.fail("lock_manifest", Unavailable("down", status=503, retry_after=9.0))
    during(registry, "lock_manifest", lambda: lock(registry, image))
    end = (await purge.all())[image]
    assert end.outcome is Outcome.SKIPPED_CHANGED
    assert end.detail == "its lock changed"
    assert registry.repos[SHOP].manifests[image].lock == CLOSED


async def test_a_lock_that_somebody_closed_meanwhile_is_not_replaced_by_the_old_one() -> None:
    """The delete failed after the unlock, and what is locked by then needs no lock of ours."""
    registry = FakeRegistry()
    image = registry.push("shop", "v1", at=OLD, lock=Lock(write_enabled=False))
    purge = await planned(registry, LOCKED_TOO)
    registry.fail("delete_manifest", Unavailable("down", status=503, retry_after=9.0))
    during(registry, "delete_manifest", lambda: lock(registry, image))
    end = (await purge.all())[image]
    assert end.outcome is Outcome.FAILED
    assert end.detail == "down; then: its lock changed"
    assert registry.repos[SHOP].manifests[image].lock == CLOSED


async def test_the_age_of_the_view_is_handed_on() -> None:
    """A delete counts from the view that allowed it, not from when it is asked for."""
    registry = FakeRegistry()
    registry.push("shop", "v1", at=OLD, lock=CLOSED)
    purge = await planned(registry, LOCKED_TOO)

    def later() -> None:
        purge.clock.now += 1.5

    during(registry, "lock_manifest", later)
    (end,) = (await purge.all()).values()
    assert end.outcome is Outcome.DELETED
    assert registry.ages == [0.0, 1.5]


async def test_an_unlock_that_was_not_sent_explains_no_open_lock() -> None:
    """Somebody else opens it meanwhile: that is not taken for what this run did."""
    registry = FakeRegistry()
    image = registry.push("shop", "v1", at=OLD, lock=CLOSED)
    purge = await planned(registry, LOCKED_TOO)
    registry.fail("lock_manifest", NotSent("late"))

    def opened() -> None:
        manifests = registry.repos[SHOP].manifests
        manifests[image] = replace(manifests[image], lock=Lock())
        purge.clock.now += 2.5

    during(registry, "lock_manifest", opened)
    (end,) = (await purge.all()).values()
    assert end.outcome is Outcome.SKIPPED_CHANGED
    assert sent(registry)["delete_manifest"] == 0
    assert sent(registry)["lock_manifest"] == 1
