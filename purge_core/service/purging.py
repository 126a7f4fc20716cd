"""The second phase: carry out the stored plan of one repository, as far as the time goes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from purge_core.errors import InputError, PlanRefused
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.messages import Message
from purge_core.model import RepositoryName
from purge_core.planning import RunOrder
from purge_core.purging import purge_repositories
from purge_core.records.journal import Mode
from purge_core.records.lists import all_steps
from purge_core.records.outcomes import Outcome, StepOutcome
from purge_core.records.results import RepositoryResult, State
from purge_core.records.store_records import RepositoryChange, RepositoryState, RunRecord, RunState
from purge_core.service.failing import fail_repository
from purge_core.service.orders import order_with_use, require_unaltered
from purge_core.service.ports import Service
from purge_core.service.recording import StepJournal
from purge_core.service.resuming import Resumption, is_ended
from purge_core.service.verifying import verify_repository

_OPEN: Final = (RepositoryState.PLANNED, RepositoryState.PURGING)
_MOST_VAIN_ATTEMPTS: Final = 10
"""So often work goes on that came to nothing in all of its time."""
_PAUSE_AFTER_NOTHING: Final = Span(60 * TICKS_PER_SECOND)


async def purge_one(
    service: Service, run: RunRecord, message: Message, stop: asyncio.Event
) -> None:
    """Carry out what is left of a repository's plan; what is left then is handed on.

    Raises:
        RegistryError: the registry could not be opened.
        JournalError: a step could not be recorded; nothing was deleted unrecorded.
        OutboxError: the rest could not be handed on; doing it again goes on.

    """
    name = message.repository
    if name is None or run.state is not RunState.PURGING:
        return
    begun = RepositoryChange(state=RepositoryState.PURGING, at=service.clock())
    if not await service.store.move_repository(run.id, name, _OPEN, begun):
        return
    try:
        order = await order_with_use(service, run, mode=Mode.PURGE)
        resumption = await _resumption(service, order, name)
        left = not resumption.is_over and await _Work(service, order, resumption).do(message, stop)
    except (InputError, PlanRefused) as error:
        await fail_repository(service, run, name, str(error))
        return
    if not left:
        await verify_repository(service, order, resumption.plan, stop)
        await service.store.finish_repository(run.id, name, service.clock())


async def _resumption(service: Service, order: RunOrder, name: RepositoryName) -> Resumption:
    """Load a plan and how far it has come.

    Raises:
        PlanRefused: it was altered, or is not there.

    """
    plan = await service.store.load_plan(order.run, name)
    if plan is None:
        raise PlanRefused(f"there is no plan of {name}")
    require_unaltered(plan, order.policy)
    return Resumption.of(plan, await all_steps(service.store, order.run, name))


@dataclass(frozen=True, slots=True)
class _Work:
    """One delivery's share of a repository's purge."""

    service: Service
    order: RunOrder
    resumption: Resumption

    async def do(self, message: Message, stop: asyncio.Event) -> bool:
        """Carry out what time allows; whether the rest was handed on."""
        plan = self.resumption.plan
        journal = StepJournal(self.service, self.order.run, plan.repository, self.resumption)
        planned = (RepositoryResult(plan.repository, State.PLANNED, plan=plan),)
        async with self.service.connect(self.order.registry) as registry:
            results = await purge_repositories(
                registry,
                self.order,
                planned,
                journal,
                stop,
                stored=True,
                pace=self.service.pace(self.order.registry),
                earlier=self.resumption.earlier,
            )
        outcomes = [outcome for result in results for outcome in result.outcomes]
        if stop.is_set() and await self._handed_on(message, outcomes):
            return True
        await journal.close(outcomes, last=True)
        return False

    async def _handed_on(self, message: Message, outcomes: Sequence[StepOutcome]) -> bool:
        """Let another delivery go on, unless nothing is left, or many came to nothing."""
        left = [o for o in outcomes if o.outcome is Outcome.NOT_REACHED]
        if not left:
            return False
        before = sum(not is_ended(record) for record in self.resumption.records.values())
        if len(left) < before:
            await self.service.outbox.send(replace(message, attempt=0, waits=0))
            return True
        if message.attempt >= _MOST_VAIN_ATTEMPTS:
            return False
        await self.service.outbox.send(message.again, _PAUSE_AFTER_NOTHING)
        return True
