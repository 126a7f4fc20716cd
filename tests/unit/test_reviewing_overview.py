"""The registries at a glance: how the last night went, which nights are missing, the series."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purge_core.instants import DAY, TICKS_PER_SECOND, Instant
from purge_core.records.overviews import Condition, RegistryOverview
from purge_core.records.store_records import RepositoryState, RunState, Trigger
from purge_core.reviewing.nights import MOST_OCCURRENCES, missing_nights
from purge_core.reviewing.registries import USUAL_DAYS, Sight, overview, registry_overview
from purge_core.schedule import parse_schedule
from tests.builders import NOW
from tests.fake_store import FakeStore
from tests.nights import AT_ONE, MIDNIGHT, a_night, a_repository, due, note
from tests.stores import REGISTRY

REFUSED = a_repository("shop/refused", state=RepositoryState.REFUSED)
GOOD = a_repository("shop/web", deleted=4, held=100)


async def look(store: FakeStore, *, days: int = USUAL_DAYS) -> RegistryOverview:
    """Look at the registry."""
    return await registry_overview(store, REGISTRY, Sight(NOW, AT_ONE, days))


async def test_no_runs() -> None:
    """Nothing is known, and nothing is missing."""
    found = await look(FakeStore(), days=3)
    assert (found.condition, found.latest, found.missing) == (Condition.NEVER, None, ())
    assert [night.day for night in found.nights] == [MIDNIGHT - n * DAY for n in (2, 1, 0)]
    assert {night.condition for night in found.nights} == {None}


async def test_good_nights() -> None:
    """Every night has its sums, the newest run comes first, nothing is missing."""
    store = FakeStore()
    runs = [note(store, a_night(n), GOOD, a_repository("b", deleted=n)) for n in range(5)]
    found = await look(store, days=4)
    assert (found.condition, found.missing, found.latest) == (Condition.DONE, (), runs[0])
    assert found.runs == tuple(runs)
    assert [night.deleted for night in found.nights] == [7, 6, 5, 4]
    assert [night.freed for night in found.nights] == [70, 60, 50, 40]
    assert [night.runs for night in found.nights] == [(runs[n].id,) for n in (3, 2, 1, 0)]
    assert not found.cut


async def test_a_night_without_a_run() -> None:
    """It is missing, and its day says so; the last night was good all the same."""
    store = FakeStore()
    for number in (0, 1, 3):
        note(store, a_night(number), GOOD)
    found = await look(store, days=4)
    assert (found.condition, found.missing) == (Condition.DONE, (due(2),))
    assert [night.condition for night in found.nights] == [
        Condition.DONE,
        Condition.MISSING,
        Condition.DONE,
        Condition.DONE,
    ]


async def test_the_last_night_has_no_run() -> None:
    """That comes before how the run before it went."""
    store = FakeStore()
    before = note(store, a_night(1), GOOD)
    found = await look(store)
    assert (found.condition, found.latest, found.missing) == (Condition.MISSING, before, (due(0),))


async def test_a_run_by_hand_makes_up_for_the_night() -> None:
    """A nightly run that somebody started later belongs to the occurrence before it."""
    store = FakeStore()
    note(store, a_night(2), GOOD)
    note(store, a_night(1, late=DAY // 2), GOOD)
    note(store, a_night(0, trigger=Trigger.HTTP), GOOD)
    assert (await look(store)).missing == (due(0),)


@pytest.mark.parametrize(
    ("after", "missing"), [(14 * 60, False), (15 * 60, True), (-30, False), (0, False)]
)
def test_a_run_may_be_a_little_late(after: int, missing: bool) -> None:
    """It is missing when a quarter of an hour has passed."""
    now = Instant(due(0) + after * TICKS_PER_SECOND)
    found = missing_nights(AT_ONE, [a_night(1)], due(3), now)
    assert found == ((due(0),) if missing else ())


def test_a_timer_that_came_early() -> None:
    """A run that began half a minute before its time is that night's."""
    runs = [a_night(1), a_night(0, late=-30 * TICKS_PER_SECOND)]
    assert missing_nights(AT_ONE, runs, due(5), NOW) == ()


def test_a_schedule_that_comes_often() -> None:
    """Only so many occurrences are looked at."""
    often = parse_schedule("* * * * * *")
    found = missing_nights(often, [a_night(300)], due(300), NOW)
    assert len(found) == MOST_OCCURRENCES


