"""The pages of a run and of a repository: filters, pages without gaps, tags over time."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purge_core.errors import InputError
from purge_core.model import RepositoryName, TagName
from purge_core.records.journal import RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.overviews import RepositoryFilter, RepositoryReport, RunReport, Showing
from purge_core.records.step_records import Kept, Pending, StepRecord
from purge_core.records.store_records import ReasonCount, RepositoryState, RunState
from purge_core.records.sums import sums_of
from purge_core.reviewing.reading import MOST_REPOSITORIES, MOST_STEPS, NoSuchRecord
from purge_core.reviewing.repositories import MOST_POINTS, repository_report, steps_report
from purge_core.reviewing.runs import REPOSITORIES, run_report
from tests.builders import NOW, OLD, ago, days
from tests.fake_store import FakeStore
from tests.nights import a_night, a_repository, a_step, note, stays
from tests.stores import SHOP, images, judged, planned

RUN = a_night(0)
RECORDS = (
    a_repository("a/good", deleted=2),
    a_repository("a/denied", DENIED=1),
    a_repository("a/late", NOT_REACHED=1, deleted=1),
    a_repository("b/failed", state=RepositoryState.FAILED),
    a_repository("b/refused", state=RepositoryState.REFUSED),
    a_repository("b/idle"),
)


def journal() -> FakeStore:
    """Return a store with one run of six repositories."""
    store = FakeStore()
    note(store, RUN, *RECORDS)
    return store


async def look(store: FakeStore, text: str = "", showing: Showing = Showing.ALL) -> RunReport:
    """Look at the run."""
    return await run_report(store, RUN.id, RepositoryFilter(text, showing), NOW)


def names(report: RunReport) -> list[str]:
    """Return the names of the repositories."""
    return [each.repository for each in report.repositories]


async def test_a_run() -> None:
    """Its sums, its states, and why how much stays."""
    report = await look(journal())
    assert report.sums == sums_of(RECORDS)
    assert dict(report.states) == {
        RepositoryState.DONE: 4,
        RepositoryState.FAILED: 1,
        RepositoryState.REFUSED: 1,
    }
    assert report.kept == (ReasonCount("young", 18, 30),)
    assert (report.matching, report.first, report.next, report.cut) == (6, 0, None, False)


@pytest.mark.parametrize(
    ("showing", "wanted"),
    [
        (Showing.ALL, ["a/denied", "a/good", "a/late", "b/failed", "b/idle", "b/refused"]),
        (Showing.TROUBLED, ["a/denied", "a/late", "b/failed", "b/refused"]),
        (Showing.DELETED, ["a/good", "a/late"]),
        (Showing.PLANNED, ["a/denied", "a/good", "a/late"]),
        (Showing.REFUSED, ["b/refused"]),
        (Showing.FAILED, ["b/failed"]),
        (Showing.NOT_REACHED, ["a/late"]),
    ],
)
async def test_which_repositories_are_wanted(showing: Showing, wanted: list[str]) -> None:
    """The filter takes what it says; the sums stay those of all."""
    report = await look(journal(), showing=showing)
    assert (names(report), report.matching) == (wanted, len(wanted))
    assert report.sums.repositories == 6


@pytest.mark.parametrize(
    ("text", "wanted"), [("LATE", ["a/late"]), ("/i", ["b/idle"]), ("zzz", []), ("a/g", ["a/good"])]
)
async def test_a_part_of_the_name(text: str, wanted: list[str]) -> None:
    """In any case of letters."""
    assert names(await look(journal(), text)) == wanted


async def test_an_exact_sum_stays() -> None:
    """What was counted blob by blob is not counted again."""
    store = journal()
    exact = replace(sums_of(RECORDS), exact_bytes=7)
    store.runs[RUN.id].record = replace(RUN, sums=exact)
    assert (await look(store)).sums.exact_bytes == 7
    store.runs[RUN.id].record = replace(RUN, sums=exact, state=RunState.PURGING)
    assert (await look(store)).sums.exact_bytes is None


@given(st.integers(0, 40), st.integers(1, 15))
async def test_pages_of_a_run_hold_every_repository_once(count: int, many: int) -> None:
    """However many there are, and however many a page holds."""
    store = FakeStore()
    note(store, RUN, *(a_repository(f"r{n:05}") for n in range(count)))
    found: list[str] = []
    first: int | None = 0
    while first is not None:
        report = await run_report(store, RUN.id, RepositoryFilter(), NOW, first, many)
        found += names(report)
        first = report.next
    assert found == [f"r{n:05}" for n in range(count)]


async def test_more_repositories_than_are_read() -> None:
    """The page says that they are not all."""
    store = FakeStore()
    note(store, RUN, *(a_repository(f"r{n:05}") for n in range(MOST_REPOSITORIES + 1)))
    report = await look(store)
    assert report.cut
    assert (report.matching, len(report.repositories)) == (MOST_REPOSITORIES, REPOSITORIES)


async def test_what_is_not_there() -> None:
    """An unknown run, and an unknown repository of a known one."""
    store = journal()
    with pytest.raises(NoSuchRecord, match="no run nobody"):
        await run_report(store, RunId("nobody"), RepositoryFilter(), NOW)
    with pytest.raises(NoSuchRecord, match="no repository"):
        await repository_report(store, RUN.id, RepositoryName("none"), NOW)


def filled(steps: int, kept: int, page: int) -> FakeStore:
    """Return a store with a repository of so many steps, and tags that stay."""
    store = FakeStore(page=page)
    note(store, RUN, a_repository(SHOP, deleted=steps))
    store.runs[RUN.id].steps[SHOP] = [a_step(number) for number in range(steps)]
    store.runs[RUN.id].kept[SHOP] = stays(f"k{number:06}" for number in range(kept))
    return store


async def walked(store: FakeStore) -> tuple[list[StepRecord], list[Kept], list[RepositoryReport]]:
    """Read all pages of the repository."""
    reports: list[RepositoryReport] = []
    after: str | None = None
    while not reports or after is not None:
        reports.append(await repository_report(store, RUN.id, SHOP, NOW, after))
        after = reports[-1].next
    steps = [step for report in reports for step in report.steps]
    return steps, [kept for report in reports for kept in report.kept], reports


@pytest.mark.parametrize("steps", [0, 1, MOST_STEPS, MOST_STEPS + 1, 3 * MOST_STEPS])
@pytest.mark.parametrize("kept", [0, 5, 23])
async def test_pages_of_a_repository_hold_everything_once(steps: int, kept: int) -> None:
    """Every step in order, then all that stays."""
    store = filled(steps, kept, page=10)
    found_steps, found_kept, reports = await walked(store)
    assert [step.index for step in found_steps] == list(range(steps))
    assert tuple(found_kept) == store.runs[RUN.id].kept[SHOP]
    assert all(not report.points and not report.history for report in reports[1:])


async def test_tags_over_time() -> None:
    """Those that go say how their step ended; those that stay say nothing; newest first."""
    store = filled(2, 2, page=10)
    report = await repository_report(store, RUN.id, SHOP, NOW)
    assert [(p.name, p.updated, p.status) for p in report.points] == [
        ("k000000", ago(days(1)), None),
        ("k000001", ago(days(1)), None),
        ("v000000", ago(OLD), Outcome.DELETED),
        ("v000001", ago(OLD), Outcome.DELETED),
    ]
    assert not report.points_cut


@pytest.mark.parametrize(
    ("steps", "kept", "page"), [(MOST_STEPS + 1, 0, 10), (0, 60, 10), (0, MOST_POINTS + 1, 3000)]
)
async def test_more_tags_than_the_picture_holds(steps: int, kept: int, page: int) -> None:
    """It says so, and holds no more."""
    report = await repository_report(filled(steps, kept, page), RUN.id, SHOP, NOW)
    assert report.points_cut
    assert len(report.points) <= MOST_POINTS


async def test_a_judged_repository() -> None:
    """From a real plan: the time of a tag is its own where a rule selects it."""
    store = FakeStore()
    result = judged(images(3))
    run = await planned(store, result)
    report = await repository_report(store, run, SHOP, NOW)
    assert result.snapshot is not None
    updated = {tag.name: tag.updated for tag in result.snapshot.tags}
    assert {point.name: point.updated for point in report.points} == updated
    status = {point.name: point.status for point in report.points}
    assert status[TagName("v0")] is Pending.PLANNED
    assert status[TagName("stable")] is None


@pytest.mark.parametrize("after", ["", "x", "steps", "keep,1", "steps,x", "kept,x", "steps,-1"])
async def test_a_token_that_nobody_gave_out(after: str) -> None:
    """It is refused, but for none at all, which is the first page."""
    store = filled(1, 1, page=10)
    if not after:
        assert (await repository_report(store, RUN.id, SHOP, NOW, after)).steps
        return
    with pytest.raises(InputError, match="continuation"):
        await repository_report(store, RUN.id, SHOP, NOW, after)


async def test_only_the_first_steps() -> None:
    """As many as are wanted, and where they go on."""
    store = filled(30, 5, page=10)
    (record,) = (await store.repositories(RUN.id)).items
    report = await steps_report(store, RUN, record, NOW, 20)
    assert [step.index for step in report.steps] == list(range(20))
    assert (report.next, report.kept) == ("steps,20", ())
