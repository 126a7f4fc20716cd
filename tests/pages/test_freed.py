"""What the registries freed: to the byte where everything was counted, an upper bound otherwise."""

import re
from dataclasses import replace

from purge_core.pages.links import AppLinks
from purge_core.pages.overview import overview_page
from purge_core.pages.repository import repository_page
from purge_core.records.overviews import Condition, Night
from purge_core.records.store_records import RepositoryState
from tests.pages.details import repository_report
from tests.pages.test_telling import words
from tests.pages.values import missing, nights, overview, seen, well

MIB = 2**20


def told(*seen: Night) -> str:
    """Return what the page says of a registry with these nights."""
    return words(overview_page(overview(replace(well(), nights=seen)), AppLinks()))


def counted(night: Night) -> Night:
    """Return a night that freed exactly a third of its upper bound, if anything."""
    return replace(night, exact=night.freed // 3) if night.deleted else night


def test_what_was_counted_is_the_figure() -> None:
    """Where every night that deleted counted, the first page says so, and draws that."""
    some = tuple(counted(night) for night in nights(5))
    text = told(*some)
    freed = sum(night.exact or 0 for night in some) / 2**30
    assert f"freed in 5 days, counted blob by blob {freed:.1f} GiB" in text
    assert "Freed per night counted blob by blob" in text
    assert "at most, over" not in text
    assert len(re.findall("blob by blob", text)) > len([n for n in some if n.deleted])


def test_one_night_that_was_not_counted_makes_it_a_bound() -> None:
    """A sum of both kinds of numbers would be neither."""
    first, *rest = nights(5)
    text = told(first, *map(counted, rest))
    bound = sum(night.freed for night in (first, *rest)) / 2**30
    assert f"freed in 5 days, at most {bound:.1f} GiB" in text
    assert "Freed per night at most" in text


def test_the_run_before_a_missing_night_is_not_called_this_one() -> None:
    """Where last night had no run, the link leads to an older one, and says so."""
    text = words(overview_page(overview(missing()), AppLinks()))
    assert "Everything about the latest run" in text
    assert "Everything about this run" not in text


def test_registries_are_added_up_as_they_are_told() -> None:
    """One that was counted and one that was not come to a bound, as small as is known."""
    exact, bound = tuple(map(counted, nights(5))), nights(5)
    both = [replace(well("a"), nights=exact), replace(well("b"), nights=bound)]
    least = sum(night.exact or 0 for night in exact)
    most = least + sum(night.freed for night in bound)
    text = words(overview_page(overview(*both), AppLinks()))
    assert f"freed in 5 days, at most {most / 2**30:.1f} GiB" in text
    alone = words(overview_page(overview(both[0], replace(both[0], registry="c")), AppLinks()))
    assert f"freed in 5 days, counted blob by blob {2 * least / 2**30:.1f} GiB" in alone


def test_plans_of_several_registries_are_added_up() -> None:
    """Where nothing ever went, each registry's latest plan counts once, and no older one."""
    older, last = (replace(night, deleted=0, freed=0, exact=None) for night in nights(2, bad=False))
    older, last = (replace(n, planned=p, planned_bytes=p * MIB) for n, p in ((older, 9), (last, 5)))
    two = (replace(well(name), nights=(older, last)) for name in ("a", "b"))
    text = words(overview_page(overview(*two), AppLinks()))
    assert "would be freed by the latest plans, at most 10.0 MiB" in text
    assert "would be freed by the latest plan, at most 5.0 MiB" in text


def test_days_without_a_schedule_are_called_no_nights() -> None:
    """A run by request is no night that was due; a missed one is told as such."""
    ran = nights(2, bad=False)
    gap = replace(ran[0], condition=Condition.MISSING, runs=(), deleted=0, freed=0)
    assert "days with a run 2" in told(*ran)
    assert "days had their run; the others missed it 1 of 2" in told(gap, ran[1])


def test_what_is_not_known_is_no_zero() -> None:
    """A run of which no sums are recorded may have deleted something: the page says so."""
    first, last = nights(2, bad=False)
    text = told(replace(first, deleted=0, freed=0, unknown=1), last)
    assert "What 1 run did is not in these numbers" in text
    assert "20 November 2026 done not known not known" in text
    assert "not known" not in told(first, last)


def test_a_run_at_work_is_not_called_well() -> None:
    """Nobody knows yet how it ends."""
    text = words(overview_page(overview(seen("a", Condition.RUNNING, ()), well("b")), AppLinks()))
    assert "A run is under way; nothing needs a look so far." in text
    assert "All is well" not in text


def test_a_repository_that_failed_tells_what_went() -> None:
    """Its purge ended halfway: what is gone is told, and not as what would go."""
    report = repository_report()
    record = replace(report.record, state=RepositoryState.FAILED, error="HTTP 500")
    text = words(repository_page(replace(report, record=record), AppLinks()))
    assert f"of {record.totals.tags:,} tags deleted 24" in text
    assert "would" not in text
