"""Words for tests that carry plans out: a clock, a journal in memory, a run in two halves."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from purge_core.errors import JournalError
from purge_core.instants import DAY, Instant
from purge_core.pace.clock import Clock
from purge_core.pace.pace import Pace
from purge_core.planning import RunOrder, plan_repositories
from purge_core.plans.steps import Target, target_of
from purge_core.policies.acr_dialect import AcrPurgeFlags, acr_policy
from purge_core.policies.policy import Policy
from purge_core.purging import purge_repositories
from purge_core.records.journal import Mode, Record, RunId, StepsClosed, StepsOpened
from purge_core.records.outcomes import StepOutcome
from purge_core.records.results import RepositoryResult
from purge_core.used_images import NOTHING_USED, UsedImages
from tests.fakes import NOW, FakeRegistry

RUN = RunId("run-1")
OLD = Instant(NOW - 100 * DAY)
"""When a test's images were pushed: long ago."""

EVERYTHING = acr_policy(AcrPurgeFlags(filters=(".*:.*",), ago="1d", untagged=True))
LOCKED_TOO = replace(EVERYTHING, include_locked=True)


@dataclass(slots=True)
class FakeClock:
    """A monotonic clock that moves only when somebody sleeps, or ``now`` is set."""

    now: float = 0.0
    sleeps: list[float] = field(default_factory=list)

    def seconds(self) -> float:
        """Tell the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass at once."""
        self.sleeps.append(seconds)
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)

    def pace(self) -> Pace:
        """Give a gate on this clock, without chance."""
        return Pace(Clock(self.seconds, self.sleep))


class MemoryJournal:
    """Keeps records; refuses those for which ``fails`` says so."""

    def __init__(self, fails: Callable[[Record], bool] = lambda _: False) -> None:
        """Fail where ``fails`` is true."""
        self.records: list[Record] = []
        self.fails = fails

    async def record(self, record: Record) -> None:
        """Keep one record, or raise JournalError."""
        await asyncio.sleep(0)
        if self.fails(record):
            raise JournalError("the table is full")
        self.records.append(record)

    @property
    def opened(self) -> list[Target]:
        """All that was announced, in order."""
        opened = [r for r in self.records if isinstance(r, StepsOpened)]
        return [target_of(step) for record in opened for step in record.steps]

    @property
    def closed(self) -> list[StepOutcome]:
        """All that has ended, in order."""
        closed = [r for r in self.records if isinstance(r, StepsClosed)]
        return [outcome for record in closed for outcome in record.outcomes]


@dataclass(slots=True)
class Purge:
    """One purge: plan first, change something, then carry it out.

    Without a ``pace`` there is no quota, and time passes on ``clock`` when somebody sleeps.
    """

    registry: FakeRegistry
    policy: Policy = EVERYTHING
    now: Instant = NOW
    concurrency: int = 16
    stored: bool = False
    used: UsedImages = NOTHING_USED
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    clock: FakeClock = field(default_factory=FakeClock)
    pace: Pace | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    planned: tuple[RepositoryResult, ...] = ()

    @property
    def order(self) -> RunOrder:
        """What the run is asked to do."""
        return RunOrder(
            RUN,
            "contoso",
            self.policy,
            self.now,
            Mode.PURGE,
            concurrency=self.concurrency,
            used=self.used,
        )

    async def plan(self) -> tuple[RepositoryResult, ...]:
        """Plan all repositories; forget the requests that this took."""
        self.planned = await plan_repositories(self.registry, self.order, self.journal)
        if self.stored:  # a stored plan has no snapshot
            self.planned = tuple(replace(r, snapshot=None) for r in self.planned)
        self.registry.calls.clear()
        self.registry.peak = 0
        return self.planned

    async def carry_out(self) -> tuple[RepositoryResult, ...]:
        """Carry the plans out, or raise what that raises."""
        return await purge_repositories(
            self.registry,
            self.order,
            self.planned,
            self.journal,
            self.stop,
            stored=self.stored,
            pace=self.pace or self.clock.pace(),
        )

    async def all(self) -> dict[Target, StepOutcome]:
        """Carry the plans out and give the outcomes by target."""
        return by_target(await self.carry_out())


def by_target(results: tuple[RepositoryResult, ...]) -> dict[Target, StepOutcome]:
    """Give the outcomes of all repositories by target; no target may come twice."""
    outcomes = [outcome for result in results for outcome in result.outcomes]
    found = {target_of(outcome.step): outcome for outcome in outcomes}
    assert len(found) == len(outcomes)
    return found
