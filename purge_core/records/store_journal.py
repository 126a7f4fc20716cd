"""The journal of a run, kept in a store: every record lands before what it announces.

Steps are recorded by their place in the plan. A process that only carries out a stored
plan learns the places from the store.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from purge_core.errors import JournalError
from purge_core.instants import Instant
from purge_core.model import RepositoryName
from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import Target, target_of
from purge_core.records.journal import (
    Mode,
    Record,
    RepositoryFinished,
    RepositoryPlanned,
    RepositoryVerified,
    RunFinished,
    RunId,
    RunStarted,
    StepsClosed,
    StepsOpened,
)
from purge_core.records.lists import all_repositories
from purge_core.records.outcomes import StepOutcome
from purge_core.records.results import RunResult
from purge_core.records.step_records import StepEnd
from purge_core.records.store import RunStore, Steps
from purge_core.records.store_records import (
    RepositoryChange,
    RepositoryState,
    RunChange,
    RunRecord,
    RunState,
    Trigger,
)
from purge_core.records.sums import sums_of

Now = Callable[[], Instant]

_BATCH: Final = 100
_RUNNING: Final = frozenset({RunState.PLANNING, RunState.PURGING})


class StepJournal:
    """Records steps as they are opened and closed, and nothing else."""

    def __init__(self, store: Steps, now: Now) -> None:
        """Write to ``store``; ``now`` tells the time of each record."""
        self._store = store
        self._now = now
        self._places: dict[tuple[RunId, RepositoryName], dict[Target, int]] = {}
        self._ended: dict[tuple[RunId, RepositoryName], set[Target]] = {}

    def learn(self, run: RunId, plan: PurgePlan) -> None:
        """Remember the places of a plan's steps, which then need not be read."""
        places = {target_of(step): place for place, step in enumerate(plan.steps)}
        self._places[run, plan.repository] = places

    def forget(self, run: RunId, name: RepositoryName) -> None:
        """Let go of what was remembered of a repository."""
        self._places.pop((run, name), None)
        self._ended.pop((run, name), None)

    async def opened(self, record: StepsOpened) -> None:
        """Record that these steps are about to be carried out.

        Raises:
            JournalError: it could not be written, or one of them has ended.

        """
        places = await self._places_of(record.run, record.repository)
        indexes = [_place(places, target_of(step)) for step in record.steps]
        await self._store.open_steps(record.run, record.repository, indexes, self._now())

    async def closed(
        self, run: RunId, name: RepositoryName, outcomes: Sequence[StepOutcome]
    ) -> None:
        """Record how steps ended; what was recorded here before is not written again.

        Raises:
            JournalError: it could not be written.

        """
        places = await self._places_of(run, name)
        ended = self._ended.setdefault((run, name), set())
        new = [each for each in outcomes if target_of(each.step) not in ended]
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            ends = [
                StepEnd(_place(places, target_of(each.step)), each.outcome, each.detail)
                for each in batch
            ]
            await self._store.close_steps(run, name, ends, self._now())
            ended.update(target_of(each.step) for each in batch)

    async def _places_of(self, run: RunId, name: RepositoryName) -> dict[Target, int]:
        if (run, name) not in self._places:
            plan = await self._store.load_plan(run, name)
            if plan is None:
                raise JournalError(f"the journal has no plan of {name} in run {run}")
            self.learn(run, plan)
        return self._places[run, name]


def _place(places: dict[Target, int], target: Target) -> int:
    if target not in places:
        raise JournalError(f"{target} is no step of the plan that the journal has")
    return places[target]


@dataclass(frozen=True, slots=True)
class RunDetails:
    """What the records of a run do not say of it. ``policy`` is the whole text."""

    policy: str
    policy_name: str
    trigger: Trigger


