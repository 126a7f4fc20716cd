"""What the latest runs say in OpenMetrics: read back by the library's own strict parser."""

import re
from dataclasses import replace

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from purge_core import __version__
from purge_core.errors import InputError, Malformed
from purge_core.http.exchange import OPENMETRICS, Request
from purge_core.http.metrics import metrics
from purge_core.instants import DAY, Instant
from purge_core.metrics import GAUGES, metrics_text
from purge_core.policies.source import load_policy
from purge_core.records.outcomes import Outcome
from purge_core.records.store_records import (
    OutcomeCount,
    RunRecord,
    RunState,
    RunSums,
    Totals,
    Trigger,
)
from purge_core.records.told import Told
from tests.builders import NOW, image, repository
from tests.conftest import ROOT
from tests.fakes import FakeRegistry
from tests.notices import BEGAN, ENDED, GIB, run
from tests.service_world import REGISTRY, World

POLICY = load_policy(
    "{version: 1, rules: [{repositories: .*, tags: pr-.*, older_than: 3d, allow_empty: true}],"
    " untagged: {older_than: 3d}}"
)
SUMS = RunSums(
    repositories=40,
    refused=1,
    failed=2,
    gone=0,
    troubled=3,
    totals=Totals(300, 200, 12, 8, 8, 5 * GIB),
    outcomes=(
        OutcomeCount(Outcome.DELETED, 6, 10, 6, 3 * GIB),
        OutcomeCount(Outcome.CASCADED, 1, 0, 1, GIB),
        OutcomeCount(Outcome.FAILED, 1, 2, 1, GIB),
    ),
    exact_bytes=2 * GIB,
)
LABELS = {"registry": "contoso.azurecr.io", "trigger": "timer"}


def families(*runs: RunRecord) -> dict[str, Metric]:
    """Write what these runs of a registry say, newest first, and read it back."""
    return parsed(metrics_text({"contoso.azurecr.io": runs}))


def parsed(text: str) -> dict[str, Metric]:
    """Read a whole exposition strictly."""
    found = list(text_string_to_metric_families(text))  # type: ignore[no-untyped-call]
    names = [family.name for family in found]
    assert len(set(names)) == len(names)
    assert text.endswith("# EOF\n")
    return {family.name: family for family in found}


def value(found: Metric, **labels: str) -> float | None:
    """Return the value of one sample, if it is there."""
    values = [each.value for each in found.samples if labels.items() <= each.labels.items()]
    assert len(values) <= 1
    return values[0] if values else None


def last(found: dict[str, Metric], name: str, **labels: str) -> float | None:
    """Return a number of the latest nightly run."""
    return value(found[f"acr_purge_last_run_{name}"], **{**LABELS, **labels})


def test_a_night() -> None:
    """Its times, what it deleted, and what needs a look; bytes are an upper bound."""
    found = families(run(sums=SUMS))
    assert last(found, "begin_timestamp_seconds") == BEGAN / 10**7
    assert last(found, "end_timestamp_seconds") == ENDED / 10**7
    assert (last(found, "deleted_tags"), last(found, "deleted_manifests")) == (10, 7)
    assert last(found, "deleted_bytes") == 4 * GIB
    assert last(found, "exactly_freed_bytes") == 2 * GIB
    assert (last(found, "planned_tags"), last(found, "planned_manifests")) == (12, 8)
    assert last(found, "planned_bytes") == 5 * GIB
    assert (last(found, "repositories"), last(found, "troubled_repositories")) == (40, 3)
    assert last(found, "untold") == 0
    samples = found["acr_purge_last_run_state"].samples
    states = {each.labels["acr_purge_last_run_state"]: each.value for each in samples}
    assert states == {"planned": 0, "held": 0, "done": 1, "failed": 0}


def test_what_is_not_known_has_no_sample() -> None:
    """A run of an earlier version, or one that failed before it knew: no zero stands for it."""
    found = families(run(RunState.FAILED))
    known = {"end_timestamp_seconds", "untold"}
    for gauge in GAUGES:
        name = gauge.name + (f"_{gauge.unit}" if gauge.unit else "")
        assert (last(found, name) is not None) is (name in known)
    assert last(families(run(sums=replace(SUMS, exact_bytes=None))), "exactly_freed_bytes") is None
    untold = run(told=Told(ENDED, "the webhook answered 410"))
    assert last(families(untold), "untold") == 1


def test_each_trigger_has_its_latest() -> None:
    """A plan that somebody asked for does not hide the night; what is under way has only begun."""
    later = Instant(BEGAN + DAY)
    found = families(
        run(RunState.PURGING, created=later),
        run(RunState.PLANNED, trigger=Trigger.HTTP, sums=replace(SUMS, repositories=1)),
        run(RunState.HELD, sums=SUMS),
        run(RunState.DONE, sums=replace(SUMS, repositories=7)),
    )
    assert last(found, "repositories") == 40
    assert last(found, "repositories", trigger="http") == 1
    assert last(found, "begin_timestamp_seconds") == later / 10**7
    assert value(found["acr_purge_held_runs"], registry=REGISTRY) == 1
    assert value(found["acr_purge_unfinished_runs"], registry=REGISTRY) == 1


def test_nothing_has_run_yet() -> None:
    """The registry is there, and has neither a time nor a state."""
    found = families()
    assert value(found["acr_purge_held_runs"], registry=REGISTRY) == 0
    assert [name for name, each in found.items() if "last_run" in name and each.samples] == []
    assert value(found["acr_purge_build"], version=__version__) == 1


def test_names_and_help_are_documented() -> None:
    """docs/telling.md lists every metric by its name, with the unit that it ends with."""
    page = (ROOT / "docs" / "telling.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(acr_purge_\w+)` \|", page, re.MULTILINE)
    found = families(run(sums=SUMS, told=Told(ENDED)))
    written = {each.name for family in found.values() for each in family.samples}
    assert set(rows) == written
    for family in found.values():
        assert family.documentation.endswith(".")
        assert family.unit == next(
            (unit for unit in ("seconds", "bytes") if family.name.endswith(f"_{unit}")), ""
        )


async def test_over_http() -> None:
    """Of a real run, with one query of the journal for each registry."""
    shop = repository("shop", *(image(name, tags=[name]) for name in ("pr-1", "pr-2")))
    app = World(FakeRegistry(shop, now=NOW), POLICY)
    app.registry.fail("delete_manifest", Malformed("no JSON"), times=1)
    await app.start()
    await app.run_to_end()
    app.store.calls.clear()
    service = app.service()
    names = (REGISTRY, 'odd"\\\nname')
    service = replace(service, options=replace(service.options, registries=names))
    answer = await metrics(service, Request())
    assert app.store.calls == ["list_runs"] * 2
    assert (answer.status, answer.media_type) == (200, OPENMETRICS)
    found = parsed(answer.body)
    assert last(found, "deleted_manifests", trigger="http") == 1
    assert last(found, "troubled_repositories", trigger="http") == 1
    assert value(found["acr_purge_held_runs"], registry=names[1]) == 0


async def test_it_takes_no_parameter() -> None:
    """Like every address of the app, it refuses what it does not know."""
    app = World(FakeRegistry(repository("shop"), now=NOW), POLICY)
    with pytest.raises(InputError):
        await metrics(app.service(), Request(query={"registry": REGISTRY}))
