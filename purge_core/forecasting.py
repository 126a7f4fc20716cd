"""What the coming nights would delete: the registry is read once, the nights are played through.

Each repository is read as the last night needs it. Then each night is judged on what the
nights before left, one day later; nights in which nothing can change are passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from purge_core.bounded import map_bounded
from purge_core.errors import NotFound, RegistryError, SnapshotIncomplete
from purge_core.instants import DAY, Instant
from purge_core.judgement.aftermath import aftermath, changing
from purge_core.judgement.decision import Decisions
from purge_core.judgement.guards import Refusal, refusals
from purge_core.model import RepositoryName, RepositorySnapshot
from purge_core.planning import RunOrder, choose_repositories
from purge_core.records.forecasts import (
    Forecast,
    RepositoryForecast,
    RepositoryNight,
    sum_nights,
)
from purge_core.registry import RegistryReader
from purge_core.sizes import own_bytes
from purge_core.survey import judge_further, survey


async def forecast(reader: RegistryReader, order: RunOrder, nights: int) -> Forecast:
    """Say what the next ``nights`` runs delete, the first as of ``order.now``, one each day.

    Raises:
        RegistryError: the catalogue could not be read.
        PolicyError: a pattern exceeded its time limit.

    """
    names = await choose_repositories(reader, order)
    times = [Instant(order.now + number * DAY) for number in range(nights)]

    async def one(name: RepositoryName) -> RepositoryForecast:
        return await forecast_repository(reader, order, name, times)

    found = await map_bounded(one, names, order.concurrency)
    summed = tuple(sum_nights(order.policy, times, found))
    return Forecast(order.registry, order.policy, order.now, summed, tuple(found))


async def forecast_repository(
    reader: RegistryReader, order: RunOrder, name: RepositoryName, times: Sequence[Instant]
) -> RepositoryForecast:
    """Play the runs at ``times`` through in one repository, or say why it was not possible.

    Raises:
        PolicyError: a pattern exceeded its time limit.

    """
    policy, limit = order.policy, order.concurrency
    try:
        used = order.used.of(name)
        snapshot, _ = await survey(reader, name, policy, times[-1], limit, used)
        return await _Player(reader, order, snapshot).play(times)
    except NotFound:
        return RepositoryForecast(name)
    except (RegistryError, SnapshotIncomplete) as error:
        return RepositoryForecast(name, error=str(error))


@dataclass(slots=True)
class _Player:
    """One repository, from night to night."""

    reader: RegistryReader
    order: RunOrder
    snapshot: RepositorySnapshot
    refusals: tuple[Refusal, ...] = ()

    async def play(self, times: Sequence[Instant]) -> RepositoryForecast:
        """Play all nights through; judge only the first, and where something may change."""
        busy = changing(self.snapshot, self.order.policy, times) | {0}
        nights: list[RepositoryNight] = []
        for number, at in enumerate(times):
            if number in busy:
                night = await self._night(at)
                if night.deletions and not night.refused:
                    busy.add(number + 1)  # what went may let something else go
            else:
                night = nights[-1] if nights[-1].refused else RepositoryNight()
            nights.append(night)
        return RepositoryForecast(self.snapshot.name, tuple(nights), self.refusals)

    async def _night(self, at: Instant) -> RepositoryNight:
        self.snapshot, decisions = await judge_further(
            self.reader, self.snapshot, self.order.policy, at, self.order.concurrency
        )
        refused = refusals(self.snapshot, self.order.policy, decisions)
        self.refusals = self.refusals or refused
        night = _amount(self.snapshot, decisions, refused=bool(refused))
        if night.deletions and not refused:
            self.snapshot = aftermath(self.snapshot, decisions)
        return night


def _amount(
    snapshot: RepositorySnapshot, decisions: Decisions, *, refused: bool
) -> RepositoryNight:
    manifests = {m.digest: m for m in snapshot.manifests or ()}
    going = decisions.deleted_manifests
    size = sum(own_bytes(manifests[digest], snapshot, manifests) for digest in going)
    return RepositoryNight(len(decisions.deleted_tags), len(going), size, refused)
