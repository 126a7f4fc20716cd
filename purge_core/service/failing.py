"""What becomes of work that failed again and again: recorded as failed, so that runs end."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from purge_core.errors import AlteredRecord, InputError, NotFound, RegistryError
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.messages import Message, Phase
from purge_core.model import OPEN, RepositoryName
from purge_core.plans.steps import CascadeStep, Step, TagStep, Target, target_of
from purge_core.records.lists import all_steps
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import Pending, StepEnd, StepRecord
from purge_core.records.store_records import (
    RepositoryChange,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    RunState,
)
from purge_core.registry import Registry
from purge_core.service.measuring import give_up_measuring
from purge_core.service.notifying import give_up_telling
from purge_core.service.planning import fail_run, give_up_planning
from purge_core.service.ports import Service

_LOG: Final = logging.getLogger(__name__)
_LATER: Final = Span(300 * TICKS_PER_SECOND)
_BEGUN: Final = (RepositoryState.PLANNED, RepositoryState.PURGING)
_WHY: Final = "its message failed again and again; the log of the app says why"


async def mark_failed(service: Service, message: Message) -> None:
    """Record the work of a message that nobody could do as failed.

    Raises:
        JournalError: it could not be remembered; doing it again goes on.
        OutboxError: the gate could not be handed on.

    """
    await give_up(service, message, _WHY)


async def give_up(service: Service, message: Message, why: str) -> None:
    """Record the work of a message as failed; see ``mark_failed``."""
    run = await service.store.get_run(message.run)
    if run is None:
        _LOG.error("a message that failed belongs to %s, which is no run", message.run)
        return
    match message.phase:
        case Phase.GATE:
            await _give_up_gate(service, run, message, why)
        case Phase.MEASURE:
            await give_up_measuring(service, run, why)
        case Phase.TELL:
            await give_up_telling(service, run, why)
        case Phase.PLAN | Phase.PURGE:
            if message.repository is None:
                await fail_run(service, run, f"its repositories could not be listed: {why}")
            else:
                await fail_repository(service, run, message.repository, why)
        case _:
            assert_never(message.phase)


async def _give_up_gate(service: Service, run: RunRecord, message: Message, why: str) -> None:
    """End a run that has deleted nothing; while it deletes, the gate must come back."""
    await fail_run(service, run, f"its planning could not be ended: {why}")
    if run.state is RunState.PURGING:
        await service.outbox.send(message.again, _LATER)


async def fail_repository(service: Service, run: RunRecord, name: RepositoryName, why: str) -> None:
    """Record a repository as failed, with an end for each of its steps.

    What was begun is ended as the registry shows it, where that can be read. Where the record
    of a step makes no sense no step gets an end, and the repository's error says so: the run
    could not end otherwise.

    Raises:
        JournalError: it could not be remembered; doing it again goes on.

    """
    _LOG.error("%s of run %s failed: %s", name, run.id, why)
    known = await service.store.repository(run.id, name)
    if known is None or known.state is RepositoryState.QUEUED:
        await give_up_planning(service, run.id, name, why)
        return
    if known.state is not RepositoryState.FAILED and not _is_begun(run, known):
        return
    try:
        await _end_steps(service, run, name, why)
    except AlteredRecord as error:
        _LOG.error("the steps of %s in run %s have no end: %s", name, run.id, error)
        await _fail(service, run, name, f"{why}; what was deleted is not known: {error}")
        return
    await _fail(service, run, name, why)
    await service.store.finish_repository(run.id, name, service.clock())


async def _end_steps(service: Service, run: RunRecord, name: RepositoryName, why: str) -> None:
    steps = await all_steps(service.store, run.id, name)
    ends = list(_ends(steps, await _seen(service, run, name, steps), why))
    if ends:
        await service.store.close_steps(run.id, name, ends, service.clock())


async def _fail(service: Service, run: RunRecord, name: RepositoryName, why: str) -> None:
    change = RepositoryChange(state=RepositoryState.FAILED, at=service.clock(), error=why)
    await service.store.move_repository(run.id, name, _BEGUN, change)


def _is_begun(run: RunRecord, known: RepositoryRecord) -> bool:
    """Whether the repository is being purged, or is about to be."""
    return run.state is RunState.PURGING and known.state in _BEGUN


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a repository holds; ``trouble`` says why that is not known."""

    there: frozenset[Target] = frozenset()
    trouble: str | None = None


async def _seen(
    service: Service, run: RunRecord, name: RepositoryName, steps: Sequence[StepRecord]
) -> _Seen:
    """List a repository, if a step was begun whose end is not known."""
    begun = [record.step for record in steps if record.status is Pending.DELETING]
    if not begun:
        return _Seen()
    if run.registry not in service.options.registries:
        return _Seen(trouble=f"{run.registry} is no registry of this app any more")
    try:
        async with service.connect(run.registry) as registry:
            return await _listed(registry, name, begun)
    except NotFound:
        return _Seen()
    except (RegistryError, InputError) as error:
        return _Seen(trouble=str(error))


async def _listed(registry: Registry, name: RepositoryName, begun: Sequence[Step]) -> _Seen:
    """List a repository, and lock again what was unlocked in order to be deleted."""
    tags = {tag.name: tag.lock for tag in (await registry.tags(name)).items}
    manifests = {m.digest: m.lock for m in (await registry.manifests(name)).items}
    for step in begun:
        if isinstance(step, TagStep):
            if tags.get(step.tag) == OPEN != step.lock:
                await registry.lock_tag(name, step.tag, step.lock)
        elif manifests.get(step.digest) == OPEN != step.lock:
            await registry.lock_manifest(name, step.digest, step.lock)
    return _Seen(frozenset[Target](tags) | frozenset[Target](manifests))


def _ends(steps: Sequence[StepRecord], seen: _Seen, why: str) -> Iterator[StepEnd]:
    """Give an end to every step that has none."""
    for record in steps:
        match record.status:
            case Pending.PLANNED:
                yield StepEnd(record.index, Outcome.NOT_REACHED, why)
            case Pending.DELETING:
                yield _end_of_begun(record, seen, why)
            case Outcome():
                continue
            case _:
                assert_never(record.status)


def _end_of_begun(record: StepRecord, seen: _Seen, why: str) -> StepEnd:
    if seen.trouble is not None:
        unknown = f"whether it was deleted is not known ({seen.trouble}); {why}"
        return StepEnd(record.index, Outcome.FAILED, unknown)
    if target_of(record.step) in seen.there:
        return StepEnd(record.index, Outcome.FAILED, f"it is still there; {why}")
    cascades = isinstance(record.step, CascadeStep)
    return StepEnd(record.index, Outcome.CASCADED if cascades else Outcome.DELETED, "")
