"""The page of a tag or an image: what holds now, what the journal has of it, its history."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from purge_core.explaining import Subject
from purge_core.instants import Instant
from purge_core.records.overviews import (
    ImageNow,
    ImageReport,
    LastVerdict,
    Reading,
    RelatedImage,
    Relation,
)
from purge_core.records.step_records import (
    ItemKind,
    Kept,
    KeptManifest,
    KeptTag,
    StepRecord,
)
from purge_core.records.store import RunStore
from purge_core.records.store_records import RunRecord, RunState
from purge_core.report.explain import Explanation, ImageFacts
from purge_core.reviewing.reading import MOST_HISTORY, MOST_STEPS, kept_pages

_RUNS: Final = 20
_TRIES: Final = 5
"""So many runs are looked through for one that has the repository."""
_JUDGED: Final = (RunState.PLANNED, RunState.HELD, RunState.PURGING, RunState.DONE)
_STEP_READS: Final = 3
_KEPT_READS: Final = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What the registry answered: an explanation, or why there is none.

    Neither: it has no such repository.
    """

    explanation: Explanation | None = None
    trouble: str | None = None


async def image_report(
    store: RunStore, registry: str, subject: Subject, asked: Asked, now: Instant
) -> ImageReport:
    """Tell of a tag or an image what is known.

    Raises:
        JournalError: the store could not be read.

    """
    image = None if asked.explanation is None else image_now(asked.explanation)
    history = await store.history(registry, subject.repository, _item(subject), limit=MOST_HISTORY)
    return ImageReport(
        now=now,
        registry=registry,
        repository=subject.repository,
        tag=subject.tag,
        digest=subject.digest,
        reading=_reading(image, asked),
        image=image,
        trouble=asked.trouble,
        last=None if image is not None else await _last_verdict(store, registry, subject),
        history=history.items,
        more=history.next is not None,
    )


def _item(subject: Subject) -> tuple[ItemKind, str]:
    if subject.tag is not None:
        return ItemKind.TAG, subject.tag
    return ItemKind.MANIFEST, subject.digest or ""


def _reading(image: ImageNow | None, asked: Asked) -> Reading:
    if image is not None:
        return Reading.READ
    return Reading.NOT_FOUND if asked.trouble is None else Reading.UNREACHABLE


def image_now(explanation: Explanation) -> ImageNow | None:
    """Take from an explanation what a page shows; ``None``: there is no such thing."""
    if not explanation.found:
        return None
    tag, image = explanation.tag, explanation.image
    return ImageNow(
        tag=None if tag is None else tag.tag,
        tag_verdict=None if tag is None else tag.verdict,
        manifest=None if image is None else image.manifest,
        manifest_verdict=None if image is None else image.verdict,
        tags=() if image is None else image.tags,
        related=() if image is None else tuple(_related(image)),
        refusals=explanation.refusals,
    )


def _related(image: ImageFacts) -> Iterator[RelatedImage]:
    for relation, found in (
        (Relation.INDEX, image.indexes),
        (Relation.CHILD, image.children),
        (Relation.SUBJECT, image.subject),
        (Relation.REFERRER, image.referrers),
    ):
        for digest, verdict in found:
            yield RelatedImage(relation, digest, verdict)


async def _last_verdict(store: RunStore, registry: str, subject: Subject) -> LastVerdict | None:
    """Find what the latest run that judged the repository says, as far as a few reads go."""
    page = await store.list_runs(registry, limit=_RUNS)
    judged = [run for run in page.items if run.state in _JUDGED]
    for run in judged[:_TRIES]:
        if await store.repository(run.id, subject.repository) is not None:
            found = await _going(store, run, subject) or await _staying(store, run, subject)
            return None if found is None else LastVerdict(run, found)
    return None


async def _going(store: RunStore, run: RunRecord, subject: Subject) -> StepRecord | None:
    after: str | None = None
    for _ in range(_STEP_READS):
        page = await store.steps(run.id, subject.repository, limit=MOST_STEPS, after=after)
        for step in page.items:
            if _goes_with(step, subject):
                return step
        after = page.next
        if after is None:
            break
    return None


def _goes_with(step: StepRecord, subject: Subject) -> bool:
    if subject.tag is not None:
        return any(tag.name == subject.tag for tag in step.tags)
    return step.manifest is not None and step.manifest.manifest.digest == subject.digest


async def _staying(store: RunStore, run: RunRecord, subject: Subject) -> Kept | None:
    pages = await kept_pages(store, run.id, subject.repository, _KEPT_READS)
    items = (kept for page in pages for kept in page.items)
    return next((kept for kept in items if _is_subject(kept, subject)), None)


def _is_subject(kept: Kept, subject: Subject) -> bool:
    match kept:
        case KeptTag():
            return kept.name == subject.tag
        case KeptManifest():
            return subject.tag is None and kept.digest == subject.digest
        case _:
            assert_never(kept)
