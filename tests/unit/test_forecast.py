"""The forecast: nights in numbers, in words, and as a document."""

import asyncio
import json
import sys
from dataclasses import replace
from types import FrameType
from typing import Any

import jsonschema
import pytest

from purge_core.errors import AccessDenied
from purge_core.forecasting import forecast
from purge_core.instants import DAY, Instant
from purge_core.judgement.evaluate import evaluate
from purge_core.policies.policy import Limits, Policy
from purge_core.records.forecasts import Forecast, RepositoryNight
from purge_core.report.forecast import forecast_document, forecast_lines, forecast_schema
from tests.builders import NOW, Made, days, image, index, repository
from tests.fakes import FakeRegistry
from tests.unit.planned import POLICY, order, shop


def aged(name: str, age: float, size: int = 1_000) -> Made:
    """Make an image with one tag that is so many days old."""
    return image(name, tags=[name], age=days(age), size=size)


async def told(registry: FakeRegistry, policy: Policy = POLICY, nights: int = 5) -> Forecast:
    """Forecast some nights."""
    return await forecast(registry, order(policy), nights)


def text(found: Forecast) -> str:
    """Tell of it; every line must fit."""
    lines = list(forecast_lines(found))
    assert all(len(line) <= 80 and line.isprintable() for line in lines)
    return "\n".join(lines)


def document(found: Forecast) -> Any:  # noqa: ANN401 - JSON
    """Write it and read the JSON, which must fit the schema."""
    document = json.loads("".join(forecast_document(found)))
    jsonschema.validate(document, forecast_schema())
    return document


AGING = repository("web", aged("a", 40), aged("b", 29), aged("c", 27.5, 5_000), aged("d", 1))
"""What is over 30 days old goes: a at once, b after one day and a tick, c after two and a half."""


async def test_each_goes_in_its_night() -> None:
    """Strictly older than the threshold, at the time of day of the first night."""
    found = await told(FakeRegistry(AGING))
    assert [(n.tags, n.manifests, n.frees_at_most) for n in found.nights] == [
        (1, 1, 1_000),
        (0, 0, 0),
        (1, 1, 1_000),
        (1, 1, 5_000),
        (0, 0, 0),
    ]
    assert [night.at for night in found.nights] == [Instant(NOW + n * DAY) for n in range(5)]
    assert found.total == RepositoryNight(3, 3, 7_000)


async def test_the_registry_is_read_once() -> None:
    """As many requests as one plan for the last night makes, however many nights."""
    children = [image(name, age=days(29)) for name in ("amd", "arm")]
    registry = FakeRegistry(repository("web", index("multi", *children, tags=["v1"], age=days(29))))
    await told(registry, nights=2)
    short = len(registry.calls)
    registry.calls.clear()
    found = await told(registry, nights=60)
    assert found.total.manifests == 3
    assert len(registry.calls) <= short + 3  # the three bodies that matter once it goes
    assert [c.method for c in registry.calls].count("tags") == 1


async def test_nothing_is_deleted() -> None:
    """A forecast reads."""
    registry = FakeRegistry(AGING)
    await told(registry)
    assert registry.snapshot("web") == FakeRegistry(AGING).snapshot("web")


async def test_a_refused_repository_waits() -> None:
    """What a guard refuses is not counted; what refuses it is said, and from when."""
    found = await told(FakeRegistry(AGING, repository("old", aged("x", 29))), _careful())
    assert [night.refused for night in found.nights] == [0, 0, 1, 1, 1]
    assert found.total.tags == 3
    assert "Refused from 2026-11-23: old: " in text(found)
    old = next(each for each in document(found)["repositories"] if each["repository"] == "old")
    assert [night["refused"] for night in old["nights"]] == [False, False, True, True, True]


def _careful() -> Policy:
    """Let no repository be emptied."""
    return replace(POLICY, rules=tuple(replace(r, allow_empty=False) for r in POLICY.rules))


