"""Rules that take everything are known, however their pattern is written."""

import pytest

from purge_core.durations import parse_duration
from purge_core.policies.match_all import matches_every_tag, takes_everything


@pytest.mark.parametrize(
    "text",
    [
        ".*",
        ".+",
        "^.*$",
        "(.*)",
        "(?:.*)",
        "^(.+)$",
        ".*.*",
        ".*?",
        ".{0,}",
        ".{1,128}",
        r"[\s\S]*",
        r"[\s\S]+",
        r"[\w.-]+",
        r"\S+",
        "[^/]*",
        "(?s).*",
        "(?i:.*)",
        "a|.*",
        "|.*",
        "(?=.).*",
        "[a-zA-Z0-9_].*",
        "(.|x)*",
    ],
)
def test_every_tag(text: str) -> None:
    """Anything that covers all kinds of names covers everything."""
    assert matches_every_tag(text)


@pytest.mark.parametrize(
    "text",
    [
        "pr-.*",
        ".*-rc",
        "[a-z].*",
        r"v?\d+\..*",
        "(?!prod).*",
        "(?!zzz).*",
        "(?<!zzz).*",
        ".*(?<!-keep)",
        "[0-9a-f]{7,40}",
        ".",
        "",
        "*",
        "(",
        "latest|stable",
    ],
)
def test_not_every_tag(text: str) -> None:
    """A pattern that leaves something out, or is none, does not."""
    assert not matches_every_tag(text)


@pytest.mark.parametrize(
    ("age", "keep", "tags", "everything"),
    [
        ("3d", 0, ".*", True),
        ("0d", 0, ".*", True),
        ("29d23h59m59.9999999s", 0, ".*", True),
        ("30d", 0, ".*", False),
        ("3d", 1, ".*", False),
        ("3d", 0, "pr-.*", False),
    ],
)
def test_takes_everything(age: str, keep: int, tags: str, everything: bool) -> None:
    """A rule is dangerous below 30 days, with nothing kept, for every tag."""
    assert takes_everything(parse_duration(age), keep, tags) == everything
