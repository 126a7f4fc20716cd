"""Carry one plan out, stage by stage, with exactly one outcome for every step."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from purge_core.bounded import map_bounded, together
from purge_core.errors import AccessDenied, RegistryError
from purge_core.execution.cascades import Cascades, without_end
from purge_core.execution.deleting import Deleter
from purge_core.execution.effects import NOTHING_EARLIER, Earlier
from purge_core.execution.expectations import Expectations
from purge_core.execution.knowledge import Knowledge
from purge_core.execution.ledger import BATCH, Ledger
from purge_core.execution.looking import Looking
from purge_core.execution.pacing import Traffic
from purge_core.execution.verify import Views
from purge_core.model import Digest, RepositorySnapshot, UsedNames
from purge_core.plans.plan import PurgePlan, Stage
from purge_core.plans.steps import CascadeStep, ManifestStep, Step, Target, target_of
from purge_core.records.outcomes import Outcome, StepOutcome
from purge_core.registry import Registry

_LOG: Final = logging.getLogger(__name__)
_AHEAD: Final = 2
"""Batches under way at once: while one ends, the next is recorded and begun."""


@dataclass(frozen=True, slots=True)
class Means:
    """What all repositories of a run share while they are purged."""

    registry: Registry
    traffic: Traffic
    ledger: Ledger


async def execute(
    plan: PurgePlan,
    means: Means,
    snapshot: RepositorySnapshot | None = None,
    *,
    stored: bool = False,
    locks_cover_tags: bool = True,
    earlier: Earlier = NOTHING_EARLIER,
    in_use: UsedNames | None = None,
) -> tuple[StepOutcome, ...]:
    """Carry ``plan`` out and give the outcome of each of its steps, in order.

    ``snapshot`` is what the plan was made of, where it is at hand: it tells more exactly
    what changed. A ``stored`` plan begins with a fresh listing. ``locks_cover_tags``: a
    locked manifest keeps its tags. What an ``earlier`` part of the same run has begun is no
    surprise, and what it ended is not done again. What is ``in_use`` by now stays.
    Raises nothing: what goes wrong is in the outcomes, and a journal that fails halts the run.
    """
    if not plan.stages:
        return ()
    knowledge = Knowledge(plan, snapshot)
    expectations = Expectations(plan, knowledge, locks_cover_tags=locks_cover_tags, in_use=in_use)
    for step in plan.steps:
        expectations.effects.resumes(step, earlier)
    bodies = {} if snapshot is None else snapshot.bodies
    looking = Looking(plan, bodies, expectations, means.registry, means.traffic)
    execution = _Execution(plan, means, expectations, looking)
    try:
        await execution.run(stored=stored)
    except Exception as error:  # noqa: BLE001 - a defect must not lose what was done
        _LOG.exception("purging %s", plan.repository)
        execution.end_all(Outcome.FAILED, f"{type(error).__name__}: {error}")
    execution.end_all(Outcome.NOT_REACHED, "the run was ended first")
    return execution.outcomes


class _Execution:
    """One plan on its way."""

    def __init__(
        self, plan: PurgePlan, means: Means, expectations: Expectations, looking: Looking
    ) -> None:
        self._plan = plan
        self._traffic = means.traffic
        self._ledger = means.ledger
        self._expectations = expectations
        self._looking = looking
        self._views = Views(looking, means.traffic)
        self._deleter = Deleter(means.registry, means.traffic, looking, self._views, expectations)
        self._cascades = Cascades(means.traffic, looking, self._deleter, expectations.effects)
        self._ended: dict[Target, StepOutcome] = {}
        self._opened: set[Target] = set()
        self._untold: set[Digest] = set()
        self._opening = asyncio.Lock()
        self._began = False

    @property
    def outcomes(self) -> tuple[StepOutcome, ...]:
        """The outcomes so far, in the order of the plan."""
        targets = map(target_of, self._plan.steps)
        return tuple(self._ended[target] for target in targets if target in self._ended)

    def end_all(self, outcome: Outcome, detail: str) -> None:
        """Give every step that has no outcome this one."""
        for step in self._plan.steps:
            self._ended.setdefault(target_of(step), StepOutcome(step, outcome, detail))

    async def run(self, *, stored: bool) -> None:
        """Do stage after stage, as long as the run goes on."""
        if stored and not self._traffic.halt.is_set:
            await self._compare_all()
        for stage in self._plan.stages:
            await self._stage(stage)

    async def _compare_all(self) -> None:
        """List everything afresh; what cannot be listed cannot be purged."""
        try:
            view = await self._looking.everything()
        except RegistryError as error:
            outcome = Outcome.DENIED if isinstance(error, AccessDenied) else Outcome.FAILED
            self.end_all(outcome, f"not verified: {error}")
            return
        if not view.lost:
            self._expectations.compare_all(self._plan.steps, view)
        self._views.offer(view)

    async def _stage(self, stage: Stage) -> None:
        steps = [step for step in stage if target_of(step) not in self._ended]
        await map_bounded(self._batch, _batches(steps), _AHEAD)
        ends = self._ended.values()
        roots = {e.step.digest: e.outcome for e in ends if isinstance(e.step, ManifestStep)}
        opened = [step for step in steps if target_of(step) in self._opened]
        cascades = [step for step in opened if isinstance(step, CascadeStep)]
        settled = await self._cascades.settle(cascades, roots)
        await self._close([without_end(e) if self._waits(e.step) else e for e in settled])

    def _waits(self, step: Step) -> bool:
        """Whether it goes along with what stays and has no end: neither may have one, then.

        Whoever goes on would delete the root without a look at what is on record as staying.
        """
        return isinstance(step, CascadeStep) and step.root in self._untold

    async def _batch(self, batch: Sequence[Step]) -> None:
        """Record a batch, carry it out, and record how it ended; cascades end later.

        The first step of all looks at the registry and signs in alone. If all did so together,
        they would hold slots for as long, and no other repository could go on.
        """
        own = [step for step in batch if not isinstance(step, CascadeStep)]
        ended: list[StepOutcome] = []
        async with self._opening:  # in order: what goes along is recorded before its root
            if not await self._ledger.open(self._plan.repository, batch):
                return
            self._opened.update(map(target_of, batch))
            if own and not self._began:
                self._began = True
                slots = self._traffic.two_slots()
                ended.append(await self._deleter.carry_out(own.pop(0), slots))
        await self._close(ended + await together(*map(self._deleter.carry_out, own)))

    async def _close(self, ended: Sequence[StepOutcome]) -> None:
        self._ended.update((target_of(end.step), end) for end in ended)
        if not await self._ledger.close(self._plan.repository, ended):
            self._untold.update(end.step.digest for end in ended if not end.outcome.is_gone)


def _batches(steps: Sequence[Step]) -> Iterator[Sequence[Step]]:
    """Cut a stage into batches; what goes along with a step stands right before it."""
    along: defaultdict[Digest, list[CascadeStep]] = defaultdict(list)
    for step in steps:
        if isinstance(step, CascadeStep):
            along[step.root].append(step)
    ordered: list[Step] = []
    for step in steps:
        if isinstance(step, ManifestStep):
            ordered += along[step.digest]
        if not isinstance(step, CascadeStep):
            ordered.append(step)
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]
