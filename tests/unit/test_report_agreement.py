"""Page, JSON, CSV and journal tell the same of a run, whatever became of it."""

import csv
import io
import json
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purge_core.http.exchange import Request
from purge_core.http.reports import overview, repository, run
from purge_core.instants import TICKS_PER_SECOND
from purge_core.model import RepositoryName
from purge_core.pages.links import AppLinks
from purge_core.pages.overview import overview_page
from purge_core.pages.repository import repository_page
from purge_core.pages.run import run_page
from purge_core.records.journal import Mode
from purge_core.records.overviews import RepositoryFilter
from purge_core.records.store_records import RepositoryRecord, RepositoryState, RunRecord
from purge_core.report.csv_text import overview_csv, run_csv
from purge_core.report.overviews import overview_document, run_report_document
from purge_core.reviewing.registries import Sight
from purge_core.reviewing.registries import overview as look_at_all
from purge_core.reviewing.repositories import repository_report
from purge_core.reviewing.runs import run_report
from purge_core.service.applying import apply_run
from tests.builders import NOW
from tests.fake_store import FakeStore
from tests.fakes import FakeRegistry
from tests.nights import AT_ONE, a_night, a_repository, a_step, note, stays
from tests.pages.test_telling import words
from tests.service_world import World
from tests.stores import REGISTRY
from tests.unit.test_http_reports import POLICY, SHOP

COUNTS = st.integers(0, 4_000)


@st.composite
def repositories(draw: st.DrawFn) -> RepositoryRecord:
    """Return a repository: carried out, refused or failed."""
    state = draw(st.sampled_from((RepositoryState.DONE, RepositoryState.REFUSED)))
    ends = {"deleted": draw(COUNTS), "DENIED": draw(COUNTS), "NOT_REACHED": draw(COUNTS)}
    return a_repository(draw(st.sampled_from("abcdef")), state=state, **ends)


SOME = st.lists(repositories(), max_size=4, unique_by=lambda record: record.repository)
NIGHTS = st.lists(st.tuples(st.integers(0, 9), SOME), max_size=6)
Nights = list[tuple[int, list[RepositoryRecord]]]


def lines(text: str) -> list[dict[str, str]]:
    """Read a table."""
    return list(csv.DictReader(io.StringIO(text)))


def gone(records: Sequence[RepositoryRecord]) -> tuple[int, int, int]:
    """Count what the journal has as deleted: tags, manifests, bytes."""
    ended = [c for each in records for c in each.outcomes if c.outcome.is_deleted]
    return sum(c.tags for c in ended), sum(c.manifests for c in ended), sum(c.bytes for c in ended)


def journal(nights: Nights) -> tuple[FakeStore, list[RunRecord]]:
    """Return a store with these runs."""
    store, found = FakeStore(), []
    for number, (day, some) in enumerate(nights):
        found.append(note(store, a_night(day, late=number * TICKS_PER_SECOND), *some))
    return store, found


@given(NIGHTS)
async def test_nights_agree(nights: Nights) -> None:
    """Days of the page, of JSON and of the table hold what the journal's rows come to."""
    store, _ = journal(nights)
    seen = await look_at_all(store, [REGISTRY], Sight(NOW, AT_ONE, 10))
    tags, manifests, size = gone([record for _, some in nights for record in some])
    table = lines(overview_csv(seen))
    document = json.loads(json.dumps(overview_document(seen)))["registries"][0]["nights"]
    assert sum(int(line["deleted"]) for line in table) == tags + manifests
    assert sum(int(line["freed_bytes"]) for line in table) == size
    assert [int(line["deleted"]) for line in table] == [night["deleted"] for night in document]
    assert [int(line["freed_bytes"]) for line in table] == [n["freed_bytes"] for n in document]
    page = words(overview_page(seen, AppLinks()))
    assert f"tags and manifests deleted in 10 days {tags + manifests:,}" in page
    for line in table:
        day = int(line["day"][-2:])
        assert re.search(rf"\b{day} November 2026 [a-z ]+ {int(line['deleted']):,} ", page)


@given(SOME)
async def test_a_run_agrees(records: list[RepositoryRecord]) -> None:
    """The figures of the page, the sums of JSON and the lines of the table are one."""
    store, (of,) = journal([(0, records)])
    report = await run_report(store, of.id, RepositoryFilter(), NOW)
    tags, manifests, size = gone(records)
    table = lines(run_csv(report))
    heads = ("deleted_tags", "deleted_manifests", "freed_bytes")
    assert tuple(sum(int(x[head]) for x in table) for head in heads) == (tags, manifests, size)
    outcomes = json.loads(json.dumps(run_report_document(report)))["sums"]["outcomes"]
    deleted = outcomes.get("deleted", {"tags": 0, "manifests": 0, "bytes": 0})
    assert (deleted["tags"], deleted["manifests"], deleted["bytes"]) == (tags, manifests, size)
    page = words(run_page(report, AppLinks()))
    assert f"tags deleted {tags:,} " in page
    assert f"manifests deleted {manifests:,} " in page


@pytest.mark.parametrize("applied", [False, True])
async def test_an_applied_plan_is_told_as_done(applied: bool) -> None:
    """What went would not go: no page speaks of the plan that it once was."""
    app = World(FakeRegistry(SHOP, now=NOW), POLICY, mode=Mode.PLAN)
    started = await app.start()
    await app.run_to_end()
    if applied:
        await apply_run(app.service(), started.id)
        await app.run_to_end()
    path = {"id": started.id, "repository": "shop"}
    pages = [await show(app.service(), Request(path)) for show in (overview, run, repository)]
    for text in map(words, [page.body for page in pages]):
        assert ("would" in text) is not applied, text
        assert ("curl" in text) <= (not applied)


async def test_a_page_behind_the_last_says_so() -> None:
    """An address that somebody wrote by hand counts nothing backwards."""
    store, (of,) = journal([(0, [a_repository("a", deleted=1)])])
    report = await run_report(store, of.id, RepositoryFilter(), NOW, 4_000)
    text = words(run_page(report, AppLinks()))
    assert "No more than 1 repository." in text
    assert "From the beginning" in text


async def test_every_page_of_a_repository_says_where_it_is() -> None:
    """However many steps there are: which of them are shown, and where it begins and goes on."""
    store, (of,) = journal([(0, [a_repository("a", deleted=2_500)])])
    kept = store.runs[of.id]
    name = RepositoryName("a")
    kept.steps[name] = [a_step(number) for number in range(2_500)]
    kept.kept[name] = stays(f"k{number}" for number in range(10))
    after, seen = None, []
    for _ in range(4):
        report = await repository_report(store, of.id, name, NOW, after)
        text, after = repository_page(report, AppLinks()), report.next
        found = re.search(r"([0-9,]+) to ([0-9,]+) of 2,500 steps\.", words(text))
        links = "From the beginning" in text, "The next ones" in text
        seen.append((found and found.groups(), *links))
    assert after is None
    assert seen == [
        (("1", "998"), False, True),
        (("999", "1,996"), True, True),
        (("1,997", "2,500"), True, True),
        (None, True, False),
    ]
