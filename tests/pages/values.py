"""Values for the pages: registries with good and bad nights, and names that mean harm."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from purge_core.instants import DAY, Instant, format_instant
from purge_core.judgement.guards import TooManyDeletions, WouldBeEmpty
from purge_core.model import Digest, RepositoryName
from purge_core.records.journal import Mode, RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.overviews import (
    Condition,
    Night,
    Overview,
    RegistryOverview,
    RepositoryFilter,
    RunReport,
)
from purge_core.records.store_records import (
    OutcomeCount,
    ReasonCount,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    RunState,
    Totals,
    Trigger,
)
from purge_core.records.sums import sum_kept, sums_of
from tests.builders import NOW

MIB: Final = 1024**2
GIB: Final = 1024**3
HOSTILE: Final = (
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "{{ 7*7 }}</style></title>",
    "=cmd()|' /C calc'!A0",
    "line\none\r\ttwo\x00",
    "abc\N{RIGHT-TO-LEFT OVERRIDE}fed\N{ZERO WIDTH SPACE}",
    "javascript:alert(1)",
    "team/" + "very-long-name-without-a-place-to-break" * 9,
)
"""Names that a registry, or whoever writes to it, could think of."""
NO_FILTER: Final = RepositoryFilter()
MIDNIGHT: Final = Instant(NOW - NOW % DAY)


def digest(number: int) -> Digest:
    """Return a digest of its own for each number."""
    return Digest(f"sha256:{number:064x}")


def run(
    state: RunState = RunState.DONE,
    *,
    back: int = 0,
    repositories: Iterable[RepositoryRecord] = (),
    trigger: Trigger = Trigger.TIMER,
    registry: str = "contoso.azurecr.io",
    error: str | None = None,
    held: TooManyDeletions | None = None,
) -> RunRecord:
    """Return a run that began at one o'clock, so many days ago."""
    began = Instant(MIDNIGHT - back * DAY + DAY // 24)
    planned = state in (RunState.PLANNED, RunState.HELD)
    return RunRecord(
        id=RunId(f"{format_instant(began).translate({45: None, 58: None})}-3f9a1c2b4d"),
        registry=registry,
        mode=Mode.PLAN if state is RunState.PLANNED else Mode.PURGE,
        state=state,
        policy="version: 1\n",
        policy_name="purge-policy.yaml",
        now=began,
        trigger=trigger,
        created=began,
        updated=Instant(began + DAY // 200),
        finished=None if planned else Instant(began + DAY // 200),
        repositories=len(tuple(repositories)),
        held=held,
        error=error,
        sums=sums_of(repositories),
    )


def repository(
    name: str,
    state: RepositoryState = RepositoryState.DONE,
    *,
    number: int = 4,
    ended: Outcome = Outcome.DELETED,
    of: RunRecord | None = None,
) -> RepositoryRecord:
    """Return a repository in which so many tags and images were to go, and how that ended."""
    counts = OutcomeCount(ended, 2 * number, number, number, number * 740 * MIB)
    going = 0 if state in (RepositoryState.REFUSED, RepositoryState.FAILED) else number
    totals = Totals(
        tags=number * 9,
        manifests=number * 11,
        tags_to_delete=going,
        manifests_to_delete=going,
        steps=2 * going,
        bytes_to_delete=going * 740 * MIB,
        bytes_held=number * 7 * GIB,
    )
    return RepositoryRecord(
        run=(of or run()).id,
        repository=RepositoryName(name),
        state=state,
        updated=NOW,
        totals=totals,
        outcomes=(counts,) if state is RepositoryState.DONE else (),
        kept=(ReasonCount("newest", number * 6, number * 6), ReasonCount("young", number, 0)),
        refusals=(WouldBeEmpty(RepositoryName(name), ("releases",)),)
        if state is RepositoryState.REFUSED
        else (),
        error="HTTP 500 after 6 attempts" if state is RepositoryState.FAILED else None,
    )


def some_repositories(of: RunRecord | None = None) -> tuple[RepositoryRecord, ...]:
    """Return repositories of every kind."""
    return (
        *(repository(f"shop/{n}", number=9 - i, of=of) for i, n in enumerate(("web", "api"))),
        repository("team/checkout", number=31, of=of),
        repository("team/search", number=2, ended=Outcome.DENIED, of=of),
        repository("team/import", number=3, ended=Outcome.NOT_REACHED, of=of),
        repository("old/legacy", RepositoryState.REFUSED, number=12, of=of),
        repository("old/broken", RepositoryState.FAILED, of=of),
        repository("old/quiet", number=0, of=of),
    )


def nights(number: int = 60, *, bad: bool = True) -> tuple[Night, ...]:
    """Return so many days, oldest first; some without a run, failed, held or in trouble."""
    found = []
    for back in range(number - 1, -1, -1):
        condition: Condition = Condition.DONE
        if bad:
            condition = {3: Condition.TROUBLED, 9: Condition.FAILED, 17: Condition.MISSING}.get(
                back, Condition.DONE
            )
            condition = Condition.HELD if back == 25 else condition
        ran = condition in (Condition.DONE, Condition.TROUBLED)
        deleted = (37 * back * back + 11 * back) % 420 + 20 if ran else 0
        found.append(
            Night(
                day=Instant(MIDNIGHT - back * DAY),
                condition=condition,
                runs=() if condition is Condition.MISSING else (run(back=back).id,),
                deleted=deleted,
                freed=deleted * 83 * MIB,
                planned=900 if condition is Condition.HELD else 0,
            )
        )
    return tuple(found)


def seen(
    name: str,
    condition: Condition,
    runs: tuple[RunRecord, ...],
    *,
    missing: tuple[Instant, ...] = (),
    nights: tuple[Night, ...] = (),
    biggest: tuple[RepositoryRecord, ...] = (),
    troubled: tuple[RepositoryRecord, ...] = (),
    cut: bool = False,
) -> RegistryOverview:
    """Return a registry of which the first run is the latest."""
    latest = runs[0] if runs else None
    sums = None if latest is None else latest.sums
    return RegistryOverview(
        name, condition, latest, sums, missing, nights, runs, biggest, troubled, cut
    )


def overview(*registries: RegistryOverview) -> Overview:
    """Return an overview of some registries."""
    return Overview(NOW, "0 0 1 * * *", registries)


def well(name: str = "contoso.azurecr.io") -> RegistryOverview:
    """Return a registry in which nothing is wrong."""
    held = tuple(repository(f"team/{n}", number=40 - 3 * n) for n in range(12))
    latest = run(repositories=held, registry=name)
    past = tuple(run(back=back, repositories=held[:back], registry=name) for back in range(1, 6))
    quiet = nights(30, bad=False)
    return seen(name, Condition.DONE, (latest, *past), nights=quiet, biggest=held)


def troubled(name: str = "fabrikam.azurecr.io") -> RegistryOverview:
    """Return a registry in which much is wrong."""
    records = some_repositories()
    latest = run(repositories=records, registry=name)
    too_many = TooManyDeletions(9_120, 5_000)
    past = (
        run(RunState.FAILED, back=9, registry=name, error="the policy could not be read"),
        run(RunState.HELD, back=25, registry=name, held=too_many, repositories=records),
        run(RunState.PLANNED, back=30, registry=name, repositories=records, trigger=Trigger.HTTP),
    )
    missing = (Instant(MIDNIGHT - 17 * DAY + DAY // 24),)
    return seen(
        name,
        Condition.TROUBLED,
        (latest, *past),
        missing=missing,
        nights=nights(),
        biggest=records[:5],
        troubled=records[3:7],
        cut=True,
    )


def missing(name: str = "northwind.azurecr.io") -> RegistryOverview:
    """Return a registry of which last night's run is missing."""
    records = (repository("team/web", number=5),)
    latest = run(back=1, repositories=records, registry=name)
    due = (Instant(MIDNIGHT + DAY // 24),)
    few = (*nights(14, bad=False)[:-1], Night(day=MIDNIGHT, condition=Condition.MISSING))
    return seen(name, Condition.MISSING, (latest,), missing=due, nights=few, biggest=records)


def run_report(
    of: RunRecord | None = None,
    records: tuple[RepositoryRecord, ...] | None = None,
    find: RepositoryFilter = NO_FILTER,
) -> RunReport:
    """Return a run with its repositories."""
    shown = some_repositories() if records is None else records
    return RunReport(
        now=NOW,
        run=of or run(repositories=shown),
        sums=sums_of(shown),
        states=Counter(each.state for each in shown),
        kept=sum_kept(count for each in shown for count in each.kept or ()),
        find=find,
        repositories=shown,
        first=0,
        matching=len(shown),
        cut=False,
    )
