"""Referrers that go along with their subject: looked for afterwards, deleted if they stayed."""

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter

from purge_core.errors import AccessDenied, RegistryError
from purge_core.execution.deleting import Deleter
from purge_core.execution.effects import Effects
from purge_core.execution.looking import Looking
from purge_core.execution.pacing import Traffic
from purge_core.model import Body, BodyState, Digest, Unread
from purge_core.plans.steps import CascadeStep, ManifestStep
from purge_core.records.outcomes import Outcome, StepOutcome

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
        """Give the outcome of every step; ``roots`` says how their roots ended, if begun."""
        gone = self._effects.gone
        going = [step for step in steps if step.root in gone]
        ended = [_left(step, roots.get(step.root)) for step in steps if step.root not in gone]
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
                ended.append(_gone(step, roots.get(step.root), before=step.digest in gone))
                self._effects.ends(step.digest, gone=True)
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


def without_end(end: StepOutcome) -> StepOutcome:
    """Take back what was told of a step, because the end of its root is not on record."""
    detail = f"nothing could be recorded after this: {end.detail}"
    return StepOutcome(end.step, Outcome.NOT_REACHED, detail)


def _left(step: CascadeStep, root: Outcome | None) -> StepOutcome:
    """Tell of what stays because its root does."""
    if root is None or root is Outcome.NOT_REACHED:
        return StepOutcome(step, Outcome.NOT_REACHED, f"{step.root} was not reached")
    return StepOutcome(step, Outcome.SKIPPED_CHANGED, f"{step.root} stays: {root.value}")


def _gone(step: CascadeStep, root: Outcome | None, *, before: bool) -> StepOutcome:
    """Tell whether it went by this run's doing; ``before``: it was gone before its root."""
    if before:
        return StepOutcome(step, Outcome.ALREADY_GONE)
    ours = root is not None and root.is_deleted
    outcome = Outcome.CASCADED if ours else Outcome.ALREADY_GONE
    return StepOutcome(step, outcome, f"along with {step.root}")


def _unknown(step: CascadeStep, error: RegistryError) -> StepOutcome:
    outcome = Outcome.DENIED if isinstance(error, AccessDenied) else Outcome.FAILED
    return StepOutcome(step, outcome, f"whether it went with {step.root} is not known: {error}")
