"""The flags of `acr purge`: what they become, and which combinations are refused."""

import pytest

from purge_core.errors import PolicyError
from purge_core.instants import DAY, Span
from purge_core.policies.acr_dialect import AcrPurgeFlags, acr_policy, clamp_concurrency
from purge_core.policies.patterns import Anchoring
from purge_core.policies.policy import Dialect, Policy, Rule, Target, Untagged
from tests.unit.acr import problems_of


def test_filters_become_one_rule() -> None:
    """All filters share one rule and one counter; nothing guards what acr purge does not."""
    policy = acr_policy(AcrPurgeFlags(filters=("dev:.*", "prod:v1"), ago="7d", keep=2))
    (rule,) = policy.rules
    assert rule == Rule("filters", rule.selectors, Span(7 * DAY), 2, Target.TAGS, allow_empty=True)
    assert [(s.repositories.text, s.tags.text) for s in rule.selectors] == [
        ("dev", ".*"),
        ("prod", "v1"),
    ]
    assert policy == Policy(rules=(rule,), limits=None, dialect=Dialect.ACR_PURGE)


def test_anchoring_of_both_halves() -> None:
    """The repository half covers the whole name, the tag half any part."""
    (rule,) = acr_policy(AcrPurgeFlags(filters=("a:b",), ago="0d")).rules
    (selector,) = rule.selectors
    assert selector.repositories.anchoring is Anchoring.WHOLE
    assert selector.tags.anchoring is Anchoring.ANYWHERE


def test_untagged() -> None:
    """--untagged purges manifests of the filtered repositories by the same age and keep."""
    flags = AcrPurgeFlags(filters=("a:1", "b:2", "a:3"), ago="3d", keep=4, untagged=True)
    policy = acr_policy(flags)
    assert policy.rules
    assert policy.untagged is not None
    patterns = policy.untagged.repositories
    assert policy.untagged == Untagged(Span(3 * DAY), 4, repositories=patterns)
    assert [pattern.text for pattern in patterns] == ["a", "b"]


def test_untagged_only() -> None:
    """--untagged-only has no rule, needs no filter and no age, and covers everything."""
    policy = acr_policy(AcrPurgeFlags(untagged_only=True))
    assert policy.rules == ()
    assert policy.untagged == Untagged(Span(0))


def test_untagged_only_with_filter_age_and_keep() -> None:
    """--untagged-only honours all three; the tag half says nothing."""
    flags = AcrPurgeFlags(filters=("a:x",), ago="1h", keep=1, untagged_only=True)
    policy = acr_policy(flags)
    assert policy.rules == ()
    assert policy.untagged is not None
    assert policy.untagged.older_than == DAY // 24
    assert policy.untagged.keep_newest == 1
    assert [pattern.text for pattern in policy.untagged.repositories] == ["a"]


@pytest.mark.parametrize(("seconds", "timeout"), [(1, 1.0), (60, 60.0), (0, 60.0), (-5, 60.0)])
def test_time_limit_of_filters(seconds: int, timeout: float) -> None:
    """The time limit applies to each match; not positive means the default."""
    flags = AcrPurgeFlags(filters=("a:b",), ago="0d", filter_timeout_seconds=seconds)
    (selector,) = acr_policy(flags).rules[0].selectors
    assert (selector.repositories.timeout, selector.tags.timeout) == (timeout, timeout)


def test_include_locked() -> None:
    """--include-locked is part of the policy."""
    flags = AcrPurgeFlags(filters=("a:b",), ago="0d", include_locked=True)
    assert acr_policy(flags).include_locked


