"""What every deployment must keep, one family of rules per module.

A rule looks at one deployment that is tried out, and yields what is wrong with which resource.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from infra_check.code import Code
from infra_check.deployed import Deployed, Resource
from infra_check.scenarios import Scenario

Complaint = tuple[Resource | None, str]


@dataclass(frozen=True, slots=True)
class Trial:
    """A scenario, what it would deploy, and the code that would run there."""

    scenario: Scenario
    deployed: Deployed
    code: Code


Rule = Callable[[Trial], Iterator[Complaint]]


def one(trial: Trial, kind: str) -> Resource | None:
    """Give the only resource of a type; ``None``: there is none, or there are several."""
    found = trial.deployed.of(kind)
    return found[0] if len(found) == 1 else None
