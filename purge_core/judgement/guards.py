"""Guards against a policy that takes far more than was meant.

A refusal is a result with a reason, not an error: nothing of the repository (or of the
run) is deleted, and the others go on. ``acr purge`` has no guards, so its dialect has
none of its own; limits that somebody else sets hold for it, too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from purge_core.judgement.decision import Decisions, Delete, Verdict
from purge_core.judgement.reasons import ImageGoes, Selected
from purge_core.judgement.references import signed_image
from purge_core.model import RepositoryName, RepositorySnapshot
from purge_core.policies.policy import SHARE_COUNTS_FROM, Dialect, Limits, Policy


@dataclass(frozen=True, slots=True)
class ShareExceeded:
    """More than the permitted share of a repository's tags (or manifests) would go."""

    code: ClassVar = "share-exceeded"
    repository: RepositoryName
    what: str
    deletions: int
    total: int
    limit: float


@dataclass(frozen=True, slots=True)
class WouldBeEmpty:
    """The repository has tagged images and would have none; ``rules`` do not allow it."""

    code: ClassVar = "would-be-empty"
    repository: RepositoryName
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TooManyDeletions:
    """The run would delete more tags and manifests than ``limits.max_deletions``."""

    code: ClassVar = "too-many-deletions"
    deletions: int
    limit: int


Refusal = ShareExceeded | WouldBeEmpty
"""Why one repository is refused."""


def refusals(
    snapshot: RepositorySnapshot, policy: Policy, decisions: Decisions
) -> tuple[Refusal, ...]:
    """Give every reason to refuse one repository's plan; empty when there is none."""
    found: list[Refusal] = []
    if policy.limits is not None:
        found += _shares(decisions, policy.limits)
    if policy.dialect is Dialect.ACR_PURGE:
        return tuple(found)
    if empties := _would_be_empty(snapshot, policy, decisions):
        found.append(empties)
    return tuple(found)


def check_run(policy: Policy, deletions: Iterable[int]) -> TooManyDeletions | None:
    """Check what the plans of a whole run delete together."""
    total = sum(deletions)
    if policy.limits is None or total <= policy.limits.max_deletions:
        return None
    return TooManyDeletions(total, policy.limits.max_deletions)


def _shares(decisions: Decisions, limits: Limits) -> Iterator[Refusal]:
    kinds = (
        ("tags", decisions.tags.values()),
        ("manifests", decisions.manifests.values()),
    )
    for what, verdicts in kinds:
        total, going = len(verdicts), _count_deletes(verdicts)
        if total >= SHARE_COUNTS_FROM and going > limits.max_delete_share * total:
            yield ShareExceeded(decisions.repository, what, going, total, limits.max_delete_share)


def _count_deletes(verdicts: Iterable[Verdict]) -> int:
    return sum(isinstance(verdict, Delete) for verdict in verdicts)


def _would_be_empty(
    snapshot: RepositorySnapshot, policy: Policy, decisions: Decisions
) -> WouldBeEmpty | None:
    """Check that a tagged image is left, unless all that delete here allow none."""
    images = [tag.name for tag in snapshot.tags if signed_image(tag.name) is None]
    going = [decisions.tags[name] for name in images]
    if not images or not all(isinstance(verdict, Delete) for verdict in going):
        return None
    allowed = {rule.name for rule in policy.rules if rule.allow_empty}
    offending = sorted(_deleting_rules(decisions) - allowed)
    return WouldBeEmpty(decisions.repository, tuple(offending)) if offending else None


def _deleting_rules(decisions: Decisions) -> set[str]:
    """Name the rules that delete tags or images here."""
    names: set[str] = set()
    for verdict in decisions.tags.values():
        if isinstance(verdict, Delete):
            names.update(r.rule for r in verdict.reasons if isinstance(r, Selected | ImageGoes))
    return names
