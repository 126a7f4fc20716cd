"""What is told of a run that ended: the values behind every shape of it.

The declared types are the document that a webhook receives as plain JSON, so names and members
are an interface: what is taken away or changes its meaning needs a new ``version``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from purge_core.instants import Instant
from purge_core.model import RepositoryName
from purge_core.notices.webhook import Event
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome
from purge_core.records.store_records import (
    Held,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    RunState,
    Trigger,
)
from purge_core.records.store_rules import sum_outcomes
from purge_core.report.outcomes import refusal_sentence
from purge_core.report.text import shortened

VERSION: Final = 1
MOST_TROUBLED: Final = 20
"""So many repositories are named; the others are counted."""
_LONGEST: Final = 500
"""Characters of a reason; names are never cut."""


@dataclass(frozen=True, slots=True)
class Repositories:
    """How many repositories a run was about, and how many of them need a look."""

    total: int
    refused: int
    failed: int


@dataclass(frozen=True, slots=True)
class Amount:
    """Tags and manifests. ``bytes_at_most``: layers that images share count several times."""

    tags: int
    manifests: int
    bytes_at_most: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A repository that somebody should look at, and why."""

    repository: RepositoryName
    state: RepositoryState
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told of a run as it ended.

    ``id`` is the same however often it is sent: a run ends once in each state. ``planned`` is
    what the plans delete, ``deleted`` what went. ``troubled`` are the first repositories that
    somebody should look at, and ``more_troubled`` is the number of the others.
    """

    version: int
    id: str
    events: tuple[Event, ...]
    run: str
    registry: str
    state: RunState
    mode: Mode
    trigger: Trigger
    policy_name: str
    created: Instant
    ended: Instant
    repositories: Repositories
    planned: Amount
    deleted: Amount
    held: Held | None
    error: str | None
    troubled: tuple[Trouble, ...]
    more_troubled: int


def notice_of(run: RunRecord, records: Sequence[RepositoryRecord]) -> Notice:
    """Say what there is to tell of a run that has ended; ``records`` are its repositories."""
    troubled = [trouble for each in records if (trouble := _trouble(each)) is not None]
    return Notice(
        version=VERSION,
        id=f"{run.id}/{run.state.value}",
        events=tuple(_events(run, records)),
        run=run.id,
        registry=run.registry,
        state=run.state,
        mode=run.mode,
        trigger=run.trigger,
        policy_name=shortened(run.policy_name, _LONGEST),
        created=run.created,
        ended=run.updated,
        repositories=Repositories(
            len(records),
            _count(records, RepositoryState.REFUSED),
            _count(records, RepositoryState.FAILED),
        ),
        planned=_planned(records),
        deleted=_deleted(records),
        held=run.held if run.state is RunState.HELD else None,
        error=None if run.error is None else shortened(run.error, _LONGEST),
        troubled=tuple(troubled[:MOST_TROUBLED]),
        more_troubled=max(0, len(troubled) - MOST_TROUBLED),
    )


def _events(run: RunRecord, records: Sequence[RepositoryRecord]) -> Iterable[Event]:
    outcomes = {each.outcome for record in records for each in record.outcomes}
    if any(outcome.is_deleted for outcome in outcomes):
        yield Event.DELETED
    if run.state is RunState.HELD:
        yield Event.HELD
    if _count(records, RepositoryState.REFUSED):
        yield Event.REFUSED
    failed = run.state is RunState.FAILED or _count(records, RepositoryState.FAILED)
    if failed or any(outcome.is_trouble for outcome in outcomes):
        yield Event.FAILED


def _count(records: Iterable[RepositoryRecord], state: RepositoryState) -> int:
    return sum(record.state is state for record in records)


def _planned(records: Iterable[RepositoryRecord]) -> Amount:
    totals = [record.totals for record in records if record.seal is not None]
    return Amount(
        sum(each.tags_to_delete for each in totals),
        sum(each.manifests_to_delete for each in totals),
        sum(each.bytes_to_delete for each in totals),
    )


def _deleted(records: Iterable[RepositoryRecord]) -> Amount:
    counts = sum_outcomes(count for record in records for count in record.outcomes)
    gone = [each for each in counts if each.outcome.is_deleted]
    return Amount(
        sum(each.tags for each in gone),
        sum(each.manifests for each in gone),
        sum(each.bytes for each in gone),
    )


def _trouble(record: RepositoryRecord) -> Trouble | None:
    """Say what is wrong with a repository, if anything is."""
    steps = [
        f"{each.steps:,} {_STEPS[each.outcome]}"
        for each in record.outcomes
        if each.outcome.is_trouble
    ]
    bad = record.state in (RepositoryState.REFUSED, RepositoryState.FAILED)
    if not steps and not bad:
        return None
    error = [] if record.error is None else [record.error]
    why = "; ".join([*error, *map(refusal_sentence, record.refusals), *steps])
    return Trouble(record.repository, record.state, shortened(why or "no reason known", _LONGEST))


_STEPS: Final = {
    Outcome.DENIED: "steps denied",
    Outcome.FAILED: "steps failed",
    Outcome.NOT_REACHED: "steps not reached",
}
