"""What the past nights of the deployed policy deleted: the measure of the next one."""

from collections.abc import AsyncIterator, Iterable
from typing import Final

from purge_core.judgement.breaker import NIGHTS, FarMoreThanUsual, check_night
from purge_core.records.journal import Mode
from purge_core.records.store import RunStore
from purge_core.records.store_records import (
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    RunState,
    Trigger,
)
from purge_core.service.lists import all_repositories
from purge_core.service.ports import Service

_MOST_RUNS: Final = 300
"""Runs among which past nights are looked for: others may have been asked for between them."""


async def check_past(
    service: Service, run: RunRecord, planned: Iterable[RepositoryRecord]
) -> FarMoreThanUsual | None:
    """Say whether a nightly run would delete far more than the nights before it.

    The records of past nights are read only where it could.

    Raises:
        JournalError: they could not be read.

    """
    if run.trigger is not Trigger.TIMER or run.mode is not Mode.PURGE:
        return None
    due, breaker = sum(map(deletions, planned)), service.options.breaker
    if due <= breaker.floor:
        return None
    past = [await _carried_out(service.store, night) async for night in _past(service.store, run)]
    return check_night(due, past, breaker)


def deletions(record: RepositoryRecord) -> int:
    """Count the tags and manifests that a repository's plan deletes."""
    return record.totals.tags_to_delete + record.totals.manifests_to_delete


async def _past(store: RunStore, run: RunRecord) -> AsyncIterator[RunRecord]:
    """Give the nights before ``run`` that are done, newest first."""
    found, seen, after = 0, 0, None
    while found < NIGHTS and seen < _MOST_RUNS:
        page = await store.list_runs(run.registry, limit=100, after=after)
        for each in page.items:
            if found < NIGHTS and _is_past_night(each, run):
                found += 1
                yield each
        seen, after = seen + 100, page.next
        if after is None:
            return


def _is_past_night(other: RunRecord, run: RunRecord) -> bool:
    return (
        other.id != run.id
        and other.created <= run.created
        and other.trigger is Trigger.TIMER
        and other.policy_name == run.policy_name
        and other.mode is Mode.PURGE
        and other.state is RunState.DONE
    )


async def _carried_out(store: RunStore, run: RunRecord) -> int:
    """Count what a past night planned and carried out."""
    records = await all_repositories(store, run.id)
    return sum(deletions(each) for each in records if each.state is RepositoryState.DONE)
