"""The registries at a glance: how last night went, what the nights freed, where to look."""

from collections.abc import Sequence
from dataclasses import dataclass

from purge_core.instants import Instant
from purge_core.pages.charts import Chart
from purge_core.pages.conditions import Gone, Standing, condition_word, registry_standing
from purge_core.pages.figures import Figure
from purge_core.pages.frame import page
from purge_core.pages.links import Links
from purge_core.pages.nights import Freed, night_charts
from purge_core.pages.runs import RunRow, run_row
from purge_core.pages.troubles import Trouble, troubles
from purge_core.pages.words import amount, day, number
from purge_core.records.overviews import Condition, Night, Overview, RegistryOverview
from purge_core.records.store_records import RepositoryRecord
from purge_core.report.text import count, printable


@dataclass(frozen=True, slots=True)
class Troubled:
    """A repository that somebody should look at."""

    record: RepositoryRecord
    troubles: tuple[Trouble, ...]
    address: str | None


@dataclass(frozen=True, slots=True)
class Holder:
    """A repository with what it holds."""

    record: RepositoryRecord
    bytes: int
    address: str | None


@dataclass(frozen=True, slots=True)
class NightRow:
    """A day with its word, and where its runs are told of."""

    night: Night
    tone: str
    word: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegistryView:
    """A registry, ready to be shown."""

    name: str
    standing: Standing
    about: str
    address: str | None
    figures: tuple[Figure, ...]
    bad_nights: tuple[str, ...]
    charts: tuple[Chart, ...]
    nights: tuple[NightRow, ...]
    troubled: tuple[Troubled, ...]
    biggest: tuple[Holder, ...]
    runs: tuple[RunRow, ...]
    cut: bool

    @property
    def has_missing(self) -> bool:
        """Whether a night is missing, by the schedule."""
        return any(row.night.condition is Condition.MISSING for row in self.nights)

    @property
    def unknown(self) -> int:
        """Runs of which it is not recorded what they came to."""
        return sum(row.night.unknown for row in self.nights)

    @property
    def most_held(self) -> int:
        """What the biggest repository holds, in bytes."""
        return max((each.bytes for each in self.biggest), default=0)


@dataclass(frozen=True, slots=True)
class OverviewView:
    """All registries, ready to be shown; ``summary`` says first what matters most."""

    now: Instant
    schedule: str | None
    summary: Standing
    figures: tuple[Figure, ...]
    registries: tuple[RegistryView, ...]
    formats: tuple[tuple[str, str], ...]


def overview_page(overview: Overview, links: Links) -> str:
    """Give the page of all registries."""
    return page("overview.html", view=overview_view(overview, links))


def overview_view(overview: Overview, links: Links) -> OverviewView:
    """Put all registries into words."""
    worst_first = sorted(overview.registries, key=_severity)
    views = tuple(_registry(each, overview.now, links) for each in worst_first)
    each_nights = [each.nights for each in overview.registries]
    figures = _freed_figures(*each_nights) if len(views) > 1 else ()
    formats = links.formats(links.overview())
    return OverviewView(
        overview.now, overview.schedule, _summary(overview), figures, views, formats
    )


def _summary(overview: Overview) -> Standing:
    """Say in one sentence whether somebody has to look."""
    bad = [each for each in overview.registries if each.condition.is_bad]
    worst = min(overview.registries, key=_severity, default=None)
    if worst is None:
        return Standing(condition_word(None)[0], "none", "There are no registries yet.")
    tone, word = condition_word(worst.condition)
    if not bad and any(each.condition is Condition.RUNNING for each in overview.registries):
        return Standing(tone, word, "A run is under way; nothing needs a look so far.")
    if not bad:
        earlier = any(_bad_nights(each) for each in overview.registries)
        well = "Nothing needs a look now; an earlier night did." if earlier else "All is well."
        return Standing(tone, word, well)
    names = count(len(overview.registries), "registry")
    if len(overview.registries) == 1:
        return Standing(tone, word, "Somebody should look.")
    return Standing(tone, word, f"{len(bad)} of {names} need{'s' * (len(bad) == 1)} a look.")


def _severity(registry: RegistryOverview) -> int:
    order = [Condition.FAILED, Condition.MISSING, Condition.HELD, Condition.TROUBLED]
    return order.index(registry.condition) if registry.condition in order else len(order)


