"""A repository of a run: its tags over time, every step with its reasons, and what stays."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from purge_core.instants import Instant
from purge_core.judgement.decision import Keep
from purge_core.model import Digest, TagName
from purge_core.pages.conditions import Gone, run_label, status_word
from purge_core.pages.figures import Figure
from purge_core.pages.frame import page
from purge_core.pages.links import Links
from purge_core.pages.tables import (
    HistoryRow,
    Item,
    OutcomeRow,
    ReasonRow,
    history_rows,
    outcome_rows,
    reason_rows,
)
from purge_core.pages.tags_over_time import Strips, strips
from purge_core.pages.troubles import Trouble, repository_sentence, repository_word, troubles
from purge_core.pages.words import amount, number
from purge_core.records.overviews import RepositoryReport
from purge_core.records.step_records import Kept, KeptManifest, KeptTag, StepRecord
from purge_core.records.store_records import RepositoryRecord, RepositoryState, RunRecord
from purge_core.report.reasons import delete_sentence, keep_sentence
from purge_core.report.text import count, printable


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step: what goes, why, and what became of it."""

    items: tuple[Item, ...]
    more: int
    bytes: int
    tone: str
    word: str
    detail: str
    closed: Instant | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptRow:
    """Something that stays: why, and from when time alone would let it go."""

    item: Item
    why: tuple[str, ...]
    until: Instant | None


@dataclass(frozen=True, slots=True)
class RepositoryView:
    """A repository of a run, ready to be shown; ``label`` tells it from others in a file."""

    label: str
    now: Instant
    run: RunRecord
    record: RepositoryRecord
    registry: str
    tone: str
    word: str
    sentence: str
    figures: tuple[Figure, ...]
    troubles: tuple[Trouble, ...]
    strips: Strips | None
    points: int
    points_cut: bool
    outcomes: tuple[OutcomeRow, ...]
    reasons: tuple[ReasonRow, ...]
    shown: str | None
    steps: tuple[StepRow, ...]
    kept: tuple[KeptRow, ...]
    history: tuple[HistoryRow, ...]
    back: str | None
    on: str | None
    is_cut: bool
    overview: str | None
    of_run: str | None
    formats: tuple[tuple[str, str], ...]


_MOST_ITEMS = 6


def repository_page(report: RepositoryReport, links: Links) -> str:
    """Give the page of a repository."""
    return page("repository.html", view=repository_view(report, links))


def repository_view(report: RepositoryReport, links: Links) -> RepositoryView:
    """Put a repository into words."""
    run, record = report.run, report.record
    tone, word = repository_word(record)
    here = links.repository(run.id, record.repository)
    ask = {} if report.next is None else {"continuation": report.next}
    return RepositoryView(
        label=f"{printable(record.repository)}, {run_label(run)}",
        now=report.now,
        run=run,
        record=record,
        registry=run.registry,
        tone=tone.value,
        word=word,
        sentence=repository_sentence(record),
        figures=tuple(_figures(record)),
        troubles=troubles(record),
        strips=strips(report.points),
        points=len(report.points),
        points_cut=report.points_cut,
        outcomes=outcome_rows(record.outcomes),
        reasons=reason_rows(record.kept or ()),
        shown=_shown(report),
        steps=tuple(_step(each, report, links) for each in report.steps),
        kept=tuple(_kept(each, report, links) for each in report.kept),
        history=history_rows(report.history, links),
        back=here if _is_further(report) else None,
        on=links.repository(run.id, record.repository, **ask) if ask else None,
        is_cut=bool(ask),
        overview=links.overview(),
        of_run=links.run(run.id),
        formats=links.formats(here),
    )


def _shown(report: RepositoryReport) -> str | None:
    """Say which steps are shown, and of how many, where these are not all."""
    steps, all_of_them = report.steps, report.record.totals.steps
    if not steps or len(steps) >= all_of_them:
        return None
    first, last = steps[0].index + 1, steps[-1].index + 1
    return f"{first:,} to {last:,} of {count(all_of_them, 'step')}."


def _is_further(report: RepositoryReport) -> bool:
    """Whether the beginning of what goes stands on an earlier page."""
    if report.steps:
        return report.steps[0].index > 0
    return bool(report.kept) and report.record.totals.steps > 0


def _figures(record: RepositoryRecord) -> Iterator[Figure]:
    totals = record.totals
    done = record.state in (RepositoryState.DONE, RepositoryState.FAILED)
    gone = Gone.ended(record.outcomes) if done else Gone.meant(totals)
    verb = "" if done else "would be "
    yield Figure(amount(gone.bytes), f"{verb}freed, at most")
    yield Figure(number(gone.tags), f"of {totals.tags:,} tags {verb}deleted")
    yield Figure(number(gone.manifests), f"of {totals.manifests:,} manifests {verb}deleted")
    if totals.bytes_held is not None:
        yield Figure(amount(totals.bytes_held), "held before, at most")


def _item(report: RepositoryReport, name: TagName | Digest, links: Links, *, tag: bool) -> Item:
    registry, repository = report.run.registry, report.record.repository
    return Item(name, tag, links.image(registry, repository, name))


def _step(step: StepRecord, report: RepositoryReport, links: Links) -> StepRow:
    tone, word = status_word(step.status)
    tags = [_item(report, each.name, links, tag=True) for each in step.tags]
    digest = [] if step.manifest is None else [step.manifest.manifest.digest]
    items = [*tags[:_MOST_ITEMS], *(_item(report, each, links, tag=False) for each in digest)]
    return StepRow(
        items=tuple(items),
        more=max(0, len(tags) - _MOST_ITEMS),
        bytes=step.bytes,
        tone=tone.value,
        word=word,
        detail=step.detail,
        closed=step.closed,
        why=_why(step, report.run.now),
    )


def _why(step: StepRecord, now: Instant) -> tuple[str, ...]:
    """Say why a step is there: the reasons of its tags, and of its manifest, each once."""
    given = [reason for tag in step.tags for reason in tag.reasons]
    given += [] if step.manifest is None else step.manifest.reasons
    sentences = dict.fromkeys(delete_sentence(reason, now) for reason in given)
    return tuple(sentences)[:_MOST_ITEMS]


def _kept(kept: Kept, report: RepositoryReport, links: Links) -> KeptRow:
    match kept:
        case KeptTag():
            item = _item(report, kept.name, links, tag=True)
        case KeptManifest():
            item = _item(report, kept.digest, links, tag=False)
        case _:
            assert_never(kept)
    why = tuple(keep_sentence(reason, report.run.now) for reason in kept.reasons)
    return KeptRow(item, why, Keep(kept.reasons).deletable_from)