@given(st.sets(st.integers(0, 40)), st.integers(1, 40))
def test_missing_nights_are_those_without_a_run(ran: set[int], window: int) -> None:
    """Since the first run, and within the window; newest first."""
    runs = [a_night(number) for number in ran]
    since = Instant(MIDNIGHT - (window - 1) * DAY)
    wanted = [n for n in range(window) if n not in ran and n < max(ran, default=0)]
    assert missing_nights(AT_ONE, runs, since, NOW) == tuple(map(due, wanted))


async def test_a_journal_that_no_timer_writes() -> None:
    """Where the schedule is not known to hold, runs of the command line are no missing nights."""
    store = FakeStore()
    note(store, a_night(3, trigger=Trigger.CLI), GOOD)
    unsure = Sight(NOW, AT_ONE, sure=False)
    found = await registry_overview(store, REGISTRY, unsure)
    assert (found.condition, found.missing) == (Condition.DONE, ())
    note(store, a_night(2), GOOD)
    found = await registry_overview(store, REGISTRY, unsure)
    assert found.missing == (due(0), due(1))


async def test_requests_do_not_hide_a_timer_that_never_came() -> None:
    """Somebody purged by request this morning; last night is missing all the same."""
    store = FakeStore()
    for number in (2, 0):
        note(store, a_night(number, trigger=Trigger.HTTP, late=DAY // 4), GOOD)
    found = await look(store)
    assert (found.condition, found.missing) == (Condition.MISSING, (due(0), due(1)))


async def test_what_was_tried_before_there_was_an_app() -> None:
    """Somebody planned from a desk, weeks before the first night: no night was due until then."""
    store = FakeStore()
    note(store, a_night(40, trigger=Trigger.CLI), GOOD)
    note(store, a_night(30, trigger=Trigger.APPLY), GOOD)
    assert (await look(store)).missing == ()
    note(store, a_night(2, trigger=Trigger.HTTP), GOOD)
    assert (await look(store)).missing == (due(0), due(1), due(2))


@pytest.mark.parametrize(
    ("state", "condition"),
    [
        (RunState.QUEUED, Condition.RUNNING),
        (RunState.PLANNING, Condition.RUNNING),
        (RunState.PURGING, Condition.RUNNING),
        (RunState.PLANNED, Condition.PLANNED),
        (RunState.HELD, Condition.HELD),
        (RunState.FAILED, Condition.FAILED),
        (RunState.DONE, Condition.DONE),
    ],
)
async def test_how_the_last_night_went(state: RunState, condition: Condition) -> None:
    """By the state of its run."""
    store = FakeStore()
    note(store, a_night(0, state=state), GOOD)
    assert (await look(store)).condition is condition


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.PLANNING, RunState.PURGING])
async def test_a_run_that_never_ended_needs_a_look(state: RunState) -> None:
    """A day after it began it is not taken for one that is at work."""
    store = FakeStore()
    for number in (0, 1):
        note(store, a_night(number, state=state), GOOD)
    conditions = [night.condition for night in (await look(store)).nights]
    assert conditions[-2:] == [Condition.TROUBLED, Condition.RUNNING]


@pytest.mark.parametrize("bad", [REFUSED, a_repository("x", DENIED=1), a_repository("x", FAILED=2)])
@pytest.mark.parametrize("sums", [True, False])
async def test_trouble(bad: object, sums: bool) -> None:
    """A repository with trouble is listed, also of a run that never said what it came to."""
    assert isinstance(bad, type(REFUSED))
    store = FakeStore()
    run = note(store, a_night(0), GOOD, bad, sums=sums)
    found = await look(store)
    assert found.condition is Condition.TROUBLED
    assert found.troubled == (replace(bad, run=run.id),)
    assert found.sums is not None
    assert found.sums.repositories == 2


async def test_what_a_run_at_work_came_to_is_counted_now() -> None:
    """The sums of a plan that is being applied are older than its deletions."""
    store = FakeStore()
    run = note(store, a_night(0, state=RunState.PURGING), a_repository("a"))
    done = replace(a_repository("a", deleted=3), run=run.id)
    store.runs[run.id].repositories[done.repository] = done
    found = await look(store)
    assert found.sums is not None
    assert [count.steps for count in found.sums.outcomes] == [3]