def _registry(registry: RegistryOverview, now: Instant, links: Links) -> RegistryView:
    latest = registry.latest
    return RegistryView(
        printable(registry.registry),
        registry_standing(registry, now),
        "the latest run" if registry.condition is Condition.MISSING else "this run",
        None if latest is None else links.run(latest.id),
        _figures(registry),
        tuple(_bad_nights(registry)),
        night_charts(registry.nights),
        tuple(_night(night, links) for night in reversed(registry.nights)),
        tuple(_troubled(each, links) for each in registry.troubled),
        tuple(_holder(each, links) for each in registry.biggest),
        tuple(run_row(run, links, now) for run in registry.runs),
        registry.cut,
    )


def _figures(registry: RegistryOverview) -> tuple[Figure, ...]:
    nights = registry.nights
    return (*_freed_figures(nights), *_day_figures(nights), *_held_figures(registry))


def _freed_figures(*registries: Sequence[Night]) -> tuple[Figure, ...]:
    """Say what all nights came to; of the latest plans, where nothing ever went."""
    nights = [night for each in registries for night in each]
    days = len({night.day for night in nights})
    if not days:
        return ()
    within = f"in {count(days, 'day')}"
    deleted = sum(night.deleted for night in nights)
    planned = [next((n for n in reversed(each) if n.planned), None) for each in registries]
    if not deleted and (latest := [night for night in planned if night is not None]):
        said = "would be freed by the latest plan" + "s" * (len(latest) > 1)
        would = Figure(amount(sum(n.planned_bytes for n in latest)), f"{said}, at most")
        going = number(sum(night.planned for night in latest))
        return (would, Figure(going, "tags and manifests would go"))
    return (
        _freed(registries, within),
        Figure(number(deleted), f"tags and manifests deleted {within}"),
    )


def _freed(registries: Sequence[Sequence[Night]], within: str) -> Figure:
    """Add up what the registries freed: each as it is told of by itself."""
    freed = sum(Freed.of(nights).on(night) for nights in registries for night in nights)
    deleting = [Freed.of(nights) for nights in registries if any(n.deleted for n in nights)]
    exact = Freed(bool(deleting) and all(each.is_exact for each in deleting))
    return Figure(amount(freed), f"freed {within}, {exact.note}")


def _day_figures(nights: Sequence[Night]) -> tuple[Figure, ...]:
    """Say on how many days something ran, of those on which it did or should have."""
    known = [night.condition for night in nights if night.condition is not None]
    if not (missed := known.count(Condition.MISSING)):
        return (Figure(number(len(known)), "days with a run"),) if known else ()
    of_all = f"{len(known) - missed:,} of {len(known):,}"
    return (Figure(of_all, "days had their run; the others missed it"),)


def _held_figures(registry: RegistryOverview) -> tuple[Figure, ...]:
    sums = registry.sums
    if sums is None or sums.totals.bytes_held is None:
        return ()
    left = sums.totals.bytes_held - Gone.ended(sums.outcomes).bytes
    return (Figure(amount(max(0, left)), "held at most, where manifests were listed"),)


def _bad_nights(registry: RegistryOverview) -> list[str]:
    """Name the days that went wrong, newest first."""
    missing = [day(each) for each in registry.missing]
    failed = [n.day for n in reversed(registry.nights) if n.condition is Condition.FAILED]
    told = []
    for word, days in (("missing", missing), ("failed", [day(each) for each in failed])):
        if days:
            more = f" and {len(days) - 5:,} more" if len(days) > 5 else ""  # noqa: PLR2004
            told.append(f"{count(len(days), 'night')} {word}: {', '.join(days[:5])}{more}")
    return told


def _night(night: Night, links: Links) -> NightRow:
    tone, word = condition_word(night.condition)
    addresses = (links.run(run) for run in night.runs)
    return NightRow(night, tone.value, word, tuple(a for a in addresses if a is not None))


def _troubled(record: RepositoryRecord, links: Links) -> Troubled:
    return Troubled(record, troubles(record), links.repository(record.run, record.repository))


def _holder(record: RepositoryRecord, links: Links) -> Holder:
    held = record.totals.bytes_held or 0
    return Holder(record, held, links.repository(record.run, record.repository))
