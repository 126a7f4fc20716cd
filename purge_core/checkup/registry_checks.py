"""What a look at a registry means for somebody who wants to plan or to purge it."""

from collections.abc import Iterator
from typing import Final

from purge_core.checkup.checks import DELETE, METADATA_WRITE, Check, Need, State
from purge_core.checkup.mending import (
    assign_own_role,
    assign_role,
    certificates,
    network,
    show_soft_delete,
    sign_in,
)
from purge_core.checkup.sights import Deleted, Permissions, RegistrySight, Step
from purge_core.instants import TICKS_PER_SECOND
from purge_core.model import RepositoryName
from purge_core.policies.policy import Policy
from purge_core.records.journal import Mode
from purge_core.report.text import count, listed

_SKEW_NOTED: Final = 30
_SKEW_TOO_FAR: Final = 300
"""Seconds: tokens are refused beyond about this."""

_WORDS: Final = {
    "catalog": "list the repositories",
    "metadata_read": "list tags and manifests",
    "pull": "read manifests",
    DELETE: "delete tags and manifests",
    METADATA_WRITE: "unlock what is locked (include_locked)",
}
_TOPICS: Final = {"metadata_read": "list", "pull": "read", METADATA_WRITE: "unlock"}
_ROLES: Final = {
    Permissions.ROLES: {
        "catalog": "AcrPull",
        "metadata_read": "AcrPull",
        "pull": "AcrPull",
        DELETE: "AcrDelete",
    },
    Permissions.REPOSITORIES: {
        "catalog": "Container Registry Repository Catalog Lister",
        "metadata_read": "Container Registry Repository Reader",
        "pull": "Container Registry Repository Reader",
        DELETE: "Container Registry Repository Contributor",
        METADATA_WRITE: "Container Registry Repository Contributor",
    },
}
"""Which built-in role permits what. With plain roles none permits writing metadata alone.

Source: https://learn.microsoft.com/azure/container-registry/container-registry-rbac-built-in-roles-overview
"""

_SOFT_DELETE: Final = {
    Deleted.EMPTY: "nothing is in the list of what was deleted, so it may be on or off",
    Deleted.UNANSWERED: "not told here; without it what goes is gone for good",
}


def registry_checks(sight: RegistrySight, need: Need, policy: Policy | None) -> Iterator[Check]:
    """Yield what can be said, in the order in which it was seen."""
    if sight.skew is not None:
        yield _clock(sight)
    if sight.trouble is not None:
        yield _trouble(sight)
        return
    yield _identity(sight)
    yield _permissions(sight)
    yield _catalog(sight)
    yield from _rights(sight, need)
    if policy is not None:
        yield _coverage(sight, policy)
    yield _deleted(sight)


def _clock(sight: RegistrySight) -> Check:
    seconds = abs(sight.skew or 0) // TICKS_PER_SECOND
    state = State.OK
    if seconds >= _SKEW_NOTED:
        state = State.NOTE if seconds < _SKEW_TOO_FAR else State.MISSING
    side = "ahead of" if (sight.skew or 0) > 0 else "behind"
    if state is State.OK:
        said = "this clock and the registry's agree"
    else:
        said = f"the registry's clock is {count(seconds, 'second')} {side} this one"
    mend = () if state is State.OK else ("set this machine's clock (timedatectl set-ntp true)",)
    return Check(sight.host, "clock", state, said, mend)


def _trouble(sight: RegistrySight) -> Check:
    mend = {
        Step.NETWORK: network(sight.host),
        Step.CERTIFICATE: certificates(),
        Step.IDENTITY: sign_in(),
        Step.ADMISSION: (assign_role("AcrPull", sight),),
    }[sight.step]
    return Check(sight.host, sight.step.value, State.MISSING, sight.trouble or "", mend)


