"""What the past nights of the deployed policy deleted: the measure of the next one."""

from collections.abc import Iterable

from purge_core.judgement.breaker import NIGHTS, FarMoreThanUsual, check_night
from purge_core.records.journal import Mode
from purge_core.records.lists import all_repositories
from purge_core.records.store import RunStore
from purge_core.records.store_records import (
    MAX_PAGE,
    RepositoryRecord,
    RunRecord,
    RunState,
    Trigger,
)
from purge_core.service.ports import Service


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
    past = [await _deleted(service.store, each) for each in await _past(service.store, run)]
    return check_night(due, past, breaker)


def deletions(record: RepositoryRecord) -> int:
    """Count the tags and manifests that a repository's plan deletes."""
    return record.totals.tags_to_delete + record.totals.manifests_to_delete


async def _past(store: RunStore, run: RunRecord) -> list[RunRecord]:
    """Give the nights before ``run`` that are done, newest first.

    All that is remembered is searched: any number of other runs may lie between the nights,
    and a search that stopped early would let a night pass for want of a measure.
    """
    nights: list[RunRecord] = []
    after: str | None = None
    while len(nights) < NIGHTS:
        page = await store.list_runs(run.registry, limit=MAX_PAGE, after=after)
        nights += (each for each in page.items if _is_past_night(each, run))
        after = page.next
        if after is None:
            break
    return nights[:NIGHTS]


def _is_past_night(other: RunRecord, run: RunRecord) -> bool:
    return (
        other.id != run.id
        and other.created <= run.created
        and other.trigger is Trigger.TIMER
        and other.policy_name == run.policy_name
        and other.mode is Mode.PURGE
        and other.state is RunState.DONE
    )


async def _deleted(store: RunStore, run: RunRecord) -> int:
    """Count the tags and manifests that a past night made go."""
    records = await all_repositories(store, run.id)
    counts = (count for each in records for count in each.outcomes)
    return sum(count.tags + count.manifests for count in counts if count.outcome.is_deleted)