class StoreJournal:
    """Records whole runs. Implements ``purge_core.records.journal.Journal``."""

    def __init__(self, store: RunStore, details: RunDetails, now: Now) -> None:
        """Write to ``store``; ``now`` tells the time of each record."""
        self._store = store
        self._details = details
        self._now = now
        self._steps = StepJournal(store, now)
        self._modes: dict[RunId, Mode] = {}
        self._purging: set[tuple[RunId, RepositoryName | None]] = set()

    async def record(self, record: Record) -> None:
        """Keep one record, durably, before returning.

        Raises:
            JournalError: it could not be written.

        """
        match record:
            case RunStarted():
                await self._start(record)
            case RepositoryPlanned():
                await self._plan(record)
            case StepsOpened():
                await self._note_purging(record.run, record.repository)
                await self._steps.opened(record)
            case StepsClosed():
                await self._steps.closed(record.run, record.repository, record.outcomes)
            case RepositoryFinished():
                await self._finish(record)
            case RepositoryVerified():
                await self._verified(record)
            case RunFinished():
                await self._end(record.run, record.result)
            case _:
                assert_never(record)

    async def give_up(self, why: str) -> None:
        """Note as failed whatever was begun here and has not ended.

        Raises:
            JournalError: it could not be written.

        """
        for run in tuple(self._modes):
            change = RunChange(RunState.FAILED, self._now(), error=why)
            await self._store.move_run(run, _RUNNING, change)

    async def _start(self, record: RunStarted) -> None:
        at = self._now()
        run = RunRecord(
            id=record.run,
            registry=record.registry,
            mode=record.mode,
            state=RunState.PLANNING,
            policy=self._details.policy,
            policy_name=self._details.policy_name,
            now=record.started,
            trigger=self._details.trigger,
            created=at,
            updated=at,
            repositories=record.repositories,
        )
        if not await self._store.create_run(run):
            raise JournalError(f"the journal has a run {record.run} already")
        self._modes[record.run] = record.mode

    async def _plan(self, record: RepositoryPlanned) -> None:
        if not await self._store.save_plan(record.run, record.result, self._now()):
            name = record.result.repository
            raise JournalError(f"the journal has a plan of {name} in run {record.run} already")
        if record.result.plan is not None:
            self._steps.learn(record.run, record.result.plan)

    async def _note_purging(self, run: RunId, name: RepositoryName) -> None:
        """Let readers see, once each, that the run and the repository are being purged."""
        if (run, None) not in self._purging:
            self._purging.add((run, None))
            change = RunChange(RunState.PURGING, self._now())
            await self._store.move_run(run, {RunState.PLANNING}, change)
        if (run, name) not in self._purging:
            self._purging.add((run, name))
            sources = {RepositoryState.PLANNED}
            begun = RepositoryChange(RepositoryState.PURGING, self._now())
            await self._store.move_repository(run, name, sources, begun)

    async def _finish(self, record: RepositoryFinished) -> None:
        name = record.result.repository
        await self._steps.closed(record.run, name, record.result.outcomes)
        await self._store.finish_repository(record.run, name, self._now())
        self._steps.forget(record.run, name)

    async def _verified(self, record: RepositoryVerified) -> None:
        check = record.result.verified
        if check is not None:
            await self._store.note_check(record.run, check)

    async def _end(self, run: RunId, result: RunResult) -> None:
        exact = None if result.exact is None else result.exact.bytes
        sums = sums_of(await all_repositories(self._store, run), exact=exact)
        change = replace(self._last_change(self._modes.pop(run, Mode.PURGE), result), sums=sums)
        if not await self._store.move_run(run, _RUNNING, change):
            raise JournalError(f"run {run} has ended in the journal before")

    def _last_change(self, mode: Mode, result: RunResult) -> RunChange:
        if result.interrupted:
            return RunChange(RunState.FAILED, self._now(), error="interrupted before its end")
        if result.held is not None:
            return RunChange(RunState.HELD, self._now(), held=result.held)
        state = RunState.PLANNED if mode is Mode.PLAN else RunState.DONE
        return RunChange(state, self._now())
