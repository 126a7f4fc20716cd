"""A plan for one repository: the value that is shown is the value that runs.

A fingerprint over policy, snapshot and steps proves that a stored plan is as it was made.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from purge_core.errors import PlanRefused
from purge_core.instants import TICKS_PER_SECOND, Instant, Span, format_instant
from purge_core.model import RepositoryName
from purge_core.plans.steps import Step, deletions

Stage = tuple[Step, ...]

SKEW: Final = Span(300 * TICKS_PER_SECOND)
"""Clocks of two machines may differ by so much."""


def require_due(judged: Instant, clock: Instant) -> None:
    """Check that a plan was judged as of a time that has come.

    Raises:
        PlanRefused: it is a plan for later, to be looked at and never carried out.

    """
    if judged > clock + SKEW:
        when = format_instant(judged)
        raise PlanRefused(f"the plan is for a time to come, {when}, and only to be looked at")


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """What is deleted in one repository, in order.

    Every step of a stage may run beside the others; a stage begins when the one before
    it has ended. The marks are those of the snapshot: changes since then are looked for.
    ``lists_manifests`` is false when no manifest was looked at, so none can go.
    """

    repository: RepositoryName
    stages: tuple[Stage, ...]
    tags_mark: Instant | None
    manifests_mark: Instant | None
    lists_manifests: bool
    policy_hash: str
    snapshot_hash: str
    fingerprint: str = ""

    @property
    def steps(self) -> Iterator[Step]:
        """All steps, in order."""
        return (step for stage in self.stages for step in stage)

    @property
    def deletions(self) -> int:
        """How many tags and manifests go."""
        return sum(deletions(step) for step in self.steps)

    def sealed(self) -> "PurgePlan":
        """Give the plan with its fingerprint."""
        return replace(self, fingerprint=_fingerprint(self))

    def require_seal(self) -> None:
        """Check that nothing was altered since the plan was made.

        Raises:
            PlanRefused: the fingerprint is not that of the contents.

        """
        if self.fingerprint != _fingerprint(self):
            raise PlanRefused(f"the plan of {self.repository} was altered after it was made")


def hash_lines(lines: Iterable[str]) -> str:
    """Give the SHA-256 of the lines, in hex."""
    digest = sha256()
    for line in lines:
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


def _fingerprint(plan: PurgePlan) -> str:
    bare = replace(plan, stages=(), fingerprint="")
    steps = (f"{n} {step!r}" for n, stage in enumerate(plan.stages) for step in stage)
    return hash_lines([repr(bare), *steps])
