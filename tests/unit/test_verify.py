"""The reads behind verification: few, shared, and never too old."""

import asyncio
from dataclasses import replace

import pytest

from purge_core.errors import NotFound, Unavailable
from purge_core.execution.expectations import Expectations
from purge_core.execution.knowledge import Knowledge
from purge_core.execution.looking import Looking
from purge_core.execution.pacing import Halt, Traffic
from purge_core.execution.verify import Views
from purge_core.model import Body, RepositoryName, Unread
from purge_core.plans.plan import PurgePlan
from purge_core.registry import MAX_AGE
from tests.fakes import NOW, OCI_INDEX, FakeRegistry
from tests.purges import OLD, FakeClock

SHOP = RepositoryName("shop")
PLAN = PurgePlan(SHOP, (), NOW, NOW, lists_manifests=True, policy_hash="", snapshot_hash="")


class Scene:
    """A registry with one old image, and views of it for a plan without steps."""

    def __init__(self, plan: PurgePlan = PLAN, limit: int = 4) -> None:
        self.registry = FakeRegistry(page=1)
        self.registry.push("shop", "v1", at=OLD)
        self.clock = FakeClock()
        self.traffic = Traffic(self.clock.pace(), Halt(asyncio.Event()), limit)
        expectations = Expectations(plan, Knowledge(plan, None), locks_cover_tags=True)
        self.looking = Looking(plan, {}, expectations, self.registry, self.traffic)
        self.views = Views(self.looking, self.traffic)

    @property
    def asked(self) -> list[str]:
        """The methods that were called, in order."""
        return [call.method for call in self.registry.calls]


PAIR = ["tags_since", "manifests_since"]


async def test_all_who_wait_share_one_pair_of_reads() -> None:
    """Sixteen steps that need a view at once cause two requests."""
    scene = Scene()
    views = await asyncio.gather(*(scene.views.fresh() for _ in range(16)))
    assert scene.asked == PAIR
    assert all(view is views[0] for view in views)


async def test_a_view_serves_for_two_seconds_from_before_its_reads() -> None:
    """The time that the reads took counts; at two seconds it still serves, later it does not."""
    scene = Scene()
    view = await scene.views.fresh()
    scene.clock.now = view.since + MAX_AGE
    assert scene.views.is_fresh(view)
    assert await scene.views.fresh() is view
    scene.clock.now += 0.001
    assert not scene.views.is_fresh(view)
    assert await scene.views.fresh() is not view
    assert scene.asked == PAIR * 2


async def test_reads_that_take_too_long_prove_nothing() -> None:
    """When every view is too old on arrival there is none, after a bounded number of tries."""
    scene = Scene()

    def crawl(_: object) -> None:
        scene.clock.now += 1.5

    scene.registry.before = crawl
    with pytest.raises(Unavailable, match="longer to read"):
        await scene.views.fresh()
    assert scene.asked == PAIR * 8


async def test_what_is_forgotten_while_it_is_read_is_not_kept() -> None:
    """After a delete without an answer the next step looks again."""
    scene = Scene()
    reading = asyncio.ensure_future(scene.views.fresh())
    await asyncio.sleep(0)
    scene.views.forget()
    view = await reading
    assert await scene.views.fresh() is view
    assert sorted(scene.asked) == sorted(PAIR * 2)


async def test_without_manifests_in_the_plan_only_tags_are_read() -> None:
    """A plan that deletes no manifest lists none."""
    scene = Scene(replace(PLAN, lists_manifests=False))
    await scene.views.fresh()
    assert scene.asked == ["tags_since"]


async def test_the_body_of_a_new_manifest_is_read_once_in_a_run() -> None:
    """A digest never changes, so neither does what it names."""
    scene = Scene()
    child = scene.registry.push("shop", at=OLD)
    index = scene.registry.push("shop", media_type=OCI_INDEX, body=Body(children=(child,)))
    for _ in range(3):
        view = await scene.views.fresh()
        assert view.named == {child: index}
        scene.clock.now += 5
    assert scene.asked.count("body") == 1


async def test_bodies_are_read_with_the_slots_of_those_who_wait() -> None:
    """Many new manifests are read side by side, and never more than there are slots."""
    scene = Scene(limit=3)
    for _ in range(9):
        scene.registry.push("shop", media_type=OCI_INDEX, body=Body())

    async def step() -> None:
        async with scene.traffic.slots:
            await scene.views.fresh()

    await asyncio.gather(*(step() for _ in range(8)))
    assert scene.asked.count("body") == 9
    assert scene.registry.peak == 3


@pytest.mark.parametrize("state", [Unread.FAILED, Unread.GARBAGE])
async def test_an_index_that_cannot_be_read_is_told(state: Unread) -> None:
    """It may name anything, so the view says so; it is not read again and again."""
    scene = Scene()
    index = scene.registry.push("shop", media_type=OCI_INDEX, body=state)
    assert (await scene.views.fresh()).unreadable == index
    asked = scene.asked.count("body")
    scene.clock.now += 5
    assert (await scene.views.fresh()).unreadable == index
    assert scene.asked.count("body") == asked


async def test_garbage_that_is_no_index_names_nothing() -> None:
    """Received whole and not a manifest: there is nothing in it to fear."""
    scene = Scene()
    scene.registry.push("shop", body=Unread.GARBAGE)
    assert (await scene.views.fresh()).unreadable is None


async def test_a_body_that_fails_once_is_read_again() -> None:
    """One failure does not hold up a whole repository."""
    scene = Scene()
    scene.registry.push("shop", media_type=OCI_INDEX, body=Body())
    scene.registry.fail("body", Unavailable("reset"))
    assert (await scene.views.fresh()).unreadable is None


async def test_a_missing_repository_is_told() -> None:
    """404 on both listings is the end of the repository."""
    scene = Scene()
    scene.registry.remove("shop", next(iter(scene.registry.repos[SHOP].manifests)))
    assert (await scene.views.fresh()).lost


@pytest.mark.parametrize("method", PAIR)
async def test_half_a_missing_repository_is_no_answer(method: str) -> None:
    """404 on one listing alone is asked again, not believed."""
    scene = Scene()
    scene.registry.fail(method, NotFound("no such repository"))
    assert not (await scene.views.fresh()).lost
    assert scene.asked == PAIR * 2
