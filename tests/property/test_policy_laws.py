"""Laws of policy documents: exact round trips, and no input that breaks the reader."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from purge_core.durations import format_duration, parse_duration
from purge_core.errors import PolicyError
from purge_core.instants import Span
from purge_core.model import RepositoryName, TagName
from purge_core.policies.acr_dialect import AcrPurgeFlags, acr_policy
from purge_core.policies.document import parse_policy_document, policy_from
from purge_core.policies.patterns import Anchoring, compile_pattern
from purge_core.policies.source import load_policy
from purge_core.policies.writer import policy_document, whole_text
from purge_core.policies.yaml_text import read_yaml, write_yaml
from tests.property.pattern_texts import names, nearly, sound

Values = dict[str, object]

# --- documents -------------------------------------------------------------------

durations = st.integers(0, 10**15).map(lambda ticks: format_duration(Span(ticks)))
counts = st.integers(0, 1000)
labels = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
PATTERNS = r"""
.* a|b pr-.* (?i)rc
 [[:digit:]]+ (?!x).+ [\s\S]* \d{2} ^v1$ 'a' "b" #c ~ null 1.0 007 - : [a:b] & % @
"""
patterns = st.sampled_from([*PATTERNS.split(), "a b", "- a", "x: y"])
selectors = st.fixed_dictionaries({"repositories": patterns, "tags": patterns})


def labelled(entries: list[Values]) -> list[Values]:
    """Give entries that have a name a unique one."""
    return [
        {**entry, "name": f"{entry['name']} #{index}"} if "name" in entry else entry
        for index, entry in enumerate(entries)
    ]


rules = st.builds(
    dict.__or__,
    selectors,
    st.fixed_dictionaries(
        {"older_than": durations, "unsafe_match_all": st.just(value=True)},
        optional={
            "name": labels,
            "keep_newest": counts,
            "target": st.sampled_from(["tags", "images"]),
            "allow_empty": st.booleans(),
        },
    ),
)
untagged = st.fixed_dictionaries(
    {"older_than": durations},
    optional={
        "keep_newest": counts,
        "orphans": st.booleans(),
        "repositories": patterns | st.lists(patterns, min_size=1, max_size=3),
    },
)
protections = st.builds(
    dict.__or__, selectors, st.fixed_dictionaries({}, optional={"name": labels})
)
documents = st.fixed_dictionaries(
    {"version": st.just(1)},
    optional={
        "registries": st.lists(st.from_regex(r"[a-z][a-z0-9.]{0,9}[a-z]", fullmatch=True)),
        "rules": st.lists(rules, max_size=3).map(labelled),
        "untagged": untagged,
        "protect": st.lists(protections, max_size=3).map(labelled),
        "limits": st.none()
        | st.fixed_dictionaries(
            {},
            optional={"max_deletions": counts, "max_delete_share": st.none() | st.floats(0, 1)},
        ),
        "include_locked": st.booleans(),
        "match_timeout": st.floats(0.001, 3600),
    },
)


@given(documents)
def test_a_document_survives_the_round_trip(document: Values) -> None:
    """A policy is written as a document of an equal policy, without notes."""
    policy = policy_from(document)
    written, notes = policy_document(policy)
    assert notes == ()
    assert policy_from(written) == policy
    assert policy_document(policy_from(written)) == (written, ())


@given(documents)
def test_yaml_and_json_say_the_same(document: Values) -> None:
    """However a document is written down, it is the same policy."""
    policy = policy_from(document)
    assert parse_policy_document(write_yaml(document, ["a comment"])) == policy
    assert parse_policy_document(json.dumps(document)) == policy


# --- patterns --------------------------------------------------------------------


@given(sound, names)
@example("^a|b$", "xb")
@example("(?i)A$", "ba")
@example("^", "a")
def test_a_search_as_a_whole_pattern(text: str, name: str) -> None:
    """What is written for the whole name matches exactly what the search found."""
    search = compile_pattern(text, Anchoring.ANYWHERE, 5.0)
    assert compile_pattern(whole_text(search), timeout=5.0).matches(name) == search.matches(name)


@given(st.lists(st.tuples(sound, sound), min_size=1, max_size=3), durations, names, names)
def test_a_line_as_a_document_matches_the_same(
    pairs: list[tuple[str, str]], ago: str, repository: str, tag: str
) -> None:
    """The document of an acr purge line covers the same tags of the same age."""
    flags = AcrPurgeFlags(filters=tuple(f"{r}:{t}" for r, t in pairs), ago=ago, untagged=True)
    line = acr_policy(flags)
    policy = policy_from(policy_document(line)[0])
    assert {rule.older_than for rule in policy.rules} == {parse_duration(ago)}
    place, name = RepositoryName(repository), TagName(tag)
    assert any(rule.matches(place, name) for rule in policy.rules) == any(
        rule.matches(place, name) for rule in line.rules
    )
    assert policy.covers(place) == line.covers(place)


# --- hostile input ---------------------------------------------------------------

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | nearly
KEYS = """
version rules untagged protect limits name tags repositories older_than keep_newest registries
match_timeout target orphans
"""
keys = st.sampled_from(KEYS.split())
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(keys | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
SNIPPETS = r"""
version: rules: older_than: - 1 7 &a *a <<: !!int { } [ ] , : ? | > ' " # --- %YAML 1.1 ~ \
"""
snippets = st.sampled_from([*SNIPPETS.split(), " ", "\n", "\n  ", "\t", "version: 1"])


@given(anything)
def test_any_value_is_a_policy_or_an_error(value: object) -> None:
    """No value breaks the reader, and every refusal has its problems."""
    try:
        policy_from(value)
    except PolicyError as error:
        refused = error
    else:
        assert isinstance(value, dict)
        assert value["version"] == 1
        return
    assert all(p.path and p.found and p.expected for p in refused.problems)
    assert refused.problems


@given(st.lists(snippets | st.text(max_size=4), max_size=15).map("".join) | st.text())
@example("a: !!timestamp x")
@example("? ")
@example("- - - ? :")
def test_any_text_is_a_policy_or_an_error(text: str) -> None:
    """No text breaks the reader either."""
    try:
        load_policy(text)
    except PolicyError as error:
        refused = error
    else:
        assert "version" in text or "purge" in text
        return
    assert refused.problems


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
    | st.text("0123456789.:-+_eExnulTrtfasy~ #&*!|>'\"%@`", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("ab: -#1~'", max_size=4), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(plain)
@example({"a": "null"})
@example(["007", "1e3", "yes", "~", "", "- a", "a: b", "#", "0x1", "1_0", ".5"])
def test_yaml_is_read_as_it_was_written(value: object) -> None:
    """Writing and reading YAML gives the same values, of the same types."""
    read = read_yaml(write_yaml(value)).value
    assert repr(read) == repr(value)
