"""Referrers that go along with their subject: looked for afterwards, deleted if they stayed."""

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Final

from purge_core.deleting import Deleter
from purge_core.effects import Effects
from purge_core.errors import AccessDenied, RegistryError
from purge_core.looking import Looking
from purge_core.model import Body, BodyState, Digest, Unread
from purge_core.outcomes import Outcome, StepOutcome
from purge_core.pacing import Traffic
from purge_core.steps import CascadeStep, ManifestStep

_Bodies = Mapping[Digest, BodyState]


class Cascades:
    """Ends the cascade steps of one repository, stage by stage."""

    def __init__(
        self, traffic: Traffic, looking: Looking, deleter: Deleter, effects: Effects
    ) -> None:
        """Look with ``looking``; delete what stayed with ``deleter``."""
        self._traffic = traffic
        self._looking = looking
        self._deleter = deleter
        self._effects = effects

    async def settle(
        self, steps: Sequence[CascadeStep], roots: Mapping[Digest, Outcome]
    ) -> list[StepOutcome]:
        """Give the outcome of every step, whose root ended as ``roots`` says."""
        going = [step for step in steps if step.root in self._effects.gone]
        ended = [
            _left(step, roots[step.root]) for step in steps if step.root not in self._effects.gone
        ]
        if not going:
            return ended
        try:
            async with self._traffic.slots:
                there = await self._looking.listing()
                stayed = {step.digest: step for step in going if step.digest in there}
                bodies = await self._looking.bodies(list(stayed), 1)
        except RegistryError as error:
            return [*ended, *(_unknown(step, error) for step in going)]
        for step in going:
            if step.digest not in there:
                self._effects.ends(step.digest, gone=True)
                ended.append(_gone(step, roots[step.root]))
        return [*ended, *await self._delete(stayed, bodies)]

    async def _delete(
        self, stayed: Mapping[Digest, CascadeStep], bodies: _Bodies
    ) -> list[StepOutcome]:
        """Delete one by one, each after what names it or is its subject."""
        if Unread.FAILED in bodies.values():
            why = "it stayed, and what stayed with it cannot be read"
            return [StepOutcome(step, Outcome.FAILED, why) for step in stayed.values()]
        before = _before(stayed, bodies)
        ended = []
        for digest in TopologicalSorter(before).static_order():
            step = stayed[digest]
            after = tuple(sorted(before[digest]))
            own = ManifestStep(digest, step.tags, step.updated, step.lock, after)
            end = await self._deleter.carry_out(own)
            ended.append(StepOutcome(step, end.outcome, end.detail))
        return ended


def _before(stayed: Mapping[Digest, CascadeStep], bodies: _Bodies) -> dict[Digest, set[Digest]]:
    """Give what must go before each: its subject, and the indexes that list it."""
    before: dict[Digest, set[Digest]] = {digest: set() for digest in stayed}
    for digest, body in bodies.items():
        if not isinstance(body, Body):
            continue
        if body.subject is not None and body.subject in stayed:
            before[digest].add(body.subject)
        for child in body.children:
            if child in stayed:
                before[child].add(digest)
    return before


_UNDONE: Final = (Outcome.NOT_REACHED, Outcome.DENIED)
"""Endings of a root that hold for what would have gone along, too."""


def _left(step: CascadeStep, root: Outcome) -> StepOutcome:
    outcome = root if root in _UNDONE else Outcome.SKIPPED_CHANGED
    return StepOutcome(step, outcome, f"{step.root} stays")


def _gone(step: CascadeStep, root: Outcome) -> StepOutcome:
    """Tell whether it went by this run's doing."""
    outcome = Outcome.CASCADED if root.is_deleted else Outcome.ALREADY_GONE
    return StepOutcome(step, outcome, f"along with {step.root}")


def _unknown(step: CascadeStep, error: RegistryError) -> StepOutcome:
    outcome = Outcome.DENIED if isinstance(error, AccessDenied) else Outcome.FAILED
    return StepOutcome(step, outcome, f"whether it went with {step.root} is not known: {error}")
