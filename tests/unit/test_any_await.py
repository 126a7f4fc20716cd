"""An end at any await of a purge: nothing wrong goes, all is told, and the rest is done later."""

import asyncio
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

import pytest

from purge_core.messages import Phase
from purge_core.model import Body, Digest, RepositoryName, TagName
from purge_core.plans.steps import target_of
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome
from purge_core.records.store_records import RunRecord, RunState
from tests.builders import DELETE_LOCKED, NOW, OCI_INDEX, ago, days
from tests.fakes import FakeRegistry
from tests.interrupts import Life
from tests.property.test_service_laws import Case, Chaos, require_truth
from tests.purges import LOCKED_TOO, MemoryJournal, Purge
from tests.service_world import Killed, Mortal

SHOP = RepositoryName("shop")
OLD = ago(days(30))


class End(Enum):
    """How a process ends."""

    STOP = "its time is up"
    CANCEL = "it is cancelled"
    KILL = "it is killed"


def filled() -> FakeRegistry:
    """Hold one of everything that a plan may be about, and a young image that stays."""
    registry = FakeRegistry(now=NOW)
    keep = registry.push("shop", "keep", at=ago(days(0.5)))
    registry.tag("shop", "alone", keep, at=OLD, lock=DELETE_LOCKED)
    children = [registry.push("shop", at=OLD, platform=f"linux/{cpu}") for cpu in ("arm", "amd")]
    listed = Body(tuple(children))
    index = registry.push("shop", "v1", "v1.0", media_type=OCI_INDEX, body=listed, at=OLD)
    signature = registry.push("shop", body=Body(subject=index), at=OLD)
    registry.push("shop", body=Body(subject=signature), at=OLD)
    shut = Body((registry.push("shop", at=OLD, platform="linux/s390x"),))
    registry.push("shop", media_type=OCI_INDEX, body=shut, at=OLD, lock=DELETE_LOCKED)
    return registry


@dataclass
class Scene:
    """A purge of the command line, which ends in some way at some moment."""

    registry: FakeRegistry = field(default_factory=filled)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    purge: Purge = field(init=False)

    def __post_init__(self) -> None:
        """Plan."""
        self.purge = Purge(self.registry, LOCKED_TOO, NOW, 4, journal=self.journal)
        self.first = self.held()
        asyncio.run(self.purge.plan())

    def held(self) -> set[str]:
        """Give all that there is."""
        repo = self.registry.repos[SHOP]
        return {*repo.tags, *repo.manifests}

    def run(self, life: Life) -> None:
        """Carry the plan out as a process of this life."""
        self.purge.journal = Mortal(self.journal, life.process)  # type: ignore[assignment]
        self.purge.registry = Mortal(self.registry, life.process)  # type: ignore[assignment]
        with suppress(Killed, asyncio.CancelledError), closing(life):
            life.live(self._carry_out())

    async def _carry_out(self) -> None:
        self.task = asyncio.current_task()
        await self.purge.carry_out()

    def cancel(self) -> None:
        """Cancel the purge."""
        assert self.task is not None
        self.task.cancel()

    async def run_again(self) -> int:
        """Purge once more, in peace; return how many steps there were."""
        again = Purge(self.registry, LOCKED_TOO, NOW)
        await again.plan()
        outcomes = await again.all()
        assert all(end.outcome.is_gone for end in outcomes.values())
        return len(outcomes)

    def require_truth(self) -> None:
        """Whatever went was announced, and nothing that is there has lost a part."""
        gone = self.first - self.held()
        steps = {target_of(s) for r in self.purge.planned if r.plan for s in r.plan.steps}
        assert gone & steps <= set(self.journal.opened)
        repo = self.registry.repos[SHOP]
        for body in repo.bodies.values():
            assert not isinstance(body, Body) or set(body.children) <= set(repo.manifests)

    def require_ends(self) -> None:
        """Every step that was begun has an end, and the end is true; locks are as they were."""
        closed = self.journal.closed
        assert sorted(self.journal.opened) == sorted(target_of(end.step) for end in closed)
        repo = self.registry.repos[SHOP]
        locks = {target: item.lock for target, item in (repo.tags | repo.manifests).items()}
        for end in closed:
            target = target_of(end.step)
            assert end.outcome.is_gone == (target not in locks)
            assert locks.get(target, end.step.lock) == end.step.lock


