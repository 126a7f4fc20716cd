"""The app's use cases on fakes: deliveries of messages that may die at any moment.

Each delivery is a process of its own: once it is dead, nothing that it still tries reaches the
store, the queue or the registry. The clock stands still but for what a message has to wait.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from purge_core.errors import PurgeError, UseUnknown
from purge_core.instants import DAY, TICKS_PER_SECOND, Instant, Span
from purge_core.judgement.breaker import USUAL, Breaker
from purge_core.messages import Message
from purge_core.notices.notice import Notice
from purge_core.notices.sending import NotTaken
from purge_core.notices.webhook import Event
from purge_core.pace.pace import Pace
from purge_core.plans.steps import target_of
from purge_core.policies.policy import Policy
from purge_core.records.journal import Mode, RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import Pending, StepRecord
from purge_core.records.store_records import RunRecord, Trigger
from purge_core.registry import MeasurableRegistry
from purge_core.schedule import parse_schedule
from purge_core.service.failing import mark_failed
from purge_core.service.orders import Task
from purge_core.service.ports import Options, Service
from purge_core.service.starting import Wish, start_run
from purge_core.service.working import work
from purge_core.used_images import NOTHING_USED, UsedImages
from tests.builders import NOW
from tests.fake_outbox import FakeOutbox, Letter
from tests.fake_store import FakeStore
from tests.fakes import Call, FakeRegistry

if TYPE_CHECKING:
    from purge_core.outbox import Outbox
    from purge_core.records.store import RunStore

REGISTRY = "contoso.azurecr.io"
MOST_DELIVERIES = 5
"""As in host.json: then a message is poison."""

DELETES = {"delete_tag", "delete_manifest"}


class Killed(BaseException):
    """The process is dead."""


@dataclass(slots=True)
class Process:
    """The life of one delivery.

    It dies with the call to the outside that is number ``dies_at``, which still takes effect when
    ``too_late``. Its time is up with the call that is number ``time_is_up_at``.
    """

    dies_at: int | None = None
    too_late: bool = False
    time_is_up_at: int | None = None
    calls: int = 0
    dead: bool = False
    stop: asyncio.Event | None = None

    def end_time(self) -> None:
        """Let its time be up."""
        if self.stop is not None:
            self.stop.set()

    def step(self) -> bool:
        """Count a call; whether the process dies right after it."""
        if self.dead:
            raise Killed
        self.calls += 1
        if self.time_is_up_at is not None and self.calls >= self.time_is_up_at and self.stop:
            self.stop.set()
        if self.calls == self.dies_at:
            self.dead = True
            if not self.too_late:
                raise Killed
            return True
        return False


class Mortal:
    """Stands between a process and a fake: a dead process reaches nothing."""

    def __init__(self, fake: object, process: Process) -> None:
        self._fake = fake
        self._process = process

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - it stands for any port
        """Give the fake's method, behind the process's life."""
        method = getattr(self._fake, name)
        if name in {"repositories", "parts"} and isinstance(self._fake, FakeRegistry):
            return partial(self._listing, method)

        async def call(*args: object, **options: object) -> object:
            last = self._process.step()
            answer = await method(*args, **options)
            await asyncio.sleep(0)  # its way back takes time, too
            if last or self._process.dead:
                raise Killed
            return answer

        return call

    async def _listing(
        self, method: Callable[..., AsyncIterator[object]], *args: object
    ) -> AsyncIterator[object]:
        last = self._process.step()
        async for item in method(*args):
            yield item
        if last:
            raise Killed


@dataclass(slots=True)
class World:
    """Fakes and a clock.

    ``poisoned`` are the messages that failed too often, ``deleted`` what the registry was asked to
    delete, ``unrecorded`` those of these requests that were not announced in the store, ``used``
    what is in use or why that is not known. ``told_of`` is of what somebody wants to be told,
    ``told`` what was told, and ``not_taken`` why it is refused at first. ``exact_bytes``:
    whether it is counted what a night frees.
    """

    registry: FakeRegistry
    policy: Policy
    store: FakeStore = field(default_factory=FakeStore)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    now: Instant = NOW
    workers: int = 1
    mode: Mode = Mode.PURGE
    used: UsedImages | UseUnknown = NOTHING_USED
    breaker: Breaker = USUAL
    told_of: frozenset[Event] = frozenset()
    told: list[Notice] = field(default_factory=list)
    not_taken: list[NotTaken] = field(default_factory=list)
    exact_bytes: bool = False
    deliveries: int = 0
    poisoned: list[Message] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)
    unrecorded: list[Call] = field(default_factory=list)
    _salts: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        """Watch the registry: whatever is deleted must stand in the store by then."""
        self.registry.before = self._require_record

    def service(self, process: Process | None = None) -> Service:
        """Give the use cases of one process."""
        alive = process or Process()

        @asynccontextmanager
        async def connect(host: str) -> AsyncIterator[MeasurableRegistry]:
            assert host == REGISTRY
            registry: MeasurableRegistry = Mortal(self.registry, alive)
            yield registry

        @contextmanager
        def deadline(stop: asyncio.Event) -> Iterator[None]:
            alive.stop = stop
            yield

        store: RunStore = Mortal(self.store, alive)
        outbox: Outbox = Mortal(self.outbox, alive)
        return Service(
            store=store,
            outbox=outbox,
            connect=connect,
            clock=lambda: self.now,
            salt=lambda: str(next(self._salts)),
            deadline=deadline,
            login_server=lambda name: name,
            read_used=self.read_used,
            pace=lambda _: Pace(),
            post=self.post,
            options=Options(
                registries=(REGISTRY,),
                policy=self.policy,
                policy_name="default",
                schedule=parse_schedule("0 0 1 * * *"),
                mode=self.mode,
                concurrency=4,
                workers=self.workers,
                retention=Span(400 * DAY),
                plan_max_age=DAY,
                breaker=self.breaker,
                told_of=self.told_of,
                exact_bytes=self.exact_bytes,
            ),
        )

    async def read_used(self, policy: Policy, host: str) -> UsedImages:
        """Tell what is in use, if the policy wants to know."""
        if policy.in_use and isinstance(self.used, UseUnknown):
            raise self.used
        return self.used if policy.in_use and isinstance(self.used, UsedImages) else NOTHING_USED

    async def post(self, notice: Notice) -> None:
        """Take a notice, unless it is to be refused."""
        if self.not_taken:
            raise self.not_taken.pop(0)
        self.told.append(notice)

    async def start(self, mode: Mode | None = None, policy: Policy | None = None) -> RunRecord:
        """Begin a run."""
        wish = Wish(
            registry=REGISTRY,
            task=Task(policy or self.policy),
            policy_name="default",
            mode=mode or self.mode,
            trigger=Trigger.HTTP,
            moment=self.now,
            salt=str(next(self._salts)),
        )
        return await start_run(self.service(), wish)

    async def deliver(
        self, letter: Letter, process: Process | None = None, service: Service | None = None
    ) -> bool:
        """Deliver a message once; whether it was done. One that fails too often is buried."""
        self.deliveries += 1
        letter.deliveries += 1
        try:
            await work(service or self.service(process), letter.message, letter.id)
        except PurgeError:
            done = False
        except (Killed, BaseExceptionGroup):
            if process is None or not process.dead:
                raise
            return False
        else:
            done = True
        if done or letter.deliveries >= MOST_DELIVERIES:
            self.outbox.letters.remove(letter)
        if not done and letter.deliveries >= MOST_DELIVERIES:
            self.poisoned.append(letter.message)
            await mark_failed(self.service(), letter.message)
        return done

    async def run_to_end(self, *, most: int = 400) -> None:
        """Deliver in order until nothing is left; messages that have to wait make time pass."""
        while self.outbox.letters:
            assert self.deliveries < most, "the run does not end"
            letter = min(self.outbox.letters, key=lambda each: each.delay)
            self.pass_time(letter.delay)
            await self.deliver(letter)

    def pass_time(self, span: Span) -> None:
        """Move the clock, and bring every message nearer."""
        self.now = Instant(self.now + span)
        for letter in self.outbox.letters:
            letter.delay = Span(max(0, letter.delay - span))

    def run(self, run: RunId) -> RunRecord:
        """Look a run up."""
        return self.store.runs[run].record

    def _has_just_gone(self, step: StepRecord) -> bool:
        """Whether another process ended the step at this very instant.

        Two deliveries of one message that cross both announce a step, and may both delete it.
        """
        gone = isinstance(step.status, Outcome) and step.status.is_gone
        return gone and step.closed == self.now

    def _require_record(self, call: Call) -> None:
        if call.method not in DELETES:
            return
        self.deleted.append((call.repository, call.target))
        opened = {
            (name, target_of(step.step))
            for kept in self.store.runs.values()
            for name, steps in kept.steps.items()
            for step in steps
            if step.status is Pending.DELETING or self._has_just_gone(step)
        }
        if (call.repository, call.target) not in opened:
            self.unrecorded.append(call)


def seconds(number: float) -> Span:
    """Return a span of so many seconds."""
    return Span(round(number * TICKS_PER_SECOND))
