"""Where links lead, and how pictures are drawn."""

import re

from purge_core.instants import DAY, Instant
from purge_core.model import Digest, RepositoryName, TagName
from purge_core.pages.charts import HEIGHT, Amount, Scale, Tone, bars
from purge_core.pages.file import report_file
from purge_core.pages.links import AppLinks, FileLinks, anchor
from purge_core.pages.tags_over_time import strips
from purge_core.records.outcomes import Outcome
from purge_core.records.overviews import TagPoint
from tests.builders import NOW
from tests.pages.values import overview, run, run_report, troubled

# --- places ----------------------------------------------------------------------


def test_a_file_leads_only_into_itself() -> None:
    """What it does not hold has no link; a filter has nobody to answer it."""
    text = report_file(overview(troubled()), (run_report(),), ())
    assert set(re.findall(r'<a [^>]*href="([^"#]*)#', text)) == {""}
    assert f'href="#{anchor(run().id)}"' in text
    assert "<form" not in text
    assert FileLinks().run(run().id) is None


def test_an_address_holds_whatever_a_name_is() -> None:
    """Nothing in a name ends its part of the address."""
    links, name = AppLinks(), RepositoryName("a/b?c#d&e=%2F")
    assert links.repository(run().id, name).endswith("/repositories/a/b%3Fc%23d%26e%3D%252F")
    assert "tag=x%26registry%3Dy" in links.image("r", name, TagName("x&registry=y"))
    assert "digest=sha256%3A0" in links.image("r", name, Digest("sha256:0"))


# --- pictures --------------------------------------------------------------------


def test_bars_are_in_proportion() -> None:
    """The largest fills the height, a little is seen, nothing is nothing."""
    drawn = bars([Amount(n, Tone.QUIET, "") for n in (100, 50, 1, 0)])
    assert [bar.height for bar in drawn] == [HEIGHT, HEIGHT / 2, 1.5, 0]
    assert [round(bar.x) for bar in drawn] == [0, 1, 2, 3]
    assert all(bar.y + bar.height == HEIGHT for bar in drawn)


def test_time_runs_from_left_to_right() -> None:
    """The first and the last are inside, one alone is in the middle."""
    scale = Scale.over([Instant(10), Instant(20), Instant(30)])
    assert scale is not None
    assert [scale.place(Instant(n)) for n in (10, 20, 30)] == [4, 500, 996]
    alone = Scale.over([NOW])
    assert alone is not None
    assert alone.place(NOW) == 500
    assert Scale.over([]) is None


def test_every_tag_is_drawn_by_its_verdict() -> None:
    """One strip for each verdict, what stays first; each line says which tag it is."""
    points = [
        TagPoint(TagName(f"t{n}"), Instant(NOW - n * DAY), status)
        for n, status in enumerate((Outcome.FAILED, Outcome.DELETED, None, Outcome.LOCKED, None))
    ]
    drawn = strips(points)
    assert drawn is not None
    assert [(lane.word, len(lane.marks)) for lane in drawn.lanes] == [
        ("stays", 2),
        ("deleted", 1),
        ("stays after all", 1),
        ("failed", 1),
    ]
    assert drawn.lanes[0].marks[0].said == "t4: stays, updated 17 November 2026, 12:00 UTC"
    assert strips([]) is None
