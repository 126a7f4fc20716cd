"""Rows that several pages show: items, outcomes, what stays by reason, and history."""

from collections.abc import Iterable
from dataclasses import dataclass

from purge_core.pages.conditions import STARTED, status_word
from purge_core.pages.links import Links
from purge_core.records.step_records import HistoryRecord, ItemKind
from purge_core.records.store_records import OutcomeCount, ReasonCount
from purge_core.report.outcomes import OUTCOMES
from purge_core.report.reasons import LABELS, delete_sentence
from purge_core.report.text import listed, printable, quoted


@dataclass(frozen=True, slots=True)
class Item:
    """A tag or a manifest, and where it is told of."""

    name: str
    is_tag: bool
    address: str | None


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """How steps ended in one way, and what they are about."""

    tone: str
    what: str
    count: OutcomeCount


def outcome_rows(counts: Iterable[OutcomeCount]) -> tuple[OutcomeRow, ...]:
    """Put outcomes into words; what never came about is left out."""
    return tuple(
        OutcomeRow(status_word(each.outcome)[0].value, OUTCOMES[each.outcome], each)
        for each in counts
        if each.steps
    )


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """How much stays for one reason."""

    why: str
    tags: int
    manifests: int


def reason_rows(counts: Iterable[ReasonCount]) -> tuple[ReasonRow, ...]:
    """Put reasons into words; one of another version is shown by its code."""
    return tuple(
        ReasonRow(LABELS.get(each.reason, printable(each.reason)), each.tags, each.manifests)
        for each in counts
    )


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What happened to a tag or a manifest, when, and why."""

    entry: HistoryRecord
    is_tag: bool
    tone: str
    word: str
    started: str
    by: str
    why: tuple[str, ...]
    run: str | None
    item: str | None


def history_rows(entries: Iterable[HistoryRecord], links: Links) -> tuple[HistoryRow, ...]:
    """Put history into words; what is told of age is as of when it happened."""
    return tuple(_history(entry, links) for entry in entries)


def _history(entry: HistoryRecord, links: Links) -> HistoryRow:
    tone, word = status_word(entry.outcome)
    rules = listed([quoted(rule) for rule in entry.rules])
    policy = printable(entry.policy_name) or "a policy without a name"
    is_tag = entry.kind is ItemKind.TAG
    return HistoryRow(
        entry=entry,
        is_tag=is_tag,
        tone=tone.value,
        word=word,
        started=STARTED[entry.trigger],
        by=f"{policy}, {rules}" if rules else policy,
        why=tuple(delete_sentence(reason, entry.at) for reason in entry.reasons),
        run=links.run(entry.run),
        item=links.image(entry.registry, entry.repository, entry.digest),
    )
