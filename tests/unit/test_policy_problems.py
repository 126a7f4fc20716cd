"""Everything that can be wrong with a policy document, in words and with its place."""

import pytest

from purge_core.policies.document import parse_policy_document, policy_from
from tests.unit.acr import problems_of

RULE = {"repositories": "a", "tags": "b", "older_than": "1d"}


def document(**keys: object) -> dict[str, object]:
    """Return a document with these keys."""
    return {"version": 1, **keys}


def rule(**keys: object) -> dict[str, object]:
    """Return a document with one sound rule that is changed by these keys."""
    return document(rules=[{**RULE, **keys}])


def untagged(**keys: object) -> dict[str, object]:
    """Return a document with a sound untagged key that is changed by these keys."""
    return document(untagged={"older_than": "1d", **keys})


@pytest.mark.parametrize(
    ("value", "path", "found", "expected"),
    [
        (None, "document", "nothing (null)", "a mapping with version: 1 and rules"),
        ([], "document", "a list", "a mapping with version: 1 and rules"),
        ("x", "document", "'x'", "a mapping with version: 1 and rules"),
        ({}, "version", "nothing", "1"),
        ({"version": 2}, "version", "2", "1"),
        ({"version": 0}, "version", "0", "1"),
        ({"version": "1"}, "version", "'1'", "1"),
        ({"version": True}, "version", "true", "1"),
        ({"version": 1.0}, "version", "1.0", "1"),
        ({"version": None}, "version", "nothing (null)", "1"),
        (document(rule=[]), "rule", "an unknown key", "rules"),
        (document(in_use="x"), "in_use", "an unknown key", "one of version, registries"),
        (document(rules={}), "rules", "a mapping", "a list of rules"),
        (document(rules=None), "rules", "nothing (null)", "a list of rules"),
        (document(rules="a"), "rules", "'a'", "a list of rules"),
        (document(rules=["a"]), "rules[0]", "'a'", "a mapping with repositories, tags and"),
        (document(registries="x"), "registries", "'x'", "a list of registries"),
        (document(registries=[1]), "registries[0]", "1", "a registry such as"),
        (document(registries=["https://x"]), "registries[0]", "'https://x'", "a registry such as"),
        (document(registries=["x", "a/b"]), "registries[1]", "'a/b'", "a registry such as"),
        (document(registries=["x\n"]), "registries[0]", r"'x\n'", "a registry such as"),
        (document(include_locked="yes"), "include_locked", "'yes'", "true or false"),
        (document(include_locked=1), "include_locked", "1", "true or false"),
        (document(match_timeout=0), "match_timeout", "0", "a number of seconds"),
        (document(match_timeout=3601), "match_timeout", "3601", "a number of seconds"),
        (document(match_timeout="5s"), "match_timeout", "'5s'", "a number of seconds"),
        (document(match_timeout=True), "match_timeout", "true", "a number of seconds"),
        (document(untagged=None), "untagged", "nothing (null)", "a mapping with older_than"),
        (document(untagged=True), "untagged", "true", "a mapping with older_than"),
        (document(untagged={}), "untagged.older_than", "nothing", "a duration such as 7d"),
        (document(protect={}), "protect", "a mapping", "a list of protections"),
        (document(protect=["latest"]), "protect[0]", "'latest'", "a mapping with repositories or"),
        (document(protect=[{"tag": "x"}]), "protect[0].tag", "an unknown key", "tags"),
        (document(protect=[{"tags": "*"}]), "protect[0].tags", "'*'", "a regular expression, not"),
        (document(limits=5), "limits", "5", "a mapping with max_deletions or"),
        (document(limits={"max": 5}), "limits.max", "an unknown key", "one of max_deletions, max"),
    ],
)
def test_document(value: object, path: str, found: str, expected: str) -> None:
    """Each fault is one problem that says where, what, and what would be right."""
    (problem,) = problems_of(lambda: policy_from(value))
    assert (problem.path, problem.found) == (path, found)
    assert problem.expected.startswith(expected)


