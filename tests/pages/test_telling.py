"""What the pages say, and to whom: read as text, without a browser."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from typing import Final

import pytest

from purge_core.instants import DAY, Instant
from purge_core.model import RepositoryName
from purge_core.pages.frame import headers, page, policy
from purge_core.pages.image import image_page
from purge_core.pages.links import AppLinks
from purge_core.pages.nights import night_charts
from purge_core.pages.overview import overview_page
from purge_core.pages.run import run_page, run_view
from purge_core.pages.words import amount, day, named, weekday, when
from purge_core.records.overviews import Condition, Night
from purge_core.records.store_records import RunState, Trigger
from purge_core.records.told import Told
from tests.builders import NOW
from tests.pages import gallery
from tests.pages.details import image_report
from tests.pages.values import (
    MIDNIGHT,
    missing,
    nights,
    overview,
    run,
    run_report,
    seen,
    some_repositories,
    troubled,
    well,
)

LINKS: Final = AppLinks()


def words(text: str) -> str:
    """Return what somebody reads: no markup, single spaces."""
    body = re.sub(r"<style>.*?</style>|<title>.*?</title>", " ", text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


# --- the policy ------------------------------------------------------------------


@pytest.mark.parametrize("name", gallery.usual())
def test_only_the_own_style_is_permitted(name: str) -> None:
    """Each page holds one style, which is the one that its policy names, and no script."""
    text = gallery.usual()[name]
    (style,) = re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in headers()["Content-Security-Policy"]
    assert f"sha256-{digest}" in unescape(text.partition("<style>")[0])
    assert not re.search(r"<script|<link|<iframe|<object|\son\w+=|\sstyle=", text)


def test_the_policy_permits_nothing_else() -> None:
    """Everything is forbidden but the style; a file cannot even send a form."""
    assert headers()["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in headers()["Content-Security-Policy"]
    assert "form-action 'self'" in policy(forms=True)
    assert "form-action 'none'" in policy(forms=False)
    assert "unsafe" not in str(headers())
    assert (headers()["Referrer-Policy"], headers()["Cache-Control"]) == ("no-referrer", "no-store")


def test_a_key_goes_along_only_when_it_came() -> None:
    """Links repeat the key of the address, escaped; without one there is none to repeat."""
    assert AppLinks(gallery.KEY).overview() == "/api/report?code=s3cr3t%26key%3D%3C1%3E"
    assert "code=" not in overview_page(overview(troubled()), LINKS)
    assert "code=s3cr3t%26key%3D%3C1%3E" in gallery.usual()["overview"]
    assert 'name="code" value="s3cr3t&amp;key=&lt;1&gt;"' in gallery.usual()["run"]
    assert gallery.KEY not in gallery.usual()["run-plan"]


# --- words -----------------------------------------------------------------------


def test_numbers_and_times_are_in_words() -> None:
    """Bytes have a unit, days a month, times a zone."""
    assert (amount(0), amount(3 * 1024**3)) == (
        '0&nbsp;<span class="unit">B</span>',
        '3.0&nbsp;<span class="unit">GiB</span>',
    )
    assert (day(NOW), weekday(NOW)) == ("21 November 2026", "Saturday, 21 November 2026")
    assert "21 November 2026, 12:00 UTC</time>" in when(NOW)
    assert day(Instant(2**200)) == "31 December 9999"


def test_names_cannot_hide_or_turn_text() -> None:
    """What is not printable is written out, a direction ends with the name, length is bounded."""
    assert named("a\N{RIGHT-TO-LEFT OVERRIDE}b\n<i>") == "<bdi>a\\u202eb\\n&lt;i&gt;</bdi>"
    assert len(named("x" * 5_000)) < 200


def test_nothing_undefined_is_shown() -> None:
    """A template that asks for what was not given is an error, and no empty place."""
    with pytest.raises(Exception, match="'view' is undefined"):
        page("overview.html")


# --- the registries --------------------------------------------------------------


def test_trouble_comes_first_and_in_words() -> None:
    """How many need a look, what last night did, which nights are bad, why, and what to do."""
    told = words(overview_page(overview(troubled(), well(), missing()), LINKS))
    for sentence in (
        "2 of 3 registries need a look.",
        "Last night's run deleted 48 tags and 48 manifests, at most 34.7 GiB, and 4 of 8",
        "1 night missing: 4 November 2026.",
        "1 night failed: 12 November 2026.",
        "There was no run last night. One was due on Saturday, 21 November 2026, at 01:00 UTC.",
        "write allow_empty: true into the rules named.",
        "4 steps not permitted. acr-purge doctor names the missing right",
    ):
        assert sentence in told


def test_the_worst_comes_first() -> None:
    """Whatever the names are: failed, missing, held, in trouble, then those that are well."""
    failed = seen("z", Condition.FAILED, ())
    text = overview_page(overview(well("a"), troubled("b"), missing("c"), failed), LINKS)
    names = re.findall(r"<h2[^>]*><bdi>(\w)</bdi>", text)
    assert names == ["z", "c", "b", "a"]


def test_a_missing_night_is_red() -> None:
    """So are its mark in the chart, its row, and the word."""
    text = overview_page(overview(missing()), LINKS)
    assert '<div class="card bad">' in text
    assert '<div class="note bad">' in text
    assert '<tr class="row-bad"><th scope="row" class="t">21 November 2026' in text
    assert '<rect class="bad"' in text


def test_all_is_well_where_it_is() -> None:
    """Nothing red, nothing to do."""
    text = overview_page(overview(well()), LINKS)
    assert "All is well." in words(text)
    assert not re.search(r'class="(card|note|tag|row-)? ?(bad|warn)"', text)


def test_plans_are_not_called_freed() -> None:
    """Where nothing was ever deleted, the charts show what would be, and say so."""
    planned = tuple(
        Night(day=Instant(MIDNIGHT - n * DAY), condition=Condition.PLANNED, planned=5 * n, runs=())
        for n in (2, 1)
    )
    assert [chart.title for chart in night_charts(planned)] == [
        "Would be freed",
        "Would be deleted",
    ]
    assert [c.title for c in night_charts(nights())] == ["Freed per night", "Deleted per night"]
    of_plan = seen("new", Condition.PLANNED, (run(RunState.PLANNED),), nights=planned)
    told = words(overview_page(overview(of_plan), LINKS))
    assert "tags and manifests would go 5" in told
    assert "freed in" not in told


# --- a run -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "applies"), [(RunState.PLANNED, True), (RunState.HELD, True), (RunState.DONE, False)]
)
def test_a_plan_says_how_it_is_applied(state: RunState, applies: bool) -> None:
    """Only where it can be: a held or planned run, with something to delete."""
    records = some_repositories()
    of = run(state, repositories=records)
    call = f'curl -X POST "https://APP.azurewebsites.net/api/runs/{of.id}/apply"'
    assert (call in unescape(run_page(run_report(of, records), LINKS))) is applies
    assert run_view(run_report(of, ()), LINKS).apply is None


def test_a_command_says_what_has_to_be_put_in() -> None:
    """The key always; the app's name only where the page does not know the address."""
    report = run_report(run(RunState.PLANNED, repositories=some_repositories()))
    known = words(run_page(report, AppLinks("s3cret", "https://purge.example")))
    assert f"https://purge.example/api/runs/{report.run.id}/apply" in known
    assert "KEY stands for a function key of the app. Each" in known
    assert "s3cret" not in known
    assert "APP the name of the app" in words(run_page(report, LINKS))


