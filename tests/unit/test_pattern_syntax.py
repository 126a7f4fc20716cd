"""Patterns: what is let through means what it says, the rest is refused with a reason."""

import pytest

from purge_core.policies.pattern_syntax import MAX_DEPTH, MAX_SIZE, checked_pattern, outside_groups
from purge_core.policies.patterns import Anchoring


@pytest.mark.parametrize(
    ("text", "covered", "not_covered"),
    [
        ("foo|bar", "bar", "foo-prod"),
        ("v1(?!-a).*", "v1-b", "v1-a"),
        (r".*(?<!-dev)", "1.0", "1.0-dev"),
        (r".*(?<=-dev)", "1.0-dev", "1.0"),
        ("(?i:RC)-[0-9]+", "rc-1", "rd-1"),
        ("(?i)rc.*", "RC1", "xRC1"),
        ("a(?i)b", "aB", "AB"),
        ("(?i)a(?-i:b)", "Ab", "AB"),
        ("(?P<n>a|b)-(?P=n)", "b-b", "a-b"),
        (r"(?<n>a|b)-\1", "b-b", "a-b"),
        ("(?>a+)b", "aab", "aa"),
        ("[[:digit:]]+", "42", "x"),
        ("[[:^digit:]]+", "x", "42"),
        ("[^[:digit:]x]+", "y", "x"),
        (r"\d+", "7", "\u0667"),
        (r"\w+", "a_1", "\u00e9"),
        ("[]a]+", "a]", "b"),
        ("[^]a]+", "b", "]"),
        (r"[\]:(]+", "]:(", "a"),
        (r"\{\}", "{}", "x"),
        ("a{2}", "aa", "a"),
        ("a{2,}?", "aaa", "a"),
        ("(?#any: (text)x", "x", "y"),
        ("a(?(1)b|c)()", "ac", "ab"),
        (r"\x61\u0062", "ab", "a"),
        ("^v1$", "v1", "v1\n"),
    ],
)
def test_means_what_it_says(text: str, covered: str, not_covered: str) -> None:
    """The syntax that acr purge users write works, and covers the whole name."""
    pattern = checked_pattern(text)
    assert pattern.matches(covered)
    assert not pattern.matches(not_covered)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a pattern (.* stands for any name)"),
        ("a" * (MAX_SIZE + 1), "at most 20000 characters"),
        ("(" * (MAX_DEPTH + 1) + ")" * (MAX_DEPTH + 1), "at most 50 groups inside one another"),
        ("(a", "a ) for every ("),
        ("(a))", "a ( before every ), at position 3"),
        ("a)(b", "a ( before every ), at position 1"),
        ("[a", "a ] for every [, at position 0"),
        ("[a-z-[aeiou]]", "a class cannot be subtracted from"),
        ("a]", "a [ before every ]"),
        ("a{e<=1}", "a number of repetitions such as {2}"),
        ("a{,2}", "a number of repetitions such as {2}"),
        ("(?e)a", "after (?"),
        ("(?r)a", "after (?"),
        ("(?x)a b", "after (?"),
        ("(?V1)a", "after (?"),
        ("(?R)", "after (?"),
        ("(?1)", "after (?"),
        ("(?&n)", "after (?"),
        ("(?|(a)|b)", "after (?"),
        ("(?", "after (?"),
        ("(?i", "after (?"),
        ("(*FAIL)", "after (?"),
        ("a*+", "one quantifier, not two"),
        ("a**", "one quantifier, not two"),
        ("a{2}{3}", "one quantifier, not two"),
        (r"a\K", "an escape"),
        (r"\m", "an escape"),
        (r"\L<x>", "an escape"),
        ("a\\", "an escape"),
        ("*", "not a wildcard: .* stands for any text (nothing to repeat at position 0)"),
        ("*-prod", "not a wildcard"),
        ("?", "not a wildcard"),
        ("a|*", "not a wildcard"),
        ("(*)", "after (?"),
        ("[z-a]", "a regular expression (bad character range"),
        ("(?<n>a)(?<n>b){1,0}", "a regular expression ("),
        ("a{20001}", "with all repetitions written out"),
        ("a{99999999999999999999}", "with all repetitions written out"),
        ("((a{1000}){1000}){1000}", "with all repetitions written out"),
        ("(?:(?:a{5}b{5}){50,}){0,41}", "with all repetitions written out"),
        (r"(?P=n)", "a regular expression ("),
    ],
)
def test_refuses(text: str, message: str) -> None:
    """A malformed pattern, or one that this engine would read in its own way, is an error."""
    with pytest.raises(ValueError, match=r".") as caught:
        checked_pattern(text)
    said = str(caught.value)
    assert message in said
    assert said.startswith(("a ", "an ", "at most ", "one ", "(?:"))


def test_the_deepest_pattern_works() -> None:
    """Groups may be nested to the limit."""
    assert checked_pattern("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH).matches("a")


def test_the_longest_pattern_works() -> None:
    """A pattern may be as long as the limit, and so may its repetitions."""
    assert not checked_pattern("a" * MAX_SIZE).matches("a")
    assert checked_pattern("(?:(?:[ab]{10}){20}){0,100}").matches("ab" * 100)
    assert checked_pattern("(?:(?:a*b?){1}(?:c+){1,2}){0,5000}").matches("abc")


def test_anchoring_and_time_limit_are_kept() -> None:
    """The pattern is compiled as it was asked for."""
    pattern = checked_pattern("1.0", Anchoring.ANYWHERE, 5.0)
    assert (pattern.anchoring, pattern.timeout) == (Anchoring.ANYWHERE, 5.0)
    assert pattern.matches("11x0-prod")


@pytest.mark.parametrize(
    ("text", "positions"),
    [
        ("a|b", (1,)),
        ("a|(b|c)|[|]", (1, 7)),
        (r"a\|b", ()),
        ("(?#|)a", ()),
        ("|", (0,)),
    ],
)
def test_outside_groups(text: str, positions: tuple[int, ...]) -> None:
    """A character counts only outside groups, classes, escapes and comments."""
    assert outside_groups(text, "|") == positions