@pytest.mark.parametrize(
    ("key", "value", "found", "expected"),
    [
        ("older_than", 7, "7", "a duration such as 7d"),
        ("older_than", "7", "'7'", "a duration such as 7d"),
        ("older_than", "-7d", "'-7d'", "a duration such as 7d"),
        ("older_than", "151d1000w999999h", "'151d1000w999999h'", "a duration such as 7d"),
        ("older_than", "60000d", "'60000d'", "at most 54750d"),
        ("older_than", None, "nothing (null)", "a duration such as 7d"),
        ("older_than", True, "true", "a duration such as 7d"),
        ("older_than", 0, "0", "a duration such as 7d"),
        ("older_than", ["1d"], "a list", "a duration such as 7d"),
        ("keep_newest", "10", "'10'", "a whole number from 0"),
        ("keep_newest", -1, "-1", "a whole number from 0"),
        ("keep_newest", 1.0, "1.0", "a whole number from 0"),
        ("keep_newest", True, "true", "a whole number from 0"),
        ("keep_newest", float("nan"), "nan", "a whole number from 0"),
        ("keep_newest", 10**9 + 1, "1000000001", "a whole number from 0"),
        ("keep_newest", 10**30, str(10**30), "a whole number from 0"),
        ("name", "", "''", "a name of 1 to 100"),
        ("name", " x", "' x'", "a name of 1 to 100"),
        ("name", "x\ny", r"'x\ny'", "a name of 1 to 100"),
        ("name", "x" * 101, f"'{'x' * 80}...'", "a name of 1 to 100"),
        ("name", 5, "5", "a name"),
        ("name", None, "nothing (null)", "a name"),
        ("repositories", "*", "'*'", "a regular expression, not a wildcard"),
        ("repositories", "", "''", "a pattern (.* stands for any name)"),
        ("repositories", ["a"], "a list", "a pattern such as .*"),
        ("tags", "", "''", "a pattern (.* stands for any name)"),
        ("tags", "(", "'('", "a ) for every ("),
        ("tags", "a{e}", "'a{e}'", "a number of repetitions"),
        ("tags", 1.0, "1.0", "a pattern such as .*"),
        ("tags", None, "nothing (null)", "a pattern such as .*"),
        ("target", "image", "'image'", "tags or images"),
        ("target", "IMAGES", "'IMAGES'", "tags or images"),
        ("target", 1, "1", "tags or images"),
        ("allow_empty", "true", "'true'", "true or false"),
        ("allow_empty", 0, "0", "true or false"),
        ("unsafe_match_all", 1, "1", "true or false"),
        ("older", "1d", "an unknown key", "older_than"),
        ("zzz", "1d", "an unknown key", "one of name, repositories, tags"),
    ],
)
def test_rule(key: str, value: object, found: str, expected: str) -> None:
    """A rule's values are of their type, exactly; nothing is converted."""
    (problem,) = problems_of(lambda: policy_from(rule(**{key: value})))
    assert (problem.path, problem.found) == (f"rules[0].{key}", found)
    assert problem.expected.startswith(expected)


@pytest.mark.parametrize("key", ["repositories", "tags", "older_than"])
def test_what_a_rule_must_say(key: str) -> None:
    """Which repositories, which tags and how old: nothing of it is guessed."""
    entry = {name: value for name, value in RULE.items() if name != key}
    (problem,) = problems_of(lambda: policy_from(document(rules=[entry])))
    assert (problem.path, problem.found) == (f"rules[0].{key}", "nothing")


@pytest.mark.parametrize(
    ("key", "value", "place", "expected"),
    [
        ("repositories", "*", "repositories", "a regular expression, not"),
        ("repositories", ["a", "*"], "repositories[1]", "a regular expression, not"),
        ("repositories", ["a", 1], "repositories[1]", "a pattern such as"),
        ("repositories", [], "repositories", "a pattern, or a list of at least one"),
        ("repositories", None, "repositories", "a pattern, or a list of at least one"),
        ("repositories", {}, "repositories", "a pattern, or a list of at least one"),
        ("orphans", "no", "orphans", "true or false"),
        ("keep_newest", -3, "keep_newest", "a whole number from 0"),
        ("older_than", "", "older_than", "a duration such as 7d"),
        ("tags", ".*", "tags", "one of older_than, keep_newest"),
        ("allow_empty", True, "allow_empty", "allow_empty in a rule, or nothing: only rules"),
    ],
)
def test_untagged(key: str, value: object, place: str, expected: str) -> None:
    """The untagged key is as strict as a rule."""
    (problem,) = problems_of(lambda: policy_from(untagged(**{key: value})))
    assert problem.path == f"untagged.{place}"
    assert problem.expected.startswith(expected)


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("max_deletions", -1, "-1"),
        ("max_deletions", 1.5, "1.5"),
        ("max_deletions", "5", "'5'"),
        ("max_deletions", True, "true"),
        ("max_deletions", None, "nothing (null)"),
        ("max_delete_share", -0.1, "-0.1"),
        ("max_delete_share", 1.1, "1.1"),
        ("max_delete_share", "50%", "'50%'"),
        ("max_delete_share", False, "false"),
        ("max_delete_share", float("nan"), "nan"),
        ("max_delete_share", float("inf"), "inf"),
    ],
)
def test_limits(key: str, value: object, found: str) -> None:
    """Limits are numbers in their range."""
    (problem,) = problems_of(lambda: policy_from(document(limits={key: value})))
    assert (problem.path, problem.found) == (f"limits.{key}", found)


