"""Holds deployments of two environments apart: neither may take what belongs to the other."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from infra_check.deployed import Deployed, Resource
from infra_check.scenarios import Scenario

_OF_THE_WORLD = {"Microsoft.Storage/storageAccounts", "Microsoft.Web/sites"}
"""Their names are there once in the world."""
_OF_A_REGISTRY = {"Microsoft.Authorization/roleDefinitions"}
"""Made once for a registry, the same by everybody."""

Tried = tuple[Scenario, Deployed]


def collisions(tried: Iterable[Tried]) -> Iterator[tuple[Resource | None, str]]:
    """Say what two environments would both make; ``tried`` is of one variant."""
    for (one, ours), (other, theirs) in combinations(tried, 2):
        if one.environment != other.environment:
            taken = {_identity(each) for each in ours.resources if _is_own(each)}
            for each in theirs.resources:
                if _is_own(each) and _identity(each) in taken:
                    yield each, f"two environments would both make {_identity(each)}"


def _is_own(resource: Resource) -> bool:
    return not resource.existing and resource.type not in _OF_A_REGISTRY


def _identity(resource: Resource) -> str:
    return resource.name if resource.type in _OF_THE_WORLD else resource.id