def _identity(sight: RegistrySight) -> Check:
    who = sight.who
    if who is None or (who.name is None and who.object_id is None):
        said = "signed in; the token does not say as whom (a development registry takes any)"
        return Check(sight.host, "identity", State.OK, said)
    kind = {True: "user", False: "application", None: "identity"}[who.is_user]
    name = f" {who.name}" if who.name else ""
    behind = f" (object id {who.object_id})" if who.object_id else ""
    return Check(sight.host, "identity", State.OK, f"signed in as {kind}{name}{behind}")


def _permissions(sight: RegistrySight) -> Check:
    if sight.permissions is Permissions.REPOSITORIES:
        said = "rights are given per repository (ABAC); AcrPull, AcrDelete and Owner give none here"
    else:
        said = "rights are given for the whole registry (RBAC)"
    return Check(sight.host, "mode", State.OK, said)


def _catalog(sight: RegistrySight) -> Check:
    if sight.names is None:
        return _lacking(sight, "catalog", "")
    more = "at least " if sight.more_names else ""
    repositories = f"{more}{count(len(sight.names), 'repository')}"
    return Check(sight.host, "catalog", State.OK, f"may list the repositories: {repositories}")


def _rights(sight: RegistrySight, need: Need) -> Iterator[Check]:
    """Yield one check per action: what is needed, and deleting in any case."""
    if not sight.rights:
        said = "no repository is there to ask about: --repository names one that will be"
        yield Check(sight.host, "rights", State.UNSEEN, said)
        return
    for action in need.actions:
        lacking = [name for name, actions in sight.rights.items() if action not in actions]
        if lacking:
            yield _lacking(sight, action, f" in {listed(sorted(lacking))}")
        else:
            where = _where(sight)
            topic = _TOPICS.get(action, action)
            yield Check(sight.host, topic, State.OK, f"may {_WORDS[action]}{where}")
    if need.mode is Mode.PLAN:
        yield _plan_only(sight)


def _where(sight: RegistrySight) -> str:
    """Say how far an answer reaches: with repository permissions only as far as was asked."""
    if sight.permissions is Permissions.ROLES:
        return ""
    return f" in {listed(sorted(sight.rights))}"


def _plan_only(sight: RegistrySight) -> Check:
    may = [name for name, actions in sight.rights.items() if DELETE in actions]
    if may:
        said = "may delete, which planning does not need: a plan-only deployment is safer without"
        return Check(sight.host, DELETE, State.NOTE, said)
    said = "may not delete: enough to plan, and nothing can go by mistake"
    return Check(sight.host, DELETE, State.OK, said)


def _lacking(sight: RegistrySight, action: str, where: str) -> Check:
    role = _ROLES[sight.permissions or Permissions.ROLES].get(action)
    mend = (assign_role(role, sight),) if role is not None else assign_own_role(sight)
    said = f"may not {_WORDS[action]}{where}: the identity lacks {role or 'a role for that'}"
    return Check(sight.host, _TOPICS.get(action, action), State.MISSING, said, mend)


def _coverage(sight: RegistrySight, policy: Policy) -> Check:
    names = sight.names or ()
    covered = sum(policy.covers(RepositoryName(name)) for name in names)
    if sight.names is None:
        said = "which repositories the policy is for cannot be told without the catalogue"
        return Check(sight.host, "policy", State.UNSEEN, said)
    of_all = f"{covered:,} of {count(len(names), 'repository')}"
    if covered == 0 and names:
        said = f"the policy is for {of_all}: nothing here will ever go"
        return Check(sight.host, "policy", State.NOTE, said)
    return Check(sight.host, "policy", State.OK, f"the policy is for {of_all}")


def _deleted(sight: RegistrySight) -> Check:
    if sight.deleted is Deleted.HOLDS:
        said = "soft delete is on: what goes can be restored for as long as it says"
        return Check(sight.host, "soft delete", State.OK, said)
    said = _SOFT_DELETE[sight.deleted]
    return Check(sight.host, "soft delete", State.UNSEEN, said, show_soft_delete(sight.host))