@pytest.mark.parametrize(
    ("flags", "path", "found"),
    [
        (AcrPurgeFlags(ago="1d"), "--filter", "nothing"),
        (AcrPurgeFlags(ago="1d", untagged=True), "--filter", "nothing"),
        (AcrPurgeFlags(filters=("a:b",)), "--ago", "nothing"),
        (AcrPurgeFlags(filters=("a:b",), ago=""), "--ago", "''"),
        (AcrPurgeFlags(untagged_only=True, ago=""), "--ago", "''"),
        (AcrPurgeFlags(filters=("a:b",), ago="d"), "--ago", "'d'"),
        (AcrPurgeFlags(filters=("a:b",), ago="-7d"), "--ago", "'-7d'"),
        (AcrPurgeFlags(filters=("a:b",), ago="1d", keep=-1), "--keep", "-1"),
        (
            AcrPurgeFlags(filters=("a:b",), ago="1d", untagged=True, untagged_only=True),
            "--untagged-only",
            "both --untagged and --untagged-only",
        ),
        (AcrPurgeFlags(filters=("*:.*",), ago="1d"), "--filter", "'*:.*'"),
        (AcrPurgeFlags(filters=("a:*",), untagged_only=True), "--filter", "'a:*'"),
        (AcrPurgeFlags(filters=("a:b", "c"), ago="1d"), "--filter[1]", "'c'"),
        (AcrPurgeFlags(filters=("x" * 99,), ago="1d"), "--filter", f"'{'x' * 80}...'"),
    ],
)
def test_refuses(flags: AcrPurgeFlags, path: str, found: str) -> None:
    """What acr purge refuses or misreads is one problem, where it is."""
    assert [(p.path, p.found) for p in problems_of(lambda: acr_policy(flags))] == [(path, found)]


def test_all_problems_at_once() -> None:
    """Every flag that is wrong is named, not only the first."""
    flags = AcrPurgeFlags(
        filters=("a", "b:*"), ago="30", keep=-2, untagged=True, untagged_only=True
    )
    paths = [problem.path for problem in problems_of(lambda: acr_policy(flags))]
    assert paths == ["--untagged-only", "--keep", "--filter[0]", "--filter[1]", "--ago"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (
            AcrPurgeFlags(ago="1d"),
            (
                "--filter: found nothing; expected at least one filter, such as 'repository:tag'"
                " (or --untagged-only)"
            ),
        ),
        (
            AcrPurgeFlags(filters=("a:b",)),
            (
                "--ago: found nothing; expected a duration such as 30d (required unless"
                " --untagged-only; 0d for any age)"
            ),
        ),
        (
            AcrPurgeFlags(filters=("a:b",), ago="0"),
            (
                "--ago: found '0'; expected a duration such as 7d, 12h or 1d12h: numbers with"
                " w, d, h, m or s, in this order (a number needs its unit: 0d, 0h)"
            ),
        ),
        (
            AcrPurgeFlags(filters=("a:b",), ago="1d", keep=-5),
            "--keep: found -5; expected 0 or more",
        ),
        (
            AcrPurgeFlags(untagged=True, untagged_only=True),
            "--untagged-only: found both --untagged and --untagged-only; expected one of the two",
        ),
        (
            AcrPurgeFlags(filters=("*:.*",), ago="1d"),
            (
                "--filter: found '*:.*'; expected before the colon: a regular expression, not a"
                " wildcard: .* stands for any text (nothing to repeat at position 0)"
            ),
        ),
        (
            AcrPurgeFlags(filters=("a:b:c",), ago="1d"),
            (
                "--filter: found 'a:b:c'; expected repository:tag, two regular expressions with"
                " exactly one colon between them (outside groups and classes there are 2)"
            ),
        ),
    ],
)
def test_says(flags: AcrPurgeFlags, said: str) -> None:
    """The sentence that people read says where, what, and what would be right."""
    assert str(problems_of(lambda: acr_policy(flags))[0]) == said


@pytest.mark.parametrize(
    ("wanted", "used", "noted"),
    [
        (-1, None, True),
        (0, None, True),
        (1, 1, False),
        (32, 32, False),
        (33, 32, True),
        (1000, 32, True),
    ],
)
def test_clamps_concurrency(wanted: int, used: int | None, noted: bool) -> None:
    """Concurrency is brought into 1 to 32, and a change is told."""
    concurrency, note = clamp_concurrency(wanted)
    assert concurrency == used
    assert (note is not None) == noted
    assert note is None or f"--concurrency {wanted} " in note


def test_an_age_that_is_not_given_is_missing() -> None:
    """No default stands in for it: without an age everything would be old enough."""
    assert AcrPurgeFlags().ago is None
    with pytest.raises(PolicyError, match="--ago"):
        acr_policy(AcrPurgeFlags(filters=("app:v.*",)))
