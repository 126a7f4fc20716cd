"""What of a plan something runs by now, though nothing did when the plan was made."""

from collections.abc import Iterator, Mapping

from purge_core.model import Digest, UsedNames
from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import CascadeStep, Step, TagStep, Target, target_of


def steps_in_use(plan: PurgePlan, in_use: UsedNames) -> Mapping[Target, str]:
    """Find what must stay: what is in use, and whatever would have to be gone before it.

    An index goes before what it lists, so an index whose child is in use stays as well. Each
    target leads to the reference that says so.
    """
    steps = {target_of(step): step for step in plan.steps} if in_use else {}
    work = [(target, by) for target, step in steps.items() if (by := _used(step, in_use))]
    held: dict[Target, str] = {}
    while work:
        target, by = work.pop()
        if target not in held:
            held[target] = by
            work.extend((ahead, by) for ahead in _ahead(steps.get(target)))
    return held


def _used(step: Step, in_use: UsedNames) -> str | None:
    own = (step.tag,) if isinstance(step, TagStep) else step.tags
    names: tuple[Target, ...] = (step.digest, *own)
    return next((in_use[name] for name in names if name in in_use), None)


def _ahead(step: Step | None) -> Iterator[Digest]:
    """Give what goes before a step: with a referrer, its subject; in the end, its indexes."""
    if isinstance(step, CascadeStep):
        yield step.root
    elif step is not None:
        yield from step.after
