"""What the repositories of a run come to together."""

from collections.abc import Iterable

from purge_core.records.results import Exact
from purge_core.records.store_records import (
    ReasonCount,
    RepositoryRecord,
    RepositoryState,
    RunState,
    RunSums,
    Totals,
)
from purge_core.records.store_rules import sum_outcomes

_BAD = (RepositoryState.REFUSED, RepositoryState.FAILED)


def is_troubled(record: RepositoryRecord) -> bool:
    """Whether somebody should look: refused, failed, a step of it was, or what stays is broken."""
    if record.verified is not None and record.verified.is_trouble:
        return True
    return record.state in _BAD or any(each.outcome.is_trouble for each in record.outcomes)


def sums_of(records: Iterable[RepositoryRecord], *, exact: int | None = None) -> RunSums:
    """Add up all repositories of a run. ``exact``: what it frees blob by blob, if known."""
    listed = tuple(records)
    states = [record.state for record in listed]
    return RunSums(
        repositories=len(listed),
        refused=states.count(RepositoryState.REFUSED),
        failed=states.count(RepositoryState.FAILED),
        gone=states.count(RepositoryState.GONE),
        troubled=sum(map(is_troubled, listed)),
        totals=sum_totals(record.totals for record in listed),
        outcomes=sum_outcomes(count for record in listed for count in record.outcomes),
        exact_bytes=exact,
    )


def exact_bytes(
    exact: Exact | None, state: RunState, records: Iterable[RepositoryRecord]
) -> int | None:
    """Give what was counted before a purge, if that is what became of the run.

    A plan of which something stayed, or was deleted by somebody else, frees less: how much is
    not known then.
    """
    if exact is None or (state is RunState.DONE and not all(map(_went_as_planned, records))):
        return None
    return exact.bytes


def _went_as_planned(record: RepositoryRecord) -> bool:
    if record.state is RepositoryState.REFUSED or record.seal is None:
        return True  # nothing of it was planned to go
    return record.totals.steps == sum(
        each.steps for each in record.outcomes if each.outcome.is_deleted
    )


def sum_totals(totals: Iterable[Totals]) -> Totals:
    """Add totals up. What is held is that of the repositories of which it is known."""
    listed = tuple(totals)
    held = [each.bytes_held for each in listed if each.bytes_held is not None]
    return Totals(
        tags=sum(each.tags for each in listed),
        manifests=sum(each.manifests for each in listed),
        tags_to_delete=sum(each.tags_to_delete for each in listed),
        manifests_to_delete=sum(each.manifests_to_delete for each in listed),
        steps=sum(each.steps for each in listed),
        bytes_to_delete=sum(each.bytes_to_delete for each in listed),
        bytes_held=sum(held) if held else None,
    )


def sum_kept(counts: Iterable[ReasonCount]) -> tuple[ReasonCount, ...]:
    """Add up why how much stays: the most frequent reason first."""
    sums: dict[str, ReasonCount] = {}
    for each in counts:
        known = sums.get(each.reason, ReasonCount(each.reason, 0, 0))
        tags, manifests = known.tags + each.tags, known.manifests + each.manifests
        sums[each.reason] = ReasonCount(each.reason, tags, manifests)
    return tuple(sorted(sums.values(), key=lambda each: (-each.tags - each.manifests, each.reason)))
