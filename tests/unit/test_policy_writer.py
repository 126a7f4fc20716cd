"""Policies as documents: exact for documents, with notes for `acr purge` lines."""

import pytest

from purge_core.policies.document import parse_policy_document, policy_from
from purge_core.policies.patterns import Anchoring, compile_pattern
from purge_core.policies.policy import Dialect, Policy
from purge_core.policies.source import load_policy
from purge_core.policies.writer import policy_document, whole_text
from purge_core.policies.yaml_text import write_yaml
from tests.unit.test_policy_document import FULL


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("rc", ".*rc.*"),
        ("1.0", ".*1.0.*"),
        (".*", ".*"),
        ("^.*$", ".*"),
        ("^v1$", "v1"),
        ("^v1", "v1.*"),
        ("v1$", ".*v1"),
        ("^", ".*"),
        ("$", ".*"),
        ("^$", "^$"),
        ("^1|2$", ".*(?:^1|2$).*"),
        ("(^1|2$)", ".*(^1|2$).*"),
        (".*foo", ".*foo.*"),
        ("foo.*", ".*foo.*"),
        (r"foo\.*", r".*foo\.*.*"),
        (r"foo\$", r".*foo\$.*"),
        (r"[$^]", ".*[$^].*"),
        ("^*a", ".*^*a.*"),
        ("(?i)^rc$", ".*(?i:^rc$).*"),
        ("(?i)a|b", ".*(?i:a|b).*"),
        ("(?s-i)a", ".*(?s-i:a).*"),
        ("(?!v1-a)^v", ".*(?!v1-a)^v.*"),
        ("a.*?", ".*a.*?.*"),
    ],
)
def test_whole_text(text: str, whole: str) -> None:
    """A search is written as a pattern of the whole name, as plainly as it can be."""
    assert whole_text(compile_pattern(text, Anchoring.ANYWHERE)) == whole


def test_whole_patterns_stay() -> None:
    """A pattern of the whole name is written as it is."""
    assert whole_text(compile_pattern("a|b", Anchoring.WHOLE)) == "a|b"


def test_a_document_is_written_exactly() -> None:
    """What came from a document needs no notes and reads back equal."""
    policy = parse_policy_document(FULL)
    document, notes = policy_document(policy)
    assert notes == ()
    assert policy_from(document) == policy
    assert parse_policy_document(write_yaml(document)) == policy


def test_what_is_default_is_not_written() -> None:
    """A short policy stays short; its limits are always shown."""
    document, _ = policy_document(load_policy("{version: 1, protect: [{tags: x}]}"))
    assert document == {
        "version": 1,
        "rules": [],
        "protect": [{"name": "protection 1", "repositories": ".*", "tags": "x"}],
        "limits": {"max_deletions": 5000, "max_delete_share": 0.9},
    }


def test_the_time_limit_is_written() -> None:
    """A time limit of its own survives, wherever the patterns are."""
    for keys in ("protect: [{}]", "untagged: {older_than: 1d, repositories: a}"):
        policy = load_policy(f"{{version: 1, match_timeout: 5, {keys}}}")
        assert policy_document(policy)[0]["match_timeout"] == 5.0


LINE = "acr purge -r contoso --filter 'foo|bar:(?i)rc' --ago 1d12h"


def test_a_line_is_written_as_a_document() -> None:
    """An acr purge line becomes a document of the same patterns, ages and locks."""
    document, _ = policy_document(load_policy(f"{LINE} --include-locked --untagged"))
    assert document == {
        "version": 1,
        "registries": ["contoso"],
        "rules": [
            {
                "name": "filters",
                "repositories": "foo|bar",
                "tags": ".*(?i:rc).*",
                "older_than": "1d12h",
                "allow_empty": True,
            }
        ],
        "untagged": {"older_than": "1d12h", "repositories": "foo|bar"},
        "limits": None,
        "include_locked": True,
    }
    assert policy_from(document).dialect is Dialect.DOCUMENT


def test_a_line_of_several_filters() -> None:
    """Each filter becomes a rule with a name of its own."""
    line = "acr purge --filter 'a:^x$' --filter 'b:.*' --ago 0d --untagged --keep 2"
    document, notes = policy_document(load_policy(line))
    policy = policy_from(document)
    assert [(rule.name, rule.keep_newest) for rule in policy.rules] == [
        ("filters 1", 2),
        ("filters 2", 2),
    ]
    assert [s.tags.text for rule in policy.rules for s in rule.selectors] == ["x", ".*"]
    assert policy.untagged is not None
    assert [pattern.text for pattern in policy.untagged.repositories] == ["a", "b"]
    assert "Each rule keeps its own newest; the filters of one line share one count." in notes


def test_a_line_that_takes_everything_says_so() -> None:
    """What the line meant is written down, so that the document loads."""
    document, _ = policy_document(load_policy("acr purge --filter '.*:.*' --ago 0d"))
    assert policy_from(document).rules[0].older_than == 0
    assert "unsafe_match_all: true" in write_yaml(document)


SIGNATURES = ["A signature tag"]
UNTAGGED = ["What an index", "Orphaned ORAS artifacts"]
LIMITS = ["No limits apply,"]


def noted(flags: str) -> list[str]:
    """Return the first word of each note, which tells them apart."""
    _, notes = policy_document(load_policy(f"acr purge {flags}"))
    return [" ".join(note.split()[:3]) for note in notes]


@pytest.mark.parametrize(
    ("flags", "notes"),
    [
        ("-f a:b --ago 1d", ["A tag of", *SIGNATURES, "A tag whose", *LIMITS]),
        ("-f a:b --ago 1d --include-locked", [*SIGNATURES, "A tag whose", *LIMITS]),
        (
            "-f a:b --ago 1d --keep 1",
            ["keep_newest counts the", "A tag of", *SIGNATURES, "A tag whose", *LIMITS],
        ),
        ("-f a:b -f c:d --ago 1d", ["A tag of", *SIGNATURES, "A tag whose", *LIMITS]),
        ("-f a:b --ago 1d --untagged", ["A tag of", *SIGNATURES, *UNTAGGED, *LIMITS]),
        (
            "--untagged-only --keep 1",
            [*SIGNATURES, *UNTAGGED, "keep_newest of untagged", *LIMITS],
        ),
        ("--untagged-only", [*SIGNATURES, *UNTAGGED, *LIMITS]),
    ],
)
def test_notes(flags: str, notes: list[str]) -> None:
    """The notes name what differs, and nothing that does not apply."""
    assert noted(flags) == notes


def test_an_untagged_only_line() -> None:
    """No rule, and every repository."""
    document, _ = policy_document(load_policy("acr purge --untagged-only"))
    assert document["rules"] == []
    assert document["untagged"] == {"older_than": "0d"}


def test_the_empty_policy() -> None:
    """Even a policy that says nothing is a document."""
    document, notes = policy_document(Policy())
    assert (policy_from(document), notes) == (Policy(), ())