@pytest.mark.parametrize(
    ("names", "path", "found", "other"),
    [
        (["x", "x"], "rules[1].name", "'x'", "rules[0] is called 'x' too"),
        ([None, "rule 1"], "rules[1].name", "'rule 1'", "rules[0] is called 'rule 1' too"),
        (["rule 2", None], "rules[1].name", "nothing", "rules[0] is called 'rule 2' too"),
        (["a", "b", "a"], "rules[2].name", "'a'", "rules[0] is called 'a' too"),
    ],
)
def test_names_are_unique(names: list[str | None], path: str, found: str, other: str) -> None:
    """A name stands for one rule, given or generated."""
    rules = [{**RULE, **({"name": name} if name else {})} for name in names]
    (problem,) = problems_of(lambda: policy_from(document(rules=rules)))
    assert (problem.path, problem.found) == (path, found)
    assert problem.expected == f"a name of its own ({other})"


def test_protections_have_names_of_their_own() -> None:
    """Names of protections are unique among themselves, not among rules."""
    entry = {"name": "x", "tags": "y"}
    policy_from({**rule(name="x"), "protect": [entry]})
    (problem,) = problems_of(lambda: policy_from(document(protect=[entry, entry])))
    assert problem.path == "protect[1].name"


@pytest.mark.parametrize("tags", [".*", "^.*$", "(.*)", ".+", r"[\s\S]*"])
def test_a_rule_that_takes_everything(tags: str) -> None:
    """Every tag, under 30 days, none kept: an error unless it is said to be meant."""
    (problem,) = problems_of(lambda: policy_from(rule(tags=tags, older_than="29d")))
    assert problem.path == "rules[0].tags"
    assert problem.found.endswith("which is every tag, with keep_newest 0 and older_than 29d")
    assert problem.expected.endswith("or unsafe_match_all: true")
    policy_from(rule(tags=tags, older_than="29d", unsafe_match_all=True))
    policy_from(rule(tags=tags, older_than="29d", keep_newest=1))
    policy_from(rule(tags=tags, older_than="30d"))


def test_all_problems_at_once_with_their_lines() -> None:
    """One reading finds everything, also what no single value shows."""
    text = """\
version: 2
rules:
  - {name: a, repositories: "*", tags: x, older_than: 7}
  - name: a
    repositories: b
    tags: .*
    older_than: 3d
    oder_than: 3d
untagged: {orphans: 1}
limits: {max_deletions: many}
"""
    problems = problems_of(lambda: parse_policy_document(text))
    assert [(problem.path, problem.found) for problem in problems] == [
        ("version", "2 (line 1)"),
        ("rules[0].repositories", "'*' (line 3)"),
        ("rules[0].older_than", "7 (line 3)"),
        ("rules[1].oder_than", "an unknown key (line 8)"),
        ("untagged.older_than", "nothing"),
        ("untagged.orphans", "1 (line 9)"),
        ("limits.max_deletions", "'many' (line 10)"),
        ("rules[1].name", "'a' (line 4)"),
        (
            "rules[1].tags",
            "'.*' (line 6), which is every tag, with keep_newest 0 and older_than 3d",
        ),
    ]


def test_no_word_of_pydantic() -> None:
    """People read about their policy, not about a validator."""
    value = document(rules=[{"x": 1}], untagged=1, protect=[1], limits=[], match_timeout="x")
    text = "\n".join(map(str, problems_of(lambda: policy_from(value)))).lower()
    for word in ("pydantic", "input should", "valid dictionary", "value error", "field required"):
        assert word not in text
