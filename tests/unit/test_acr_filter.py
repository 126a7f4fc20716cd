"""Filters: where they split, what each half matches, and what is wrong with the bad ones."""

import pytest

from purge_core.model import RepositoryName, TagName
from purge_core.policies.acr_filter import compile_filter, parse_filter, wildcard_hint
from purge_core.policies.policy import Rule
from tests.unit.acr import rule_of


@pytest.mark.parametrize(
    ("text", "repository", "tag"),
    [
        ("foo:bar", "foo", "bar"),
        (".*:.*", ".*", ".*"),
        ("foo:.*", "foo", ".*"),
        ("team/app:v[0-9]+", "team/app", "v[0-9]+"),
        ("foo:(?:bar|baz)", "foo", "(?:bar|baz)"),
        ("(?:foo|bar):(?:.*)", "(?:foo|bar)", "(?:.*)"),
        ("(?i:Foo):(?i:Bar)", "(?i:Foo)", "(?i:Bar)"),
        ("(?s-i:foo):(?-i:b)", "(?s-i:foo)", "(?-i:b)"),
        ("(foo(?:-(?:a|b))?):x", "(foo(?:-(?:a|b))?)", "x"),
        ("[[:alpha:]]+:[[:digit:]]+", "[[:alpha:]]+", "[[:digit:]]+"),
        ("foo:[^[:digit:]]", "foo", "[^[:digit:]]"),
        ("[:]:[:]", "[:]", "[:]"),
        ("[a:b]:[^:]", "[a:b]", "[^:]"),
        (r"foo:(?<!a:)b", "foo", "(?<!a:)b"),
        (r"foo:(?=:)b", "foo", "(?=:)b"),
        (r"(?!a:b).*:x", "(?!a:b).*", "x"),
        (r"foo\[:bar", r"foo\[", "bar"),
        (r"foo\(:bar", r"foo\(", "bar"),
        ("[]:]:x", "[]:]", "x"),
        (r"[\]:]:x", r"[\]:]", "x"),
        ("(?#a:b)foo:x", "(?#a:b)foo", "x"),
        ("(?P<n>a:b)?foo:x", "(?P<n>a:b)?foo", "x"),
        (" foo : bar ", " foo ", " bar "),
    ],
)
def test_splits(text: str, repository: str, tag: str) -> None:
    """A filter splits at its one colon outside groups and classes."""
    assert parse_filter(text) == (repository, tag)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there are 0"),
        ("foo", "there are 0"),
        ("foo:bar:baz", "there are 2"),
        ("::", "there are 2"),
        (r"foo\:bar", "there are 0"),
        ("(foo:bar)", "there are 0"),
        ("(foo:bar", "there are 0"),
        ("[foo:bar]", "there are 0"),
        (":bar", r"^a repository pattern before the colon \(\.\* stands for every one\)$"),
        ("foo:", r"^a tag pattern after the colon \(\.\* stands for every one\)$"),
        (":", "a repository pattern before the colon"),
        ("a" * 39_999 + ":b", "^at most 40000 characters"),
    ],
)
def test_does_not_split(text: str, message: str) -> None:
    """No colon, several, or an empty half is an error."""
    with pytest.raises(ValueError, match=message):
        parse_filter(text)


def test_the_longest_filter() -> None:
    """A filter may be as long as its limit."""
    assert parse_filter("a" * 39_998 + ":b").tag == "b"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("*:.*", "before the colon: a regular expression, not a wildcard"),
        (".*:*", "after the colon: a regular expression, not a wildcard"),
        ("a:(b", "after the colon: a ) for every ("),
        ("(a)):b", "before the colon: a ( before every )"),
        ("a:[z-a]", "after the colon: a regular expression (bad character range"),
    ],
)
def test_does_not_compile(text: str, message: str) -> None:
    """Both halves compile when the filter is read, and the error says which does not."""
    with pytest.raises(ValueError, match=r"the colon: ") as caught:
        compile_filter(text, 1.0)
    assert str(caught.value).startswith(message)


def covered(rule: Rule, *repositories: str) -> list[str]:
    """Return those of the repositories that the rule covers."""
    return [name for name in repositories if rule.covers(RepositoryName(name))]


@pytest.mark.parametrize(
    ("filters", "repositories"),
    [
        ((".*:.*",), ["foo", "bar", "foobar", "team/foo", "foo-prod"]),
        (("foo:.*",), ["foo"]),
        (("ba:.*",), []),
        (("ba.*:.*",), ["bar"]),
        (("foo|bar:.*",), ["foo", "bar"]),
        (("foo|bar|team/foo:.*",), ["foo", "bar", "team/foo"]),
        (("^foo$:.*",), ["foo"]),
        (("team/.*:.*",), ["team/foo"]),
        (("(?:foo)(?:bar)?:.*",), ["foo", "foobar"]),
        (("FOO:.*",), []),
        (("(?i:FOO):.*",), ["foo"]),
        (("(?i)FOO:.*", "BAR:.*"), ["foo"]),
        (("foo:a", "bar:b"), ["foo", "bar"]),
    ],
)
def test_repository_half(filters: tuple[str, ...], repositories: list[str]) -> None:
    """The repository half covers the whole name, alternatives grouped, each filter alone."""
    rule = rule_of(*filters)
    assert covered(rule, "foo", "bar", "foobar", "team/foo", "foo-prod") == repositories


@pytest.mark.parametrize(
    ("filters", "tags"),
    [
        (("app:1.0",), ["1.0", "11.0", "1.0-prod"]),
        (("app:^1.0$",), ["1.0"]),
        (("app:^1.0|prod$",), ["1.0", "1.0-prod"]),
        (("app:RC",), []),
        (("app:(?i)RC",), ["rc1"]),
        (("app:(?i)RC", "app:PROD"), ["rc1"]),
        (("app:rc", "app:prod"), ["1.0-prod", "rc1"]),
        (("app:rc", "other:prod"), ["rc1"]),
        (("app:(?!1)^.",), ["rc1"]),
    ],
)
def test_tag_half(filters: tuple[str, ...], tags: list[str]) -> None:
    """The tag half matches anywhere in the name, and its inline flags end with its filter."""
    rule = rule_of(*filters)
    names = ["1.0", "11.0", "1.0-prod", "rc1"]
    assert [n for n in names if rule.matches(RepositoryName("app"), TagName(n))] == tags


@pytest.mark.parametrize(
    ("repository", "hint"),
    [
        ("team/*", "'team/*' repeats its last character; for any ending write 'team/.*'"),
        ("arohcp*", "'arohcp*' repeats its last character; for any ending write 'arohcp.*'"),
        ("team/.*", None),
        ("team/[a-z]*", None),
        ("(a|b)*", None),
        (r"a\*", None),
        ("team", None),
    ],
)
def test_wildcard_hint(repository: str, hint: str | None) -> None:
    """A valid pattern that reads like a shell's wildcard gets a hint."""
    assert wildcard_hint(repository) == hint
