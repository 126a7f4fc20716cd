"""What the records of runs tell of a repository's past: what it held, and which run took what."""

from dataclasses import replace

from purge_core.judgement.reasons import ReferrerOfKept, SignatureOfKept, Tagged
from purge_core.model import Digest, RepositoryName, TagName
from purge_core.plans.steps import TagStep
from purge_core.records.journal import RunId
from purge_core.records.lists import all_steps, every
from purge_core.records.losses import Cause, Check, Loss, Past
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import ItemKind, Kept, KeptManifest, KeptTag, StepRecord
from purge_core.records.store import RunStore

_ENTRIES = 20
"""So many things that happened to one manifest are looked through, newest first."""


async def recorded_past(store: RunStore, run: RunId, name: RepositoryName) -> Past:
    """Tell what a repository held when ``run`` judged it, and what that run deleted of it.

    Raises:
        JournalError: the records could not be read.

    """
    steps = await all_steps(store, run, name)
    kept = [each async for each in every(lambda after: store.kept(run, name, after=after))]
    going = {record.step.digest for record in steps if not isinstance(record.step, TagStep)}
    staying = [each for each in kept if isinstance(each, KeptManifest)]
    if not going and not staying:
        return Past()
    listed = frozenset(going.union(each.digest for each in staying))
    return Past(listed, _subjects(kept), frozenset(map(_digest, filter(_was_deleted, steps))))


def _digest(record: StepRecord) -> Digest:
    return record.step.digest


def _was_deleted(record: StepRecord) -> bool:
    """Whether the run deleted a manifest by this step."""
    status = record.status
    deleted = isinstance(status, Outcome) and status.is_deleted
    return deleted and not isinstance(record.step, TagStep)


def _subjects(kept: list[Kept]) -> dict[Digest, Digest]:
    """Find the referrers, and what they refer to, in the reasons why they stayed."""
    subjects: dict[Digest, Digest] = {}
    holders: dict[TagName, Digest] = {}
    for each in kept:
        if not isinstance(each, KeptManifest):
            continue
        for reason in each.reasons:
            if isinstance(reason, ReferrerOfKept):
                subjects[each.digest] = reason.subject
            elif isinstance(reason, Tagged):
                holders.update(dict.fromkeys(reason.tags, each.digest))
    for each in kept:
        if isinstance(each, KeptTag) and each.name in holders:
            images = (r.image for r in each.reasons if isinstance(r, SignatureOfKept))
            subjects.update((holders[each.name], image) for image in images)
    return subjects


async def with_runs(store: RunStore, registry: str, run: RunId | None, check: Check) -> Check:
    """Name the run that deleted what is missing, where that is on record.

    ``run`` is the one that is verified, if there is one.

    Raises:
        JournalError: the records could not be read.

    """
    losses = [await _named(store, registry, run, check.repository, each) for each in check.losses]
    return replace(check, losses=tuple(losses))


async def _named(
    store: RunStore, registry: str, run: RunId | None, name: RepositoryName, loss: Loss
) -> Loss:
    if loss.cause is Cause.THIS_RUN:
        return replace(loss, run=run)
    item = (ItemKind.MANIFEST, loss.missing)
    page = await store.history(registry, name, item, limit=_ENTRIES)
    by = next((entry.run for entry in page.items if entry.outcome.is_deleted), None)
    if by is None:
        return loss
    return replace(loss, cause=Cause.THIS_RUN if by == run else Cause.ANOTHER_RUN, run=by)
