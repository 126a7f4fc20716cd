"""What the journal says of each registry's latest runs, in the OpenMetrics text format.

Names, labels and units are an interface: alerts are written against them. A value that is not
known has no sample, so that no zero stands for it.

Source: https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, StateSetMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import generate_latest

from purge_core import __version__
from purge_core.instants import TICKS_PER_SECOND, Instant
from purge_core.records.store_records import OutcomeCount, RunRecord, RunState, RunSums, Trigger

LOOKED_AT: Final = 50
"""So many of a registry's latest runs tell of it; one query reads them."""

_ENDS: Final = (RunState.PLANNED, RunState.HELD, RunState.DONE, RunState.FAILED)
_OF_RUN: Final = ("registry", "trigger")
_BOUND: Final = "An upper bound: layers that images share count several times."

_Runs = Mapping[str, Sequence[RunRecord]]
"""The latest runs of each registry, newest first."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number of the latest run that ended; ``None`` where it is not known."""

    name: str
    help: str
    value: Callable[[RunRecord], float | None]
    unit: str = ""


def _seconds(instant: Instant) -> float:
    return instant / TICKS_PER_SECOND


def _of_sums(value: Callable[[RunSums], int | None]) -> Callable[[RunRecord], int | None]:
    return lambda run: None if run.sums is None else value(run.sums)


def _deleted(value: Callable[[OutcomeCount], int]) -> Callable[[RunRecord], int | None]:
    return _of_sums(
        lambda sums: sum(value(each) for each in sums.outcomes if each.outcome.is_deleted)
    )


GAUGES: Final = (
    Gauge("end_timestamp", "When it ended.", lambda run: _seconds(run.updated), "seconds"),
    Gauge("deleted_tags", "Tags that it deleted.", _deleted(lambda each: each.tags)),
    Gauge("deleted_manifests", "Manifests that it deleted.", _deleted(lambda each: each.manifests)),
    Gauge("deleted", f"What it deleted. {_BOUND}", _deleted(lambda each: each.bytes), "bytes"),
    Gauge(
        "exactly_freed",
        "What it frees, blob by blob; only where that was counted.",
        _of_sums(lambda sums: sums.exact_bytes),
        "bytes",
    ),
    Gauge(
        "planned_tags",
        "Tags that its plans delete.",
        _of_sums(lambda sums: sums.totals.tags_to_delete),
    ),
    Gauge(
        "planned_manifests",
        "Manifests that its plans delete.",
        _of_sums(lambda sums: sums.totals.manifests_to_delete),
    ),
    Gauge(
        "planned",
        f"What its plans delete. {_BOUND}",
        _of_sums(lambda sums: sums.totals.bytes_to_delete),
        "bytes",
    ),
    Gauge(
        "repositories",
        "Repositories that it was about.",
        _of_sums(lambda sums: sums.repositories),
    ),
    Gauge(
        "troubled_repositories",
        "Repositories that somebody should look at: refused, failed, or with a step that was.",
        _of_sums(lambda sums: sums.troubled),
    ),
    Gauge(
        "untold",
        "1 when its end was to be told to somebody and nobody took it.",
        lambda run: float(run.told is not None and run.told.error is not None),
    ),
)
"""All numbers of the latest run that ended, by registry and by what started it."""


def metrics_text(runs: _Runs) -> str:
    """Write what there is to say of these runs."""
    text: bytes = generate_latest(_Families(tuple(_families(runs))))  # type: ignore[no-untyped-call]
    return text.decode()


@dataclass(frozen=True, slots=True)
class _Families:
    """Metrics as the library takes them."""

    found: tuple[Metric, ...]

    def collect(self) -> tuple[Metric, ...]:
        return self.found


def _families(runs: _Runs) -> Iterator[Metric]:
    yield InfoMetricFamily("acr_purge_build", "The running version.", {"version": __version__})
    yield _counted("held", "Runs that are held and wait for their apply.", runs, {RunState.HELD})
    begun = set(RunState) - set(_ENDS)
    yield _counted("unfinished", "Runs that are under way.", runs, begun)
    yield _begun(runs)
    ended = list(_latest(runs, _ENDS))
    yield _states(ended)
    for gauge in GAUGES:
        yield _family(gauge, ended)


def _counted(name: str, text: str, runs: _Runs, states: set[RunState]) -> Metric:
    family = GaugeMetricFamily(f"acr_purge_{name}_runs", text, labels=("registry",))
    for registry, found in runs.items():
        family.add_metric((registry,), sum(run.state in states for run in found))
    return family


def _begun(runs: _Runs) -> Metric:
    text = "When the latest run began, ended or not."
    name = "acr_purge_last_run_begin_timestamp"
    family = GaugeMetricFamily(name, text, labels=_OF_RUN, unit="seconds")
    for run in _latest(runs, tuple(RunState)):
        family.add_metric(_labels(run), _seconds(run.created))
    return family


def _states(runs: Sequence[RunRecord]) -> Metric:
    text = "The state in which the latest run that ended stands."
    family = StateSetMetricFamily("acr_purge_last_run_state", text, labels=_OF_RUN)
    for run in runs:
        family.add_metric(_labels(run), {each.value: run.state is each for each in _ENDS})
    return family


def _family(gauge: Gauge, runs: Sequence[RunRecord]) -> Metric:
    name = f"acr_purge_last_run_{gauge.name}"
    family = GaugeMetricFamily(name, gauge.help, labels=_OF_RUN, unit=gauge.unit)
    for run in runs:
        if (value := gauge.value(run)) is not None:
            family.add_metric(_labels(run), value)
    return family


def _latest(runs: _Runs, states: Sequence[RunState]) -> Iterator[RunRecord]:
    """Give the latest run in one of the states, for each registry and trigger."""
    for found in runs.values():
        for trigger in Trigger:
            of_trigger = (run for run in found if run.trigger is trigger and run.state in states)
            if (run := next(of_trigger, None)) is not None:
                yield run


def _labels(run: RunRecord) -> tuple[str, str]:
    return run.registry, run.trigger.value
