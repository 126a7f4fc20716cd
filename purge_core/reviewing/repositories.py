"""The page of a repository in a run: every step, what stays, and the tags over time."""

from collections.abc import Iterable, Iterator
from typing import Final

from purge_core.errors import InputError, Problem
from purge_core.instants import Instant
from purge_core.judgement.reasons import DeleteReason, Selected
from purge_core.model import RepositoryName
from purge_core.records.journal import RunId
from purge_core.records.overviews import RepositoryReport, TagPoint
from purge_core.records.step_records import Kept, KeptTag, StepRecord
from purge_core.records.store import RunStore
from purge_core.records.store_records import Page, RepositoryRecord, RunRecord
from purge_core.reviewing.reading import (
    MOST_HISTORY,
    MOST_STEPS,
    NoSuchRecord,
    kept_pages,
    known_run,
)
from purge_core.wording import shown

MOST_POINTS: Final = 2_000
_STEPS: Final = "steps"
_KEPT: Final = "kept"


async def repository_report(
    store: RunStore, run: RunId, name: RepositoryName, now: Instant, after: str | None = None
) -> RepositoryReport:
    """Look at a repository of a run; ``after`` is the ``next`` of an earlier page.

    Raises:
        NoSuchRecord: there is no such run, or it has no such repository.
        InputError: nobody gave ``after`` out.
        JournalError: the store could not be read.

    """
    part, token = _place(after)
    of_run = await known_run(store, run)
    record = await store.repository(run, name)
    if record is None:
        raise NoSuchRecord(f"run {run} has no repository {shown(name)}")
    if part == _KEPT:
        kept = await store.kept(run, name, after=token or None)
        follows = _token(_KEPT, kept.next)
        return RepositoryReport(now, of_run, record, (), kept.items, follows)
    steps = await store.steps(run, name, limit=MOST_STEPS, after=token or None)
    if not token:
        return await _first(store, (of_run, record), now, steps)
    follows = _token(_STEPS, steps.next) or _token(_KEPT, "")
    return RepositoryReport(now, of_run, record, steps.items, (), follows)


async def steps_report(
    store: RunStore, run: RunRecord, record: RepositoryRecord, now: Instant, most: int
) -> RepositoryReport:
    """Give only the first steps of a repository that was listed, in one query.

    Raises:
        JournalError: the store could not be read.

    """
    limit = min(most, MOST_STEPS)
    steps = await store.steps(run.id, record.repository, limit=limit)
    return RepositoryReport(now, run, record, steps.items, (), _token(_STEPS, steps.next))


async def _first(
    store: RunStore, of: tuple[RunRecord, RepositoryRecord], now: Instant, steps: Page[StepRecord]
) -> RepositoryReport:
    """Give the first page: the beginning of both lists, the picture, and the history."""
    run, record = of
    kept = await kept_pages(store, run.id, record.repository)
    stays = (each for page in kept for each in page.items)
    points = sorted(_points(steps.items, stays), key=lambda point: (-point.updated, point.name))
    history = await store.history(run.registry, record.repository, limit=MOST_HISTORY)
    unread = steps.next is not None or kept[-1].next is not None
    return RepositoryReport(
        now=now,
        run=run,
        record=record,
        steps=steps.items,
        kept=() if steps.next else kept[0].items,
        next=_token(_STEPS, steps.next) or _token(_KEPT, kept[0].next),
        points=tuple(points[:MOST_POINTS]),
        points_cut=unread or len(points) > MOST_POINTS,
        history=history.items,
    )


def _points(steps: Iterable[StepRecord], kept: Iterable[Kept]) -> Iterator[TagPoint]:
    """Place every tag in time of which it is known when it was updated."""
    for step in steps:
        for tag in step.tags:
            yield TagPoint(tag.name, _updated(tag.reasons, step.step.updated), step.status)
    for each in kept:
        if isinstance(each, KeptTag) and each.updated is not None:
            yield TagPoint(each.name, each.updated, None)


def _updated(reasons: Iterable[DeleteReason], otherwise: Instant) -> Instant:
    """Say when a tag was updated: what selects it tells, else it is when its manifest was."""
    return next((each.updated for each in reasons if isinstance(each, Selected)), otherwise)


def _token(part: str, after: str | None) -> str | None:
    return None if after is None else f"{part},{after}"


def _place(text: str | None) -> tuple[str, str]:
    """Read where to go on: in which list, and behind what.

    Raises:
        InputError: it is no token.

    """
    part, comma, after = (text or f"{_STEPS},").partition(",")
    if part not in (_STEPS, _KEPT) or not comma:
        raise InputError([Problem("continuation", shown(text or ""), "the `next` of a page")])
    return part, after
