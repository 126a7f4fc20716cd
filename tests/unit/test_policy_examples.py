"""Examples in a policy: checked when it loads, each failing one a problem of its own."""

import pytest

from purge_core.errors import Problem
from purge_core.instants import DAY, Span
from purge_core.policies.document import parse_policy_document, policy_from
from purge_core.policies.policy import Example, Fate
from tests.unit.acr import problems_of
from tests.unit.test_policy_problems import document

RULES = [
    {"name": "builds", "repositories": ".*", "tags": "pr-.*", "older_than": "3d"},
    {
        "name": "releases",
        "repositories": "shop/.*",
        "tags": ".*",
        "older_than": "30d",
        "keep_newest": 10,
    },
]
PROTECT = [{"name": "live", "tags": "latest|pr-0"}]


def example(tag: str, age: str, expect: str, **more: object) -> dict[str, object]:
    """Return an example of one repository."""
    return {"repository": "shop/cart", "tag": tag, "age": age, "expect": expect, **more}


def failing(*examples: dict[str, object]) -> tuple[Problem, ...]:
    """Return the problems of the policy with these examples."""
    policy = document(rules=RULES, protect=PROTECT, examples=list(examples))
    return tuple(problems_of(lambda: policy_from(policy)))


@pytest.mark.parametrize(
    "entry",
    [
        example("pr-1", "3d1s", "delete"),
        example("pr-1", "3d", "keep"),
        example("pr-0", "99d", "keep"),
        example("latest", "99d", "keep", newer=99),
        example("1.0", "99d", "keep"),
        example("1.0", "99d", "keep", newer=9),
        example("1.0", "99d", "delete", newer=10),
        {**example("1.0", "99d", "keep", newer=99), "repository": "other"},
    ],
)
def test_holds(entry: dict[str, object]) -> None:
    """An example that agrees with the rules is no problem, thresholds included."""
    policy_from(document(rules=RULES, protect=PROTECT, examples=[entry]))


@pytest.mark.parametrize(
    ("entry", "because"),
    [
        (example("pr-1", "3d1s", "keep"), "goes: rule 'builds' selects it"),
        (
            example("pr-1", "3d", "delete"),
            "stays: rule 'builds' takes only what is older than 3d",
        ),
        (
            example("1.0", "9d", "delete", newer=9),
            (
                "stays: rule 'releases' takes only what is older than 30d"
                " and rule 'releases' keeps the newest 10 (newer: 9)"
            ),
        ),
        (example("pr-0", "9d", "delete"), "stays: protection 'live' covers it"),
        (
            {**example("1.0", "99d", "delete"), "repository": "other"},
            "stays: no rule selects it",
        ),
    ],
)
def test_fails(entry: dict[str, object], because: str) -> None:
    """An example that does not says what becomes of the image, and why."""
    (problem,) = failing(entry)
    assert problem.path == "examples[0].expect"
    name = f"'{entry['repository']}:{entry['tag']}' at {entry['age']}"
    assert problem.found == f"'{entry['expect']}', but {name} {because}"
    other = "keep" if entry["expect"] == "delete" else "delete"
    assert problem.expected == f"{other}, or other rules"


def test_every_failing_example_is_told() -> None:
    """All that fail are problems, beside the oversights of the rules, with their lines."""
    text = """\
version: 1
rules:
  - {name: a, repositories: x, tags: y, older_than: 3d}
  - {name: a, repositories: x, tags: z, older_than: 3d}
examples:
  - {repository: x, tag: y, age: 4d, expect: keep}
  - {repository: x, tag: y, age: 4d, expect: delete}
  - repository: x
    tag: z
    age: 1d
    expect: delete
"""
    found = [(p.path, p.found) for p in problems_of(lambda: parse_policy_document(text))]
    assert [path for path, _ in found] == [
        "rules[1].name",
        "examples[0].expect",
        "examples[2].expect",
    ]
    assert found[1][1].startswith("'keep' (line 6), but 'x:y' at 4d goes")
    assert found[2][1].startswith("'delete' (line 11), but 'x:z' at 1d stays")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("repository", "Shop", "the name of a repository, such as shop/cart"),
        ("repository", "a" * 257, "the name of a repository, such as shop/cart"),
        ("repository", None, "the name of a repository, such as shop/cart"),
        ("tag", "", "a tag, such as 1.4.2"),
        ("tag", 1.0, "a tag, such as 1.4.2"),
        ("tag", "a\n", "a tag, such as 1.4.2"),
        ("age", "7", "a duration such as 7d"),
        ("age", 7, "a duration such as 7d"),
        ("expect", "Keep", "keep or delete"),
        ("expect", True, "keep or delete"),
        ("newer", -1, "a whole number from 0"),
        ("newer", "1", "a whole number from 0"),
        ("exspect", "keep", "expect"),
    ],
)
def test_fields(key: str, value: object, expected: str) -> None:
    """The fields are as strict as those of a rule."""
    (problem,) = failing({**example("pr-1", "9d", "delete"), key: value})
    assert problem.path == f"examples[0].{key}"
    assert problem.expected.startswith(expected)


@pytest.mark.parametrize("key", ["repository", "tag", "age", "expect"])
def test_what_an_example_must_say(key: str) -> None:
    """Nothing of it is guessed."""
    entry = {k: v for k, v in example("pr-1", "9d", "delete").items() if k != key}
    (problem,) = failing(entry)
    assert (problem.path, problem.found) == (f"examples[0].{key}", "nothing")


def test_a_runaway_pattern_is_a_problem() -> None:
    """A pattern that takes too long on an example is told, not waited for."""
    policy = document(
        rules=[{"repositories": "x", "tags": "(?:a|aa)+b", "older_than": "3d"}],
        examples=[{"repository": "x", "tag": "a" * 99, "age": "9d", "expect": "keep"}],
        match_timeout=0.05,
    )
    (problem,) = problems_of(lambda: policy_from(policy))
    assert problem.expected == "a pattern without catastrophic backtracking"


def test_values() -> None:
    """What is read is a part of the policy."""
    entry = example("1.0", "1d12h", "keep", newer=3)
    (read,) = policy_from(document(rules=RULES, examples=[entry])).examples
    assert read == Example(
        repository=read.repository, tag=read.tag, age=Span(DAY * 3 // 2), expect=Fate.KEEP, newer=3
    )
    assert (read.repository, read.tag) == ("shop/cart", "1.0")
