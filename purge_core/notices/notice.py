"""What is told of a run that ended: the values behind every shape of it.

The declared types are the document that a webhook receives as plain JSON, so names and members
are an interface: what is taken away or changes its meaning needs a new ``version``.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from purge_core.instants import Instant
from purge_core.model import RepositoryName
from purge_core.notices.webhook import Event
from purge_core.records.journal import Mode
from purge_core.records.losses import Check
from purge_core.records.outcomes import Outcome
from purge_core.records.store_records import (
    Held,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    RunState,
    RunSums,
    Trigger,
)
from purge_core.records.sums import is_troubled, sums_of
from purge_core.report.losses import loss_sentence
from purge_core.report.outcomes import refusal_sentence
from purge_core.report.text import count, shortened

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
    what the plans delete, ``deleted`` what went, and ``exact_bytes`` what that frees (or would,
    where nothing was deleted yet), blob by blob, if it was counted and is known. ``troubled``
    are the first repositories that somebody should look at, and ``more_troubled`` is the number
    of the others.
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
    exact_bytes: int | None
    held: Held | None
    error: str | None
    troubled: tuple[Trouble, ...]
    more_troubled: int


def notice_of(run: RunRecord, records: Sequence[RepositoryRecord]) -> Notice:
    """Say what there is to tell of a run that has ended; ``records`` are its repositories."""
    sums = sums_of(records)
    troubled = [each for each in records if is_troubled(each)]
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
        repositories=Repositories(sums.repositories, sums.refused, sums.failed),
        planned=_planned(records),
        deleted=_deleted(sums),
        exact_bytes=None if run.sums is None else run.sums.exact_bytes,
        held=run.held if run.state is RunState.HELD else None,
        error=None if run.error is None else shortened(run.error, _LONGEST),
        troubled=tuple(map(_trouble, troubled[:MOST_TROUBLED])),
        more_troubled=max(0, len(troubled) - MOST_TROUBLED),
    )


def _events(run: RunRecord, records: Sequence[RepositoryRecord]) -> Iterable[Event]:
    sums = sums_of(records)
    if any(each.outcome.is_deleted for each in sums.outcomes):
        yield Event.DELETED
    if run.state is RunState.HELD:
        yield Event.HELD
    if sums.refused:
        yield Event.REFUSED
    not_refused = (each for each in records if each.state is not RepositoryState.REFUSED)
    if run.state is RunState.FAILED or any(map(is_troubled, not_refused)):
        yield Event.FAILED


def _planned(records: Iterable[RepositoryRecord]) -> Amount:
    totals = [record.totals for record in records if record.seal is not None]
    return Amount(
        sum(each.tags_to_delete for each in totals),
        sum(each.manifests_to_delete for each in totals),
        sum(each.bytes_to_delete for each in totals),
    )


def _deleted(sums: RunSums) -> Amount:
    gone = [each for each in sums.outcomes if each.outcome.is_deleted]
    return Amount(
        sum(each.tags for each in gone),
        sum(each.manifests for each in gone),
        sum(each.bytes for each in gone),
    )


def _trouble(record: RepositoryRecord) -> Trouble:
    why = "; ".join(_reasons(record)) or "no reason known"
    return Trouble(record.repository, record.state, shortened(why, _LONGEST))


def _reasons(record: RepositoryRecord) -> Iterator[str]:
    """Say what is wrong with a repository."""
    if record.error is not None:
        yield record.error
    yield from map(refusal_sentence, record.refusals)
    for each in record.outcomes:
        if each.outcome.is_trouble:
            yield f"{each.steps:,} {_STEPS[each.outcome]}"
    if record.verified is not None and record.verified.is_trouble:
        yield from _lost(record.verified)


def _lost(check: Check) -> Iterator[str]:
    """Say what a look back found, the first loss as an example."""
    if check.error is not None:
        yield f"not verified: {check.error}"
    if check.unread:
        yield f"{count(check.unread, 'manifest')} not verified"
    yield from map(loss_sentence, check.losses[:1])
    if (more := len(check.losses) + check.more - 1) > 0:
        yield f"{more:,} more of this kind"


_STEPS: Final = {
    Outcome.DENIED: "steps denied",
    Outcome.FAILED: "steps failed",
    Outcome.NOT_REACHED: "steps not reached",
}
