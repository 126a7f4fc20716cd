"""Laws of comparing policies: more and less are exactly the difference of two plans."""

import asyncio
from dataclasses import replace

from hypothesis import given

from purge_core.comparing import Pair, compare_repository
from purge_core.model import Digest, RepositorySnapshot, TagName
from purge_core.planning import RunOrder, plan_repository
from purge_core.policies.policy import Policy
from purge_core.records.differences import Part, RepositoryDifference
from tests.fakes import FakeRegistry
from tests.property.policies import policies
from tests.property.strategies import HONEST, repositories
from tests.unit.planned import order

Names = set[TagName | Digest]


def compared(snapshot: RepositorySnapshot, old: Policy, new: Policy) -> RepositoryDifference:
    """Compare two policies."""
    registry, pair = FakeRegistry(snapshot), Pair(order(old), order(new))
    return asyncio.run(compare_repository(registry, pair, snapshot.name))


def planned(snapshot: RepositorySnapshot, run: RunOrder) -> Names:
    """Name what a plan of one policy, read for it alone, selects."""
    result = asyncio.run(plan_repository(FakeRegistry(snapshot), run, snapshot.name))
    if result.decisions is None:
        return set()
    return {*result.decisions.deleted_tags, *result.decisions.deleted_manifests}


def names(part: Part) -> Names:
    """Name what goes by one of the policies alone."""
    return {*(tag.name for tag in part.tags), *(m.digest for m in part.manifests)}


@given(repositories(HONEST), policies(), policies())
def test_more_and_less_are_the_difference_of_two_plans(
    snapshot: RepositorySnapshot, old: Policy, new: Policy
) -> None:
    """One reading for both tells what two plans, each with a reading of its own, would."""
    found = compared(snapshot, old, new)
    by_old, by_new = planned(snapshot, order(old)), planned(snapshot, order(new))
    assert names(found.more) == by_new - by_old
    assert names(found.less) == by_old - by_new
    assert (found.old_deletions, found.new_deletions) == (len(by_old), len(by_new))


@given(repositories(), policies())
def test_a_policy_does_not_differ_from_itself(snapshot: RepositorySnapshot, one: Policy) -> None:
    """Whatever the registry holds, and whatever names the rules have."""
    assert not compared(snapshot, one, one).differs
    renamed = tuple(replace(rule, name=f"{rule.name}!") for rule in one.rules)
    assert not compared(snapshot, one, replace(one, rules=renamed)).differs
