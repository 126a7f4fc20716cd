"""Values of the core as JSON: there and back, strictly, and described."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema
import pytest

from purge_core.errors import InputError
from purge_core.instants import DAY, Instant, Span, parse_instant
from purge_core.judgement.reasons import Newest, Reason, Selected, Tagged, Young
from purge_core.model import Digest, Lock, Manifest, TagName
from purge_core.plans.steps import CascadeStep, ManifestStep, Step, TagStep
from purge_core.policies.patterns import Anchoring, compile_pattern
from purge_core.policies.policy import Limits, Policy, Protection, Rule, Selector, Target, Untagged
from purge_core.wire import Schemas, codec_of, read_value, write_value
from tests.builders import NOW

DIGEST = Digest(f"sha256:{'a' * 64}")
OTHER = Digest(f"sha256:{'b' * 64}")
TIME = parse_instant("2026-01-31T09:30:00.1234567Z")
SELECTOR = Selector(compile_pattern("a|b"), compile_pattern("x", Anchoring.ANYWHERE, 1.5))
POLICY = Policy(
    rules=(Rule("one", (SELECTOR,), Span(DAY + 1), 3, Target.IMAGES, allow_empty=True),),
    untagged=Untagged(Span(DAY), 1, orphans=True, repositories=(compile_pattern("a"),)),
    protect=(Protection("p", SELECTOR),),
    limits=Limits(7, 0.25),
    registries=("contoso",),
)
VALUES = [
    POLICY,
    Policy(limits=None),
    Young("one", TIME, Span(DAY)),
    Newest("one", 1, 3),
    Tagged((TagName("v1"), TagName("v2"))),
    Selected("one", TIME, Span(DAY), 4, 3),
    TagStep(TagName("v1"), DIGEST, TIME, Lock()),
    ManifestStep(DIGEST, (TagName("v1"),), TIME, Lock(delete_enabled=False), (OTHER,)),
    CascadeStep(DIGEST, (), TIME, Lock(), OTHER),
    Manifest(DIGEST, None, None, (TagName("v1"),), None, 12, "linux/amd64"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_there_and_back(value: object) -> None:
    """What is written as JSON text is read as an equal value, and fits its own schema."""
    document = json.loads(json.dumps(write_value(value)))
    again = read_value(type(value), document)
    assert (again, repr(again)) == (value, repr(value))
    parts: Schemas = {}
    schema = codec_of(type(value)).schema(parts)
    jsonschema.Draft202012Validator.check_schema({**schema, "$defs": parts})
    jsonschema.validate(document, {**schema, "$defs": parts})


def test_times_keep_every_digit() -> None:
    """Times stand as the registry writes them, durations as people do."""
    assert write_value(Young("one", TIME, Span(90 * DAY))) == {
        "code": "young",
        "rule": "one",
        "updated": "2026-01-31T09:30:00.1234567Z",
        "older_than": "90d",
    }


@pytest.mark.parametrize("instant", [Instant(10**30), Instant(-(10**30))])
def test_times_out_of_range_are_written_all_the_same(instant: Instant) -> None:
    """A time that no calendar has ends at the calendar's end."""
    text = json.dumps(write_value(Young("one", instant, Span(DAY))))
    assert "9999-12-31T23:59:59" in text or "0001-01-01T00:00:00" in text


def test_every_reason_has_a_code_of_its_own() -> None:
    """Codes tell reasons apart, so no two are equal."""
    codes = [reason.code for reason in get_args(Reason)]
    assert len(set(codes)) == len(codes)


def wrong() -> Iterator[tuple[Any, str, str]]:
    """Yield what is no policy, with the path and the expectation that is told."""
    rule = write_value(POLICY)["rules"][0]
    yield [], "document", "an object"
    yield {"what": 1}, "what", "no such key"
    yield {"limits": {"max_deletions": True}}, "limits.max_deletions", "a whole number"
    yield {"limits": {"max_deletions": 2**70}}, "limits.max_deletions", "a whole number"
    yield {"limits": {"max_delete_share": "1"}}, "limits.max_delete_share", "a number"
    yield {"include_locked": 1}, "include_locked", "true or false"
    yield {"registries": "a"}, "registries", "a list"
    yield {"registries": ["a", 1]}, "registries[1]", "a string"
    yield {"dialect": "x"}, "dialect", "one of document, acr-purge"
    yield {"untagged": {}}, "untagged.older_than", "a value"
    yield {"untagged": {"older_than": "7"}}, "untagged.older_than", "a duration such as"
    yield {"untagged": {"older_than": 7}}, "untagged.older_than", "a duration such as"
    yield {"rules": [rule, {**rule, "selectors": [1]}]}, "rules[1].selectors[0]", "an object"
    pattern = {"text": "(", "anchoring": "whole", "timeout": 1}
    broken = {"repositories": pattern, "tags": pattern}
    yield {"rules": [{**rule, "selectors": [broken]}]}, "rules[0].selectors[0].tags.text", ""


@pytest.mark.parametrize(("document", "path", "expected"), list(wrong()))
def test_strict(document: object, path: str, expected: str) -> None:
    """Anything else is a problem with its path; nothing is guessed."""
    with pytest.raises(InputError) as caught:
        read_value(Policy, document)
    problem = next(p for p in caught.value.problems if p.path == path)
    assert problem.expected.startswith(expected)


def test_all_problems_at_once() -> None:
    """Every problem is told, not only the first."""
    with pytest.raises(InputError) as caught:
        read_value(Policy, {"a": 1, "limits": 2, "dialect": 3})
    assert [p.path for p in caught.value.problems] == ["a", "limits", "dialect"]


def test_unions_are_told_apart_by_their_code() -> None:
    """A wrong or missing code is a problem of its own."""
    step = TagStep(TagName("v1"), DIGEST, NOW, Lock())
    codec = codec_of(Step)
    problems: list[Any] = []
    assert codec.read(codec.write(step), "", problems) == step
    for broken in ({}, {"code": "what"}, {"code": 1}, 7):
        codec.read(broken, "step", problems)
    assert [p.path for p in problems] == ["step.code", "step.code", "step.code", "step"]
    assert "tag, manifest, cascade" in problems[0].expected


@pytest.mark.parametrize("text", ["", "sha256:", "sha256:../../x" + "a" * 64, f"{DIGEST}\n", 7])
def test_digests_are_digests(text: object) -> None:
    """What is no digest never gets into a request."""
    with pytest.raises(InputError):
        read_value(Manifest, {"digest": text, "media_type": None, "updated": None})


def test_what_is_never_written_has_no_form() -> None:
    """A type without a form is a mistake of the program."""
    with pytest.raises(TypeError):
        codec_of(dict)