async def test_the_biggest_repositories() -> None:
    """Largest first; those of which it is not known are left out."""
    store = FakeStore()
    sizes = {"small": 1, "large": 9, "middle": 5}
    records = [a_repository(name, held=held) for name, held in sizes.items()]
    note(store, a_night(0), a_repository("unknown"), *records)
    found = await look(store)
    assert [each.repository for each in found.biggest] == ["large", "middle", "small"]


async def test_the_biggest_are_of_a_run_that_judged_all() -> None:
    """While a run plans, the one before it says what is biggest."""
    store = FakeStore()
    note(store, a_night(1), GOOD)
    note(store, a_night(0, state=RunState.PLANNING), a_repository("queued"))
    assert [each.repository for each in (await look(store)).biggest] == ["shop/web"]


async def test_what_plans_would_have_deleted() -> None:
    """The largest plan of a day counts; one for a time to come says nothing of that day."""
    store = FakeStore()
    planned = a_repository("a", state=RepositoryState.PLANNED, NOT_REACHED=5)
    note(store, a_night(0, state=RunState.PLANNED), planned)
    more = replace(planned, totals=replace(planned.totals, tags_to_delete=8, bytes_to_delete=80))
    note(store, a_night(0, state=RunState.HELD, late=DAY // 24, trigger=Trigger.HTTP), more)
    future = a_night(0, state=RunState.PLANNED, late=DAY // 12, trigger=Trigger.HTTP)
    most = replace(planned, totals=replace(planned.totals, tags_to_delete=99))
    note(store, replace(future, now=Instant(NOW + DAY)), most)
    night = (await look(store)).nights[-1]
    assert (night.planned, night.planned_bytes, night.deleted) == (8, 80, 0)
    assert (night.condition, len(night.runs)) == (Condition.HELD, 3)


@pytest.mark.parametrize(
    ("counted", "exact"), [((7, 8), 15), ((7, None), None), ((None, None), None)]
)
async def test_what_a_night_freed_exactly(
    counted: tuple[int | None, ...], exact: int | None
) -> None:
    """It is known where every run that deleted counted it; one that did not need not."""
    store = FakeStore()
    for number, each in enumerate((*counted, None)):
        deleted = 0 if number == len(counted) else 1
        run = note(
            store, a_night(0, late=number * TICKS_PER_SECOND), a_repository("a", deleted=deleted)
        )
        assert run.sums is not None
        sums = replace(run.sums, exact_bytes=each)
        store.runs[run.id].record = replace(run, sums=sums)
    assert (await look(store)).nights[-1].exact == exact


async def test_runs_without_sums_are_unknown() -> None:
    """A night that does not say what it came to is not nothing."""
    store = FakeStore()
    note(store, a_night(1), GOOD, sums=False)
    note(store, a_night(0), GOOD)
    found = await look(store, days=2)
    assert [night.unknown for night in found.nights] == [1, 0]


async def test_more_runs_than_are_read() -> None:
    """The overview says that it does not reach as far back as was asked for."""
    store = FakeStore()
    for number in range(1000):
        note(store, a_night(0, late=number * TICKS_PER_SECOND, trigger=Trigger.HTTP))
    assert (await look(store)).cut
    assert not (await look(FakeStore())).cut


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 50)), max_size=20))
async def test_nights_add_up_to_their_runs(runs: list[tuple[int, int]]) -> None:
    """Whatever runs there are, the days within sight hold exactly what they deleted."""
    store = FakeStore()
    for number, (day, deleted) in enumerate(runs):
        at = number * TICKS_PER_SECOND
        note(store, a_night(day, late=at), a_repository("a", deleted=deleted))
    found = await look(store, days=15)
    assert sum(night.deleted for night in found.nights) == sum(n for day, n in runs if day < 15)
    assert sum(len(night.runs) for night in found.nights) == sum(day < 15 for day, _ in runs)


async def test_all_registries() -> None:
    """Each by itself, in the order given, with the schedule in words."""
    store = FakeStore()
    note(store, a_night(0, registry="b.azurecr.io"), GOOD)
    found = await overview(store, [REGISTRY, "b.azurecr.io"], Sight(NOW, AT_ONE))
    assert [(each.registry, each.condition) for each in found.registries] == [
        (REGISTRY, Condition.NEVER),
        ("b.azurecr.io", Condition.DONE),
    ]
    assert found.schedule == "0 0 1 * * *"
