"""Whatever happens to messages and to those who work on them: no deletion without a record.

Messages come twice, late, in any order and two at once; workers die at any moment, run out of time,
and find a store or a queue that does not answer, or whose answer is lost. The run ends all the
same, every step with one end, and the records say exactly what went.
"""

import asyncio
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from enum import Enum

from hypothesis import given, note
from hypothesis import strategies as st

from purge_core.model import Lock, RepositoryName, RepositorySnapshot
from purge_core.plans.steps import TagStep, target_of
from purge_core.policies.policy import Policy
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import StepRecord
from purge_core.records.store_records import RepositoryState, RunRecord, RunState
from purge_core.service.applying import apply_run
from tests.builders import NOW
from tests.fake_outbox import Letter
from tests.fakes import FakeRegistry
from tests.property.policies import policies
from tests.property.strategies import HONEST, repositories
from tests.purges import EVERYTHING, LOCKED_TOO
from tests.service_world import Process, World

STORE_METHODS = (
    *("create_run", "get_run", "move_run", "add_repositories", "repositories", "repository"),
    *("move_repository", "finish_repository", "save_plan", "load_plan", "steps", "open_steps"),
    *("close_steps", "take_lease", "release_lease"),
)
ENDS = (RunState.DONE, RunState.HELD, RunState.FAILED)


class Kind(Enum):
    """What may happen to one delivery."""

    DIES = "its process dies before a call"
    DIES_LATE = "its process dies right after a call"
    TIME_IS_UP = "its time is up"
    TWICE = "it is delivered to two processes at once"
    TWO = "another message is delivered at the same time"
    AGAIN = "it is delivered again after it was done"
    STORE = "the store does not answer"
    STORE_LOST = "an answer of the store is lost"
    QUEUE = "the queue does not answer"
    QUEUE_LOST = "an answer of the queue is lost"


@dataclass(frozen=True, slots=True)
class Incident:
    """What happens: ``number`` says at which call or to what, ``pick`` to which message."""

    kind: Kind
    number: int
    pick: int


@dataclass(frozen=True, slots=True)
class Case:
    """Repositories, a policy, and one incident after the other."""

    snapshots: tuple[RepositorySnapshot, ...]
    policy: Policy
    workers: int
    incidents: tuple[Incident, ...]


def incidents() -> st.SearchStrategy[Incident]:
    """Anything that may happen."""
    kinds = (*(Kind.DIES, Kind.DIES_LATE) * 4, *Kind)
    return st.builds(
        Incident, st.sampled_from(kinds), st.integers(1, 24), st.sampled_from((0, 0, 1, 2, 3))
    )


def cases() -> st.SearchStrategy[Case]:
    """One to three repositories, and up to twelve incidents."""
    return st.builds(
        Case,
        st.lists(repositories(HONEST), min_size=1, max_size=3).map(_named_apart),
        st.one_of(st.sampled_from((EVERYTHING, LOCKED_TOO)), policies()),
        st.sampled_from((1, 1, 2)),
        st.lists(incidents(), max_size=12).map(tuple),
    )


def _named_apart(snapshots: Sequence[RepositorySnapshot]) -> tuple[RepositorySnapshot, ...]:
    return tuple(
        replace(snapshot, name=RepositoryName(f"{snapshot.name}-{n}" if n else snapshot.name))
        for n, snapshot in enumerate(snapshots)
    )


