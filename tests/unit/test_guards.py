"""What refuses a repository or a whole run, told in full and exactly at the limit."""

from dataclasses import replace

import pytest

from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.guards import (
    Refusal,
    ShareExceeded,
    TooManyDeletions,
    WouldBeEmpty,
    check_run,
    refusals,
)
from purge_core.model import RepositoryName, RepositorySnapshot
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import Dialect, Limits, Policy, Rule, Selector, Untagged
from tests.builders import NOW, days, image, repository, signature

SHOP = RepositoryName("shop")


def rule(name: str, tags: str, *, allow_empty: bool = False) -> Rule:
    """Make a rule for tags that are older than a week."""
    selector = Selector(compile_pattern(".*"), compile_pattern(tags))
    return Rule(name, (selector,), days(7), allow_empty=allow_empty)


VERSIONS = Policy(rules=(rule("versions", "v.*"),), untagged=Untagged(days(7)))


def images(old: int, young: int) -> RepositorySnapshot:
    """Return so many old and young images of one tag each."""
    ages = [days(30)] * old + [days(1)] * young
    return repository("shop", *(image(str(n), tags=[f"v{n}"], age=a) for n, a in enumerate(ages)))


def refused(snapshot: RepositorySnapshot, policy: Policy) -> tuple[Refusal, ...]:
    """Judge, and return what refuses the repository."""
    return refusals(snapshot, policy, evaluate(snapshot, policy, NOW))


def test_a_share_above_the_limit_is_told_in_full() -> None:
    """Tags and manifests are counted separately, each with what would go and what there is."""
    policy = replace(VERSIONS, limits=Limits(max_delete_share=0.5))
    assert refused(images(6, 5), policy) == (
        ShareExceeded(SHOP, "tags", 6, 11, 0.5),
        ShareExceeded(SHOP, "manifests", 6, 11, 0.5),
    )


@pytest.mark.parametrize(("old", "young"), [(5, 5), (9, 0)])
def test_a_share_at_the_limit_or_of_few_is_no_reason(old: int, young: int) -> None:
    """Half is not more than half, and of fewer than ten no share is taken."""
    policy = replace(VERSIONS, limits=Limits(max_delete_share=0.5))
    found = refused(images(old, young), policy)
    assert not [refusal for refusal in found if isinstance(refusal, ShareExceeded)]


def test_ten_are_enough_for_a_share() -> None:
    """From ten on a share counts."""
    policy = replace(VERSIONS, limits=Limits(max_delete_share=0.5))
    assert len(refused(images(6, 4), policy)) == 2


def test_an_emptied_repository_is_named_with_the_rules_that_forbid_it() -> None:
    """Only the rules that delete there and do not allow it are named, in order."""
    rules = (rule("b", "b.*"), rule("a", "a.*"), rule("ok", "o.*", allow_empty=True))
    app = image("app", tags=["a1", "b1", "o1"])
    policy = Policy(rules=(*rules, rule("idle", "i.*")), untagged=Untagged(days(7)))
    snapshot = repository("shop", app, signature(app, age=days(1)))
    assert refused(snapshot, policy) == (WouldBeEmpty(SHOP, ("a", "b")),)


def test_a_rule_needs_its_own_leave_whatever_its_name() -> None:
    """A rule that bears the name of the ``untagged`` part is a rule like any other."""
    policy = Policy(rules=(rule("untagged", "v.*"),), untagged=Untagged(days(7)))
    assert refused(images(1, 0), policy) == (WouldBeEmpty(SHOP, ("untagged",)),)


def test_one_tag_that_stays_is_enough() -> None:
    """A repository that keeps a tagged image is not empty."""
    assert refused(images(3, 1), VERSIONS) == ()


def test_the_dialect_may_empty_a_repository_but_heeds_a_limit() -> None:
    """As ``acr purge`` does; a limit that somebody else sets holds for it as well."""
    policy = replace(VERSIONS, dialect=Dialect.ACR_PURGE, limits=None)
    assert refused(images(10, 0), policy) == ()
    limited = replace(policy, limits=Limits())
    assert [type(refusal) for refusal in refused(images(10, 0), limited)] == [ShareExceeded] * 2


def test_a_run_is_refused_above_its_limit() -> None:
    """The deletions of all repositories together may reach the limit, and not exceed it."""
    policy = Policy(limits=Limits(max_deletions=10))
    assert check_run(policy, [4, 6]) is None
    assert check_run(policy, [4, 7]) == TooManyDeletions(11, 10)
    assert check_run(replace(policy, limits=None), [4, 7]) is None