def test_a_plan_of_a_command_names_the_kept_one_too() -> None:
    """Whoever planned from a desk may have kept the plan in a file."""
    of = run(RunState.PLANNED, repositories=some_repositories(), trigger=Trigger.CLI)
    assert "acr-purge apply plan.json" in run_page(run_report(of), LINKS)


def test_exact_bytes_are_not_called_a_bound() -> None:
    """Where every blob was counted, that number is told, and how it came about."""
    of = run(repositories=some_repositories())
    assert of.sums is not None
    report = run_report(replace(of, told=Told(NOW, "no answer <b>")))
    told = words(run_page(replace(report, sums=replace(of.sums, exact_bytes=5 * 2**30)), LINKS))
    assert "48 tags and 48 manifests, 5.0 GiB counted blob by blob, and 4 of 8" in told
    assert "freed, counted blob by blob 5.0 GiB" in told
    assert "Webhook told nobody: no answer <b>" in told


@pytest.mark.parametrize(("back", "told"), [(0, "is under way."), (2, "has no end on record")])
def test_a_run_that_was_killed_is_not_under_way_for_ever(back: int, told: str) -> None:
    """A day after it began the page says so, and what to think of it."""
    assert told in words(run_page(run_report(run(RunState.PURGING, back=back)), LINKS))


def test_what_is_quiet_is_folded_away() -> None:
    """Where nothing is to go and nothing is wrong, the table does not begin with it."""
    view = run_view(run_report(), LINKS)
    assert [row.record.repository for row in view.quiet] == ["old/quiet"]
    assert len(view.busy) == 7


def test_reasons_and_troubles_stand_with_their_repository() -> None:
    """Deleted, kept by reason, refused, failed, not reached: each in its row."""
    rows = {row.record.repository: row for row in run_view(run_report(), LINKS).busy}
    assert rows[RepositoryName("shop/web")].gone.items == 18
    kept = rows[RepositoryName("shop/web")].kept
    assert [each.why for each in kept] == ["among the newest", "too young"]
    for name, what in (
        ("old/legacy", "Refused: no tagged image would be left"),
        ("old/broken", "Failed: HTTP 500 after 6 attempts."),
        ("team/import", "6 steps not reached."),
    ):
        assert rows[RepositoryName(name)].troubles[0].what.startswith(what)


# --- an image --------------------------------------------------------------------


def test_an_image_says_from_when_it_could_go() -> None:
    """The verdict, its reason, the day, what holds it otherwise, and what happened to it."""
    told = words(image_page(image_report(), LINKS))
    for sentence in (
        'The tag stays. too young: 4 days old, and rule "releases" takes what is older than 30d',
        "Time alone lets it go: from 17 December 2026, 12:00 UTC on.",
        "But nothing goes in this repository: 95 of 100 tags would go",
        "19 November 2026, 12:00 UTC v1.4.2 was sha256:000000000000 deleted",
    ):
        assert sentence in told
