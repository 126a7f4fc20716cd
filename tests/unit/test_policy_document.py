"""Policy documents: every key, its default, and what it becomes."""

import pytest

from purge_core.instants import DAY, Span
from purge_core.policies.document import parse_policy_document, policy_from
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import (
    Dialect,
    Limits,
    Policy,
    Protection,
    Rule,
    Selector,
    Target,
    Untagged,
)

FULL = """
version: 1
registries: [contoso.azurecr.io, "localhost:5000"]
rules:
  - name: pull requests
    repositories: ".*"
    tags: "pr-.*"
    older_than: 3d
  - name: releases
    repositories: "shop/.*"
    tags: ".*"
    keep_newest: 10
    older_than: 30d
    target: images
    allow_empty: true
untagged:
  older_than: 7d
  keep_newest: 2
  orphans: true
  repositories: ["a", "b/.*"]
protect:
  - {name: live, repositories: "x", tags: "latest|stable|prod-.*"}
limits: {max_deletions: 100, max_delete_share: 0.5}
include_locked: true
match_timeout: 2.5
"""


def selector(repositories: str, tags: str, timeout: float = 60.0) -> Selector:
    """Return the selector that a document's two patterns make."""
    return Selector(
        compile_pattern(repositories, timeout=timeout), compile_pattern(tags, timeout=timeout)
    )


def test_every_key() -> None:
    """A document that uses all keys becomes the policy that it spells."""
    assert parse_policy_document(FULL) == Policy(
        rules=(
            Rule("pull requests", (selector(".*", "pr-.*", 2.5),), Span(3 * DAY)),
            Rule(
                "releases",
                (selector("shop/.*", ".*", 2.5),),
                Span(30 * DAY),
                10,
                Target.IMAGES,
                allow_empty=True,
            ),
        ),
        untagged=Untagged(
            Span(7 * DAY),
            2,
            orphans=True,
            repositories=tuple(compile_pattern(text, timeout=2.5) for text in ("a", "b/.*")),
        ),
        protect=(Protection("live", selector("x", "latest|stable|prod-.*", 2.5)),),
        limits=Limits(100, 0.5),
        include_locked=True,
        registries=("contoso.azurecr.io", "localhost:5000"),
        dialect=Dialect.DOCUMENT,
    )


def test_the_smallest_document() -> None:
    """A document may say nothing; then nothing goes, and the limits are the usual ones."""
    policy = parse_policy_document("version: 1")
    assert policy == Policy()
    assert policy.is_empty


def test_defaults_of_a_rule() -> None:
    """What a rule leaves out is cautious, and its name is its position."""
    entry = {"repositories": "a", "tags": "b", "older_than": "0d"}
    policy = policy_from({"version": 1, "rules": [entry, {"name": "x", **entry}, entry]})
    rule = Rule("rule 1", (selector("a", "b"),), Span(0))
    assert policy.rules[0] == rule
    assert [rule.name for rule in policy.rules] == ["rule 1", "x", "rule 3"]
    assert (rule.keep_newest, rule.target, rule.allow_empty) == (0, Target.TAGS, False)


def test_defaults_of_untagged() -> None:
    """Untagged manifests go in every repository when none is named."""
    policy = policy_from({"version": 1, "untagged": {"older_than": "1d"}})
    assert policy.untagged == Untagged(Span(DAY))


def test_untagged_in_one_repository_pattern() -> None:
    """One pattern needs no list."""
    policy = policy_from({"version": 1, "untagged": {"older_than": "1d", "repositories": "a|b"}})
    assert policy.untagged == Untagged(Span(DAY), repositories=(compile_pattern("a|b"),))


def test_defaults_of_protect() -> None:
    """A protection covers everything that it does not narrow."""
    policy = policy_from({"version": 1, "protect": [{}, {"tags": "x"}, {"repositories": "y"}]})
    assert policy.protect == (
        Protection("protection 1", selector(".*", ".*")),
        Protection("protection 2", selector(".*", "x")),
        Protection("protection 3", selector("y", ".*")),
    )


@pytest.mark.parametrize(
    ("written", "limits"),
    [
        ({}, Limits(5000, 0.9)),
        ({"max_deletions": 0}, Limits(0, 0.9)),
        ({"max_delete_share": 0}, Limits(5000, 0.0)),
        ({"max_delete_share": 1}, Limits(5000, 1.0)),
        ({"max_delete_share": None}, Limits(5000, 1.0)),
        (None, None),
    ],
)
def test_limits(written: object, limits: Limits | None) -> None:
    """Limits that are left out are the usual ones; null takes them away."""
    assert policy_from({"version": 1, "limits": written}).limits == limits


@pytest.mark.parametrize("key", ["rules", "protect", "registries"])
def test_empty_lists(key: str) -> None:
    """An empty list is no entry."""
    assert policy_from({"version": 1, key: []}) == Policy()


def test_patterns_cover_the_whole_name() -> None:
    """Alternatives are grouped, and nothing matches in the middle of a name."""
    (entry,) = policy_from({"version": 1, "protect": [{"tags": "prod|live"}]}).protect
    names = ("prod", "live", "prod-1", "alive")
    assert [entry.selector.tags.matches(name) for name in names] == [True, True, False, False]


def test_json_is_a_document() -> None:
    """JSON is read like YAML."""
    assert parse_policy_document('{"version": 1, "untagged": {"older_than": "1d"}}') == policy_from(
        {"version": 1, "untagged": {"older_than": "1d"}}
    )


def test_a_rule_that_takes_everything_may_say_so() -> None:
    """With unsafe_match_all such a rule is accepted; it means nothing else."""
    rule = {"repositories": "a", "tags": ".*", "older_than": "0d", "unsafe_match_all": True}
    (read,) = policy_from({"version": 1, "rules": [rule]}).rules
    assert read == Rule("rule 1", (selector("a", ".*"),), Span(0))
