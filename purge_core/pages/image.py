"""A tag or an image: why it stays or goes, from when it would be deletable, and its history."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from markupsafe import Markup

from purge_core.instants import Instant
from purge_core.judgement.decision import Delete, Keep, Verdict
from purge_core.model import Lock, Manifest, Tag
from purge_core.pages.charts import Tone
from purge_core.pages.conditions import status_word
from purge_core.pages.frame import page
from purge_core.pages.links import Links
from purge_core.pages.tables import HistoryRow, Item, history_rows
from purge_core.pages.troubles import Trouble
from purge_core.pages.words import amount, day, when, whole
from purge_core.records.overviews import ImageNow, ImageReport, LastVerdict, Reading, Relation
from purge_core.records.step_records import KeptManifest, KeptTag, StepRecord
from purge_core.report.outcomes import refusal_advice, refusal_sentence
from purge_core.report.reasons import delete_sentence, keep_sentence
from purge_core.report.text import old, printable

_HOW: Final = {
    Relation.INDEX: "lists it",
    Relation.CHILD: "is listed by it",
    Relation.SUBJECT: "is what it belongs to",
    Relation.REFERRER: "belongs to it",
}


@dataclass(frozen=True, slots=True)
class VerdictView:
    """A verdict in words; ``until``: from when on time alone would let it go."""

    tone: Tone
    word: str
    headline: str
    why: tuple[str, ...]
    until: Instant | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """A tag or a manifest that an image has to do with."""

    item: Item
    how: str
    tone: str
    word: str


@dataclass(frozen=True, slots=True)
class ImageView:
    """A tag or an image, ready to be shown."""

    now: Instant
    registry: str
    name: str
    headline: str
    verdicts: tuple[VerdictView, ...]
    notes: tuple[Trouble, ...]
    facts: tuple[tuple[str, str | Markup], ...]
    related: tuple[RelatedRow, ...]
    history: tuple[HistoryRow, ...]
    more: bool
    overview: str | None
    formats: tuple[tuple[str, str], ...]


def image_page(report: ImageReport, links: Links) -> str:
    """Give the page of a tag or an image."""
    return page("image.html", view=image_view(report, links))


def image_view(report: ImageReport, links: Links) -> ImageView:
    """Put a tag or an image into words."""
    verdicts = tuple(_verdicts(report))
    subject = report.tag or report.digest
    address = None if subject is None else links.image(report.registry, report.repository, subject)
    return ImageView(
        now=report.now,
        registry=printable(report.registry),
        name=_name(report),
        headline=verdicts[0].word if verdicts else "not there",
        verdicts=verdicts,
        notes=tuple(_notes(report)),
        facts=() if report.image is None else tuple(_facts(report.image, report.now)),
        related=() if report.image is None else tuple(_related(report, report.image, links)),
        history=history_rows(report.history, links),
        more=report.more,
        overview=links.overview(),
        formats=links.formats(address),
    )


def _name(report: ImageReport) -> str:
    repository = printable(report.repository)
    if report.tag is not None:
        return f"{repository}:{printable(report.tag)}"
    return f"{repository}@{printable(report.digest or '')}"


# --- verdicts --------------------------------------------------------------------


def _verdicts(report: ImageReport) -> Iterator[VerdictView]:
    image = report.image
    if image is not None and image.tag_verdict is not None:
        yield _verdict("The tag", image.tag_verdict, report.now)
    if image is not None and image.manifest_verdict is not None:
        yield _verdict("The image", image.manifest_verdict, report.now)
    if report.last is not None:
        yield _last(report.last)


def _verdict(what: str, verdict: Verdict, now: Instant) -> VerdictView:
    match verdict:
        case Keep():
            why = tuple(keep_sentence(reason, now) for reason in verdict.reasons)
            until = verdict.deletable_from
            note = "" if until is not None else "Time alone does not let it go."
            return VerdictView(Tone.GOOD, "stays", f"{what} stays.", why, until, note)
        case Delete():
            why = tuple(delete_sentence(reason, now) for reason in verdict.reasons)
            return VerdictView(Tone.WARN, "goes", f"{what} goes with the next purge.", why, None)
        case _:
            assert_never(verdict)


def _last(last: LastVerdict) -> VerdictView:
    """Say what the latest run that judged it made of it."""
    of = f"in the run of {day(last.run.created)}"
    now, given = last.run.now, last.verdict
    match given:
        case StepRecord():
            tone, word = status_word(given.status)
            reasons = [each for tag in given.tags for each in tag.reasons]
            reasons += [] if given.manifest is None else given.manifest.reasons
            why = tuple(dict.fromkeys(delete_sentence(each, now) for each in reasons))
            note = printable(given.detail)
            return VerdictView(tone, word, f"It was to go {of}.", why, None, note)
        case KeptTag() | KeptManifest():
            why = tuple(keep_sentence(each, now) for each in given.reasons)
            until = Keep(given.reasons).deletable_from
            return VerdictView(Tone.GOOD, "stayed", f"It stayed {of}.", why, until)
        case _:
            assert_never(given)


def _notes(report: ImageReport) -> Iterator[Trouble]:
    match report.reading:
        case Reading.READ:
            pass
        case Reading.NOT_FOUND:
            gone = "What the records have of it stands below."
            yield Trouble("The registry has no such tag or image.", gone)
        case Reading.UNREACHABLE:
            why = printable(report.trouble or "it did not answer")
            yield Trouble("The registry could not be asked.", f"{why}. The records are below.")
        case _:
            assert_never(report.reading)
    for refusal in () if report.image is None else report.image.refusals:
        advice = refusal_advice(refusal)
        what = f"But nothing goes in this repository: {refusal_sentence(refusal)}."
        yield Trouble(what, f"{advice[:1].upper()}{advice[1:]}.")


# --- what it is ------------------------------------------------------------------


def _facts(image: ImageNow, now: Instant) -> Iterator[tuple[str, str | Markup]]:
    if image.tag is not None:
        yield from _tag_facts(image.tag, now)
    if image.manifest is not None:
        yield from _manifest_facts(image.manifest, now)


def _tag_facts(tag: Tag, now: Instant) -> Iterator[tuple[str, str | Markup]]:
    yield "Tag updated", _updated(tag.updated, now)
    if tag.lock is not None and tag.lock.closed:
        yield "Tag is locked", _locked(tag.lock)


def _manifest_facts(manifest: Manifest, now: Instant) -> Iterator[tuple[str, str | Markup]]:
    yield "Digest", Markup("<code>{}</code>").format(whole(manifest.digest))
    yield "Kind", whole(manifest.media_type or "no media type")
    if manifest.platform is not None:
        yield "Platform", whole(manifest.platform)
    yield "Size", Markup("at most {}").format(amount(manifest.size))
    yield "Image updated", _updated(manifest.updated, now)
    if manifest.lock is not None and manifest.lock.closed:
        yield "Image is locked", _locked(manifest.lock)


def _updated(updated: Instant | None, now: Instant) -> str | Markup:
    if updated is None:
        return "at a time that the registry does not tell"
    return Markup("{}, {}").format(when(updated), old(updated, now))


def _locked(lock: Lock) -> str:
    states = (("deleteEnabled", lock.delete_enabled), ("writeEnabled", lock.write_enabled))
    off = " and ".join(name for name, enabled in states if not enabled)
    return f"{off} is false"


def _related(report: ImageReport, image: ImageNow, links: Links) -> Iterator[RelatedRow]:
    registry, repository = report.registry, report.repository
    for name, verdict in image.tags:
        if name != report.tag:
            item = Item(name, is_tag=True, address=links.image(registry, repository, name))
            yield RelatedRow(item, "names it", *_word(verdict))
    for each in image.related:
        address = links.image(registry, repository, each.digest)
        item = Item(each.digest, is_tag=False, address=address)
        yield RelatedRow(item, _HOW[each.relation], *_word(each.verdict))


def _word(verdict: Verdict | None) -> tuple[str, str]:
    match verdict:
        case None:
            return Tone.QUIET.value, "is not there"
        case Keep():
            return Tone.GOOD.value, "stays"
        case Delete():
            return Tone.WARN.value, "goes"
        case _:
            assert_never(verdict)