async def test_a_held_run_waits_for_ever() -> None:
    """Over the limit of a run nothing goes, and what waits only grows."""
    tight = replace(POLICY, limits=Limits(max_deletions=3, max_delete_share=1.0))
    images = (aged(f"v{n}", age) for n, age in enumerate((40, 29, 28.5, 27.5)))
    found = await told(FakeRegistry(repository("web", *images)), tight)
    assert [(n.tags, n.held) for n in found.nights] == [
        (1, False),
        (0, False),
        (2, True),
        (3, True),
        (3, True),
    ]
    assert found.total.tags == 1
    told_text = text(found)
    assert "Held from 2026-11-23: 4 deletions in one run, and 3 are permitted." in told_text
    assert "limits.max_deletions" in told_text


async def test_what_cannot_be_read_is_said() -> None:
    """One repository that fails keeps no other from its forecast."""
    registry = FakeRegistry(AGING, repository("secret", aged("x", 40)))
    registry.fail("tags", AccessDenied("no\x1b[31m"), repository="secret", times=None)
    found = await told(registry)
    assert found.total.tags == 3
    assert "Not read: secret: no\\x1b[31m" in text(found)
    assert [each["error"] for each in document(found)["repositories"]] == ["no\x1b[31m", None]


async def test_what_does_not_exist_is_said() -> None:
    """A repository that the policy names and nobody has is no trouble."""
    names = {"version": 1, "rules": [{"repositories": "gone", "tags": "a", "older_than": "1d"}]}
    from purge_core.policies.document import policy_from  # noqa: PLC0415 - one use

    found = await told(FakeRegistry(), policy_from(names))
    assert "Gone: gone does not exist (any more)." in text(found)
    assert document(found)["repositories"][0]["nights"] == []


async def test_text() -> None:
    """A line and a bar per night, the largest repositories, and the sum."""
    lines = text(await told(FakeRegistry(AGING), nights=4)).splitlines()
    assert lines[0] == "contoso.azurecr.io, 4 nights from 2026-11-21 12:00 UTC"
    assert lines[3:8] == [
        "NIGHT           TAGS  MANIFESTS  FREES AT MOST",
        "2026-11-21         1          1        1,000 B  ######",
        "2026-11-22         0          0            0 B",
        "2026-11-23         1          1        1,000 B  ######",
        "2026-11-24         1          1        4.9 KiB  ############################",
    ]
    assert lines[-1] == "In all: 3 tags and 3 manifests, which frees at most 6.8 KiB."


async def test_nothing_to_foretell() -> None:
    """A forecast of nothing says so."""
    assert text(await told(FakeRegistry())).endswith("Nothing would be deleted.")


async def test_totals_in_the_document() -> None:
    """The sums stand beside the nights; bytes are called an upper bound."""
    found = document(await told(shop()))
    nights = found["nights"]
    for name in ("tags", "manifests", "frees_at_most"):
        assert found["total"][name] == sum(night[name] for night in nights)
    assert "upper bound" in forecast_schema()["properties"]["total"]["description"]


@pytest.mark.parametrize("nights", [1, 366])
async def test_any_number_of_nights(nights: int) -> None:
    """One night is a plan; a year is as cheap."""
    found = await told(FakeRegistry(AGING), nights=nights)
    assert len(found.nights) == nights


@pytest.mark.parametrize("nights", [40, 300])
def test_quiet_nights_are_not_judged(nights: int) -> None:
    """Judged are the first, those in which something gets old enough, and those after."""
    registry, judged = FakeRegistry(AGING), 0

    def counting(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal judged
        judged += event == "call" and frame.f_code is evaluate.__code__

    sys.setprofile(counting)
    try:
        found = asyncio.run(told(registry, nights=nights))
    finally:
        sys.setprofile(None)
    assert found.total.tags == 4
    assert judged <= 12
