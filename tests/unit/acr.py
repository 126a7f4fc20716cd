"""Short words for `acr purge` policies in tests."""

from collections.abc import Callable

import pytest

from purge_core.errors import PolicyError, Problem
from purge_core.policies.acr_dialect import AcrPurgeFlags, acr_policy
from purge_core.policies.policy import Rule


def rule_of(*filters: str) -> Rule:
    """Return the one rule that the filters make."""
    (rule,) = acr_policy(AcrPurgeFlags(filters=filters, ago="0d")).rules
    return rule


def problems_of(action: Callable[[], object]) -> list[Problem]:
    """Return the problems of what must be refused."""
    with pytest.raises(PolicyError) as caught:
        action()
    return list(caught.value.problems)
