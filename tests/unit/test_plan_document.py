"""Stored plans: written, read back as they were, refused when altered."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from purge_core.cli.planning import stored_plan
from purge_core.errors import InputError, PlanRefused
from purge_core.plans.document import StoredPlan, plan_schema, read_plan, write_plan
from tests.builders import days, image, repository
from tests.fakes import FakeRegistry
from tests.unit.planned import do, shop


def stored() -> StoredPlan:
    """Plan a registry of one repository."""
    return stored_plan(do(shop()))


def text(plan: StoredPlan) -> str:
    """Write a plan."""
    return "".join(write_plan(plan))


def test_there_and_back() -> None:
    """What is read is what was written, seals included, and it fits the schema."""
    plan = stored()
    assert read_plan(text(plan)) == plan
    jsonschema.Draft202012Validator.check_schema(plan_schema())
    jsonschema.validate(json.loads(text(plan)), plan_schema())


def test_empty_plan() -> None:
    """A plan that deletes nothing is a plan."""
    plan = replace(stored(), repositories=()).sealed()
    assert read_plan(text(plan)) == plan


def test_holds_only_what_goes() -> None:
    """With the reasons, and as verdicts again."""
    (each,) = stored().repositories
    assert [tag.name for tag in each.tags] == ["v1", "v1.0"]
    assert len(each.manifests) == 4
    assert set(each.decisions.tags) == set(each.decisions.deleted_tags) == {"v1", "v1.0"}


def test_nothing_to_do_is_not_stored() -> None:
    """A repository in which nothing goes is no part of the plan."""
    registry = FakeRegistry(repository("calm", image("a", tags=["a"], age=days(1))))
    assert stored_plan(do(registry)).repositories == ()


def paths(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the path of every scalar in a document."""
    if isinstance(value, dict):
        return [p for key, each in value.items() for p in paths(each, (*path, key))]
    if isinstance(value, list):
        return [p for key, each in enumerate(value) for p in paths(each, (*path, key))]
    return [path]


def test_every_alteration_is_noticed() -> None:
    """Whichever value is changed to another of its kind, the plan is refused."""
    whole = text(stored())
    for path in paths(json.loads(whole)):
        document = json.loads(whole)
        place = document
        for key in path[:-1]:
            place = place[key]
        before = place[path[-1]]
        place[path[-1]] = _other(before)
        with pytest.raises((PlanRefused, InputError)):
            read_plan(json.dumps(document))


def _other(value: object) -> object:
    """Give another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return "x" if value is None else f"{value}0".replace("Z0", "1Z")


@pytest.mark.parametrize(
    "alter",
    [
        lambda d: d["repositories"][0]["tags"].pop(),
        lambda d: d["repositories"][0]["manifests"].pop(),
        lambda d: d["repositories"][0]["plan"]["stages"].pop(),
        lambda d: d["repositories"][0]["plan"]["stages"].reverse(),
        lambda d: d["repositories"].clear(),
    ],
)
def test_taking_away_is_noticed(alter: Callable[[Any], object]) -> None:
    """A part that is missing is an alteration like any other."""
    document = json.loads(text(stored()))
    alter(document)
    with pytest.raises(PlanRefused, match="altered"):
        read_plan(json.dumps(document))


def test_repository_twice() -> None:
    """The same deletions twice are a mistake, told with the path."""
    document = json.loads(text(stored()))
    document["repositories"] *= 2
    with pytest.raises(InputError, match=r"repositories\[1\]\.plan\.repository"):
        read_plan(json.dumps(document))


@pytest.mark.parametrize(
    "bad", ["", "null", "[]", "{}", '{"format": 1}', '{"a": NaN}', "[" * 100_000]
)
def test_what_is_no_plan(bad: str) -> None:
    """Garbage of any kind is bad input, and told in a few words."""
    with pytest.raises(InputError) as caught:
        read_plan(bad)
    assert len(str(caught.value)) < 500