class Chaos:
    """A world in which things happen."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.world = World(
            FakeRegistry(*case.snapshots, now=NOW), case.policy, workers=case.workers
        )
        self.before = self.held()

    def held(self) -> dict[tuple[str, str], Lock | None]:
        """Return all tags and manifests that there are, with their locks."""
        return {
            (name, target): item.lock
            for name, repo in self.world.registry.repos.items()
            for items in (repo.tags, repo.manifests)
            for target, item in items.items()
        }

    @property
    def gone(self) -> set[tuple[str, str]]:
        """All that went."""
        return self.before.keys() - self.held().keys()

    async def happen(self) -> None:
        """Deliver messages, each with its incident, and then the rest in peace."""
        for incident in self.case.incidents:
            letters = self.world.outbox.letters
            if not letters:
                break
            letter = letters[incident.pick % len(letters)]
            note(f"{letter.text} #{letter.deliveries}: {incident.kind.value} {incident.number}")
            self.world.pass_time(letter.delay)
            await self._one(letter, incident)
        self._calm()
        await self.world.run_to_end()

    async def _one(self, letter: Letter, incident: Incident) -> None:
        number, letters = incident.number, self.world.outbox.letters
        match incident.kind:
            case Kind.DIES | Kind.DIES_LATE:
                late = incident.kind is Kind.DIES_LATE
                await self.world.deliver(letter, Process(dies_at=number, too_late=late))
            case Kind.TIME_IS_UP:
                await self.world.deliver(letter, Process(time_is_up_at=number))
            case Kind.TWICE:
                await self._both(letter, self._copy(letter))
            case Kind.TWO:
                await self._both(letter, letters[number % len(letters)])
            case Kind.AGAIN:
                self._copy(letter)
                await self.world.deliver(letter)
            case Kind.STORE | Kind.STORE_LOST | Kind.QUEUE | Kind.QUEUE_LOST as kind:
                self._disturb(kind, number)
                await self.world.deliver(letter)

    def _disturb(self, kind: Kind, number: int) -> None:
        """Have the next call of some kind fail, before or after it took effect."""
        if kind is Kind.QUEUE:
            self.world.outbox.failures += 1
        elif kind is Kind.QUEUE_LOST:
            self.world.outbox.lost_answers += 1
        else:
            method = STORE_METHODS[number % len(STORE_METHODS)]
            self.world.store.fail(method, lost_answer=kind is Kind.STORE_LOST)

    def _copy(self, letter: Letter) -> Letter:
        """Put the same message into the queue once more, as a sender does that was not sure."""
        twin = copy(letter)
        twin.id, twin.deliveries = f"{letter.id}-twin", 0
        self.world.outbox.letters.append(twin)
        return twin

    async def _both(self, one: Letter, other: Letter) -> None:
        if one is other:
            await self.world.deliver(one)
        else:
            await asyncio.gather(self.world.deliver(one), self.world.deliver(other))

    def _calm(self) -> None:
        """Let everything answer from now on."""
        self.world.store.faults.clear()
        self.world.outbox.failures = self.world.outbox.lost_answers = 0

    def steps(self) -> Mapping[tuple[str, str], StepRecord]:
        """Return the steps of all runs by what they are about, tags that go along included."""
        return {
            (name, item): record
            for kept in self.world.store.runs.values()
            for name, steps in kept.steps.items()
            for record in steps
            for item in items_of(record)
        }


def items_of(record: StepRecord) -> tuple[str, ...]:
    """Return the tags and the manifest that a step makes go."""
    step = record.step
    return (step.tag,) if isinstance(step, TagStep) else (step.digest, *step.tags)


@given(cases())
def test_a_run_ends_and_its_records_are_true(case: Case) -> None:
    """A purge among incidents."""
    asyncio.run(_purge(case))


async def _purge(case: Case) -> None:
    chaos = Chaos(case)
    run = await chaos.world.start(Mode.PURGE)
    await chaos.happen()
    require_truth(chaos, run)


@given(cases())
def test_what_was_shown_is_carried_out(case: Case) -> None:
    """A plan that is applied among incidents: exactly its steps, and none twice."""
    asyncio.run(_apply(case))


async def _apply(case: Case) -> None:
    chaos = Chaos(case)
    run = await chaos.world.start(Mode.PLAN)
    await chaos.world.run_to_end()
    assert chaos.world.run(run.id).state is RunState.PLANNED
    assert not chaos.gone
    shown = {name: [r.step for r in steps] for name, steps in _kept(chaos, run).items()}
    await apply_run(chaos.world.service(), run.id)
    await chaos.happen()
    assert {name: [r.step for r in steps] for name, steps in _kept(chaos, run).items()} == shown
    assert chaos.world.run(run.id).state is RunState.DONE
    require_truth(chaos, run)


def _kept(chaos: Chaos, run: RunRecord) -> Mapping[RepositoryName, Sequence[StepRecord]]:
    return chaos.world.store.runs[run.id].steps


def require_truth(chaos: Chaos, run: RunRecord) -> None:
    """Check what every run must have left behind."""
    world, steps = chaos.world, chaos.steps()
    assert world.run(run.id).state in ENDS, "the run does not end"
    assert world.unrecorded == []
    for name, target in world.deleted:
        assert target_of(steps[name, target].step) == target, "deleted though not planned"
    for item in chaos.gone:
        assert _gone(steps[item]), f"{item} went, and the records say {steps[item].status}"
    for item, lock in chaos.held().items():
        assert lock == chaos.before[item], f"{item} was left with another lock"
    for item, record in steps.items():
        if world.run(run.id).state is RunState.DONE:
            _require_end(chaos, record, item)
    _require_history(chaos, run)


def _gone(record: StepRecord) -> bool:
    return isinstance(record.status, Outcome) and record.status.is_gone


def _require_end(chaos: Chaos, record: StepRecord, item: tuple[str, str]) -> None:
    """Check one step of a run that is over."""
    runs = chaos.world.store.runs.values()
    (repository,) = (r.repositories[n] for r in runs for n in [RepositoryName(item[0])])
    if repository.state is RepositoryState.REFUSED:
        assert item not in chaos.gone
        return
    assert isinstance(record.status, Outcome), f"{item} has no end: {record.status}"
    assert record.status.is_gone == (item in chaos.gone), f"{item}: {record.status}"
    if chaos.case.workers == 1 and record.status.is_gone and not _goes_otherwise(chaos, record):
        assert record.status.is_deleted, f"{item} was deleted by this run: {record.status}"


def _goes_otherwise(chaos: Chaos, record: StepRecord) -> bool:
    """Whether a tag with a step of its own may go along with its manifest before that."""
    planned = {r.step.digest for r in chaos.steps().values() if not isinstance(r.step, TagStep)}
    return isinstance(record.step, TagStep) and record.step.digest in planned


def _require_history(chaos: Chaos, run: RunRecord) -> None:
    """Check that the history tells of every end, and of nothing else."""
    told = {(e.repository, e.name, e.outcome) for e in chaos.world.store.past.values()}
    kept = chaos.world.store.runs[run.id]
    ended = {
        (name, item, record.status)
        for name, steps in kept.steps.items()
        for record in steps
        for item in items_of(record)
        if isinstance(record.status, Outcome) and record.status is not Outcome.NOT_REACHED
    }
    assert told == ended
