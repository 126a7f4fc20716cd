"""The first phase of a run: choose the repositories, and judge and plan each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from purge_core.bounded import map_bounded
from purge_core.errors import NotFound, RegistryError, SnapshotIncomplete
from purge_core.instants import Instant
from purge_core.judgement.guards import refusals
from purge_core.model import RepositoryName
from purge_core.plans.planner import make_plan
from purge_core.policies.policy import Policy
from purge_core.records.journal import Journal, Mode, RepositoryPlanned, RunId, RunStarted
from purge_core.records.results import RepositoryResult, State
from purge_core.registry import RegistryReader
from purge_core.survey import survey
from purge_core.used_images import NOTHING_USED, UsedImages


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What a run is asked to do.

    ``now`` is the one instant that every age is measured from. ``repositories`` narrows
    the run to those named; ``None`` leaves the choice to the policy. ``concurrency``
    bounds the requests that are under way at once. ``used``: the images that something
    runs, as the lists that the policy names told it. ``read`` is the present, where ``now``
    is a later time; such a run only plans. ``verify``: whether a purge ends with a look back.
    """

    run: RunId
    registry: str
    policy: Policy
    now: Instant
    mode: Mode = Mode.PLAN
    repositories: tuple[RepositoryName, ...] | None = None
    concurrency: int = 16
    used: UsedImages = NOTHING_USED
    read: Instant | None = None
    verify: bool = False


async def choose_repositories(reader: RegistryReader, order: RunOrder) -> Sequence[RepositoryName]:
    """Find the repositories that the policy covers, sorted.

    The catalogue is read only where some pattern has to be matched against it.

    Raises:
        RegistryError: the catalogue could not be read.

    """
    if order.repositories is not None:
        return sorted(filter(order.policy.covers, set(order.repositories)))
    if order.policy.is_empty:
        return ()
    literal = order.policy.literal_repositories()
    if literal is not None:
        return literal
    return sorted([name async for name in reader.repositories() if order.policy.covers(name)])


async def plan_repositories(
    reader: RegistryReader, order: RunOrder, journal: Journal
) -> tuple[RepositoryResult, ...]:
    """Plan every repository of the run; what is wrong with one stays with that one.

    Raises:
        RegistryError: the catalogue could not be read.
        PolicyError: a pattern exceeded its time limit; nothing has been deleted.
        JournalError: a record could not be written; nothing has been deleted.

    """
    names = await choose_repositories(reader, order)
    await journal.record(RunStarted(order.run, order.registry, order.mode, order.now, len(names)))

    async def plan_one(name: RepositoryName) -> RepositoryResult:
        result = await plan_repository(reader, order, name)
        await journal.record(RepositoryPlanned(order.run, result))
        return result

    return tuple(await map_bounded(plan_one, names, order.concurrency))


async def plan_repository(
    reader: RegistryReader, order: RunOrder, name: RepositoryName
) -> RepositoryResult:
    """Judge and plan one repository, or say why it was not possible.

    Raises:
        PolicyError: a pattern exceeded its time limit.

    """
    try:
        used = order.used.of(name)
        snapshot, decisions = await survey(
            reader, name, order.policy, order.now, order.concurrency, used
        )
    except NotFound:
        return RepositoryResult(name, State.GONE)
    except (RegistryError, SnapshotIncomplete) as error:
        return RepositoryResult(name, State.FAILED, error=str(error))
    refused = refusals(snapshot, order.policy, decisions)
    return RepositoryResult(
        name,
        State.REFUSED if refused else State.PLANNED,
        snapshot,
        decisions,
        make_plan(snapshot, order.policy, decisions),
        refused,
    )
