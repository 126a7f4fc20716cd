"""What coming nights would delete, if nothing is pushed or changed: of each repository, of all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from purge_core.instants import Instant
from purge_core.judgement.guards import Refusal, check_run
from purge_core.model import RepositoryName
from purge_core.policies.policy import Policy


@dataclass(frozen=True, slots=True)
class RepositoryNight:
    """What one night deletes in one repository. ``frees_at_most`` is in bytes.

    ``refused``: a guard refuses the repository in that night, so it waits.
    """

    tags: int = 0
    manifests: int = 0
    frees_at_most: int = 0
    refused: bool = False

    @property
    def deletions(self) -> int:
        """Tags and manifests together."""
        return self.tags + self.manifests


@dataclass(frozen=True, slots=True)
class RepositoryForecast:
    """One repository, night by night. ``refusals`` are those of the first refused night.

    ``error`` says why it could not be read. There are no nights then, and none either where
    it does not exist (any more).
    """

    repository: RepositoryName
    nights: tuple[RepositoryNight, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    error: str | None = None

    @property
    def total(self) -> RepositoryNight:
        """All nights in which it is not refused, together."""
        return _sum(night for night in self.nights if not night.refused)


@dataclass(frozen=True, slots=True)
class Night:
    """What the run at ``at`` deletes in the whole registry. ``refused``: so many repositories.

    ``held``: it is more than ``limits.max_deletions``, so that nothing goes, and the numbers
    are what waits by then.
    """

    at: Instant
    tags: int
    manifests: int
    frees_at_most: int
    refused: int
    held: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """Coming nights of one registry under one policy, the first of them as of ``now``."""

    registry: str
    policy: Policy
    now: Instant
    nights: tuple[Night, ...]
    repositories: tuple[RepositoryForecast, ...]

    @property
    def total(self) -> RepositoryNight:
        """What all nights delete that are not held."""
        return _sum(
            RepositoryNight(night.tags, night.manifests, night.frees_at_most)
            for night in self.nights
            if not night.held
        )


def sum_nights(
    policy: Policy, times: Sequence[Instant], repositories: Sequence[RepositoryForecast]
) -> Iterator[Night]:
    """Add the repositories up, night by night.

    What a held night does not delete waits for the next, which is then held as well.
    """
    waiting = RepositoryNight()
    for number, at in enumerate(times):
        parts = [each.nights[number] for each in repositories if each.nights]
        due = _sum([waiting, *(part for part in parts if not part.refused)])
        held = check_run(policy, [due.deletions]) is not None
        waiting = due if held else RepositoryNight()
        refused = sum(part.refused for part in parts)
        yield Night(at, due.tags, due.manifests, due.frees_at_most, refused, held)


def _sum(nights: Iterator[RepositoryNight] | list[RepositoryNight]) -> RepositoryNight:
    tags = manifests = size = 0
    for night in nights:
        tags, manifests = tags + night.tags, manifests + night.manifests
        size += night.frees_at_most
    return RepositoryNight(tags, manifests, size)
