"""What a run is asked to do, as text in its record: whoever works on it reads it there.

The policy is kept as it was in force when the run began, protections and limits of the
deployed policy included. Later changes of the deployed policy do not reach the run.
"""

import json
from dataclasses import dataclass, replace

from purge_core.errors import InputError, PlanRefused, Problem
from purge_core.model import RepositoryName
from purge_core.planning import RunOrder
from purge_core.plans.plan import PurgePlan, hash_lines
from purge_core.policies.policy import Limits, Policy, Protection
from purge_core.policies.source import load_policy
from purge_core.policies.used_lists import source_shown
from purge_core.records.journal import Mode
from purge_core.records.store_records import RunRecord
from purge_core.service.ports import Service
from purge_core.wire import read_value, write_value
from purge_core.wording import shown


@dataclass(frozen=True, slots=True)
class Task:
    """The whole policy, and the repositories that the run is narrowed to, if it is."""

    policy: Policy
    repositories: tuple[RepositoryName, ...] | None = None


def write_task(task: Task) -> str:
    """Give the text under which a run remembers its task."""
    return json.dumps(write_value(task))


def read_task(text: str) -> Task:
    """Read a task back; a bare policy is one for every repository.

    Raises:
        InputError: it is none.

    """
    try:
        document = json.loads(text)
    except ValueError:
        return Task(load_policy(text))
    if isinstance(document, dict) and "policy" in document:
        return read_value(Task, document, "task")
    return Task(load_policy(text))


def order_of(run: RunRecord, concurrency: int, *, mode: Mode | None = None) -> RunOrder:
    """Give what a stored run is asked to do.

    Raises:
        InputError: the record of the run was altered.

    """
    task = read_task(run.policy)
    return RunOrder(
        run.id,
        run.registry,
        task.policy,
        run.now,
        mode or run.mode,
        task.repositories,
        concurrency,
    )


def require_unaltered(plan: PurgePlan, policy: Policy) -> None:
    """Check that a stored plan is as it was made, and was made by this policy.

    Raises:
        PlanRefused: it was altered.

    """
    plan.require_seal()
    if plan.policy_hash != hash_lines([repr(policy)]):
        raise PlanRefused(f"the policy behind the plan of {plan.repository} was altered")


def guarded(policy: Policy, deployed: Policy) -> Policy:
    """Add what the owner of the app wants protected and limited, whatever ``policy`` says.

    Raises:
        InputError: it names a list of images in use that the owner does not name: whoever asks
            for a run does not choose what the app reads.

    """
    _require_owned(policy, deployed)
    protect = tuple(p for p in deployed.protect if p not in policy.protect)
    names = {p.name for p in policy.protect}
    return replace(
        policy,
        protect=policy.protect + tuple(_renamed(p, names) for p in protect),
        limits=_stricter(policy.limits, deployed.limits),
        in_use=deployed.in_use,
    )


def _require_owned(policy: Policy, deployed: Policy) -> None:
    strangers = [used for used in policy.in_use if used not in deployed.in_use]
    if strangers:
        wanted = "lists of images in use only as the deployed policy names them, or none"
        raise InputError(
            Problem("policy.protect", shown(source_shown(used.source)), wanted)
            for used in strangers
        )


async def order_with_use(service: Service, run: RunRecord, *, mode: Mode | None = None) -> RunOrder:
    """Give what a stored run is asked to do, with what is in use in this moment.

    Raises:
        InputError: the record of the run was altered.
        UseUnknown: it is not known what is in use, so nothing may be deleted.

    """
    order = order_of(run, service.options.concurrency, mode=mode)
    used = await service.read_used(order.policy, order.registry)
    return replace(order, used=used)


def _renamed(protection: Protection, names: set[str]) -> Protection:
    """Keep two protections of one name apart in reports."""
    if protection.name not in names:
        return protection
    return replace(protection, name=f"{protection.name} (deployed)")


def _stricter(one: Limits | None, other: Limits | None) -> Limits | None:
    if one is None or other is None:
        return one or other
    return Limits(
        min(one.max_deletions, other.max_deletions),
        min(one.max_delete_share, other.max_delete_share),
    )
