"""The published JSON Schema: it says what the loader says."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from purge_core.errors import PolicyError
from purge_core.policies.document import policy_from, policy_schema

RULE = {"repositories": "a", "tags": "b", "older_than": "1d"}
EXAMPLE = {"repository": "a", "tag": "b", "age": "2d", "expect": "keep"}


def fits(document: object) -> bool:
    """Say whether the schema accepts the document."""
    return jsonschema.Draft202012Validator(policy_schema()).is_valid(document)


def loads(document: object) -> bool:
    """Say whether the loader accepts the document."""
    try:
        policy_from(document)
    except PolicyError:
        return False
    return True


def test_is_a_schema() -> None:
    """The schema is one, and says which draft it follows."""
    schema = policy_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("document", "valid"),
    [
        ({"version": 1}, True),
        ({"version": 2}, False),
        ({}, False),
        ([], False),
        ({"version": 1, "x": 1}, False),
        ({"version": 1, "rules": [RULE]}, True),
        ({"version": 1, "rules": None}, False),
        ({"version": 1, "rules": [{**RULE, "older_than": "7"}]}, False),
        ({"version": 1, "rules": [{**RULE, "older_than": "-7d"}]}, False),
        ({"version": 1, "rules": [{**RULE, "older_than": 7}]}, False),
        ({"version": 1, "rules": [{**RULE, "older_than": "1.5d"}]}, True),
        ({"version": 1, "rules": [{**RULE, "keep_newest": -1}]}, False),
        ({"version": 1, "rules": [{**RULE, "keep_newest": "1"}]}, False),
        ({"version": 1, "rules": [{**RULE, "target": "images"}]}, True),
        ({"version": 1, "rules": [{**RULE, "target": "image"}]}, False),
        ({"version": 1, "rules": [{**RULE, "tags": ""}]}, False),
        ({"version": 1, "rules": [{**RULE, "name": None}]}, False),
        ({"version": 1, "rules": [{**RULE, "name": " x"}]}, False),
        ({"version": 1, "rules": [{"tags": "a", "older_than": "1d"}]}, False),
        ({"version": 1, "untagged": None}, False),
        ({"version": 1, "untagged": {}}, False),
        ({"version": 1, "untagged": {"older_than": "1d", "repositories": "a"}}, True),
        ({"version": 1, "untagged": {"older_than": "1d", "repositories": ["a"]}}, True),
        ({"version": 1, "untagged": {"older_than": "1d", "repositories": []}}, False),
        ({"version": 1, "protect": [{}]}, True),
        ({"version": 1, "protect": ["a"]}, False),
        ({"version": 1, "limits": None}, True),
        ({"version": 1, "limits": {"max_delete_share": None}}, True),
        ({"version": 1, "limits": {"max_delete_share": 2}}, False),
        ({"version": 1, "limits": {"max_deletions": None}}, False),
        ({"version": 1, "registries": ["contoso", "localhost:5000", "[::1]:5000"]}, True),
        ({"version": 1, "registries": ["https://contoso"]}, False),
        ({"version": 1, "examples": [EXAMPLE, {**EXAMPLE, "newer": 3}]}, True),
        ({"version": 1, "examples": [{**EXAMPLE, "expect": "stay"}]}, False),
        ({"version": 1, "examples": [{**EXAMPLE, "tag": "-b"}]}, False),
        ({"version": 1, "examples": [{**EXAMPLE, "repository": "A"}]}, False),
        ({"version": 1, "examples": [{**EXAMPLE, "age": 2}]}, False),
        ({"version": 1, "include_locked": 1}, False),
        ({"version": 1, "match_timeout": 0}, False),
    ],
)
def test_agrees_with_the_loader(document: object, valid: bool) -> None:
    """An editor that uses the schema shows what the loader would refuse."""
    assert (fits(document), loads(document)) == (valid, valid)


def properties(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - any JSON
    """Yield every property of a schema, nested ones too."""
    for model in [schema, *schema["$defs"].values()]:
        yield from model["properties"].items()


def test_everything_is_described() -> None:
    """Every key and every group of keys says what it is for."""
    schema = policy_schema()
    for name, entry in properties(schema):
        assert "description" in entry or "$ref" in entry, name
    definitions: Any = schema["$defs"]
    assert all(entry["description"] for entry in definitions.values())


def test_durations_have_a_pattern() -> None:
    """The schema knows what a duration looks like, and its examples are some."""
    ages = [entry for name, entry in properties(policy_schema()) if name == "older_than"]
    assert len(ages) == 2
    for entry in ages:
        assert all(re.search(entry["pattern"], example) for example in entry["examples"])