def moments() -> int:
    """Count the awaits of a purge that is let alone."""
    life = Life()
    Scene().run(life)
    return life.moments


@pytest.mark.parametrize("end", End)
def test_a_purge_of_the_command_line_ends_at_any_await(end: End) -> None:
    """What was done is on record, and another purge does the rest; a third finds nothing."""
    for at in range(1, moments() + 1):
        scene = Scene()
        acts = {End.STOP: scene.purge.stop.set, End.CANCEL: scene.cancel, End.KILL: None}
        scene.run(Life(at + (end is End.CANCEL), acts[end]))
        scene.require_truth()
        if end is not End.KILL:
            scene.require_ends()
        asyncio.run(scene.run_again())
        assert asyncio.run(scene.run_again()) == 0
        assert scene.held() == {"keep", scene.registry.repos[SHOP].tags[TagName("keep")].digest}


class App(Chaos):
    """A run of the app in which one process ends at some await of a purge."""

    def __init__(self) -> None:
        super().__init__(Case((), LOCKED_TOO, 1, ()))
        self.world.registry = filled()
        self.world.__post_init__()
        self.before = self.held()

    def run(self, life: Life, then: Callable[[], None] = lambda: None) -> RunRecord:
        """Do all of a run; a purge is done in a process of this ``life`` until that is over."""
        run = asyncio.run(self.world.start(Mode.PURGE))
        was_over = False
        while letters := self.world.outbox.letters:
            letter = min(letters, key=lambda each: each.delay)
            self.world.pass_time(letter.delay)
            if life.is_over and not was_over:
                was_over = True
                then()
            if letter.message.phase is not Phase.PURGE or life.is_over:
                asyncio.run(self.world.deliver(letter))
                continue
            with suppress(Killed):
                life.live(self.world.deliver(letter, life.process))
        life.close()
        return run


def app_moments() -> int:
    """Count the awaits of the purge in a run that is let alone."""
    life = Life()
    App().run(life)
    return life.moments


def life_of(end: End, at: int) -> Life:
    """Give the life of a delivery that ends so at that moment."""
    life = Life(at)
    if end is not End.KILL:
        life.act = life.process.end_time
    return life


@pytest.mark.parametrize("end", [End.STOP, End.KILL])
def test_a_purge_of_the_app_ends_at_any_await(end: End) -> None:
    """Another delivery goes on: each step ends once, and the records are true."""
    for at in range(1, app_moments() + 1):
        app = App()
        run = app.run(life_of(end, at))
        assert app.world.run(run.id).state is RunState.DONE
        require_truth(app, run)
        ends = {record.status for record in app.steps().values()}
        assert ends <= {Outcome.DELETED, Outcome.CASCADED}
        held = app.world.registry.repos[SHOP]
        assert ([*held.tags], len(held.manifests)) == (["keep"], 1)


def restore(registry: FakeRegistry, back: set[Digest]) -> None:
    """Let the owner push again whatever is gone, with its tags, and remember that."""
    first = filled().repos[SHOP]
    for digest in first.manifests.keys() - registry.repos[SHOP].manifests.keys():
        tags = [name for name, tag in first.tags.items() if tag.digest == digest]
        media_type, body = first.manifests[digest].media_type, first.bodies[digest]
        registry.push("shop", *tags, digest=digest, media_type=media_type, body=body)
        back.add(digest)


@pytest.mark.parametrize("end", [End.STOP, End.KILL])
def test_what_its_owner_restored_meanwhile_stays(end: End) -> None:
    """Going on deletes nothing twice, wherever the delivery before came to its end."""
    for at in range(1, app_moments() + 1):
        app, back = App(), set[Digest]()
        run = app.run(life_of(end, at), partial(restore, app.world.registry, back))
        assert app.world.run(run.id).state is RunState.DONE
        assert back <= app.world.registry.repos[SHOP].manifests.keys()
