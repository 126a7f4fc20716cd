"""The items of one repository for people: what goes and why, and what stays, if wanted."""

from collections.abc import Iterator, Sequence

from purge_core.decision import Delete, Keep
from purge_core.instants import Instant
from purge_core.outcomes import Outcome
from purge_core.report.items import ManifestItem, RunView, TagItem, manifest_items, tag_items
from purge_core.report.reasons import delete_sentence, keep_sentence
from purge_core.report.text import count, moment, paragraph, printable, short_digest, size
from purge_core.results import RepositoryResult

Item = TagItem | ManifestItem


def item_lines(
    run: RunView, result: RepositoryResult, now: Instant, most: int | None
) -> Iterator[str]:
    """Give the items of a repository.

    ``most``: only what goes, the first so many tags and manifests of it, and whatever
    did not end as planned; ``None``: all that goes and all that stays.
    """
    for noun, found in (
        ("tag", list(tag_items(run, result))),
        ("manifest", list(manifest_items(run, result))),
    ):
        items: Sequence[Item] = found if most is None else [i for i in found if _goes(i)]
        shown = items if most is None else _first(items, most)
        for item in shown:
            yield from paragraph(f"{item_name(item)}: {_told(item, now)}", "  ", "      ")
        if left := len(items) - len(shown):
            yield f"  ... and {count(left, noun)} more (--verbose shows all)"


def _goes(item: Item) -> bool:
    return isinstance(item.verdict, Delete)


def _first(items: Sequence[Item], most: int) -> Sequence[Item]:
    """Give the first items, and beyond them what did not end as planned."""
    return [item for n, item in enumerate(items) if n < most or _odd(item)]


def _odd(item: Item) -> bool:
    planned = (Outcome.DELETED, Outcome.CASCADED, Outcome.NOT_REACHED)
    return item.ending is not None and item.ending.outcome not in planned


def item_name(item: Item) -> str:
    """Name a tag, or a manifest with its platform and size."""
    if isinstance(item, TagItem):
        return printable(item.name)
    manifest = item.manifest
    more = [size(manifest.size)] if manifest.platform is None else []
    if manifest.platform is not None:
        more = [printable(manifest.platform), size(manifest.size)]
    return f"{short_digest(manifest.digest)} ({', '.join(more)})"


def _told(item: Item, now: Instant) -> str:
    """Say what becomes of an item and why."""
    sentences = "; ".join(verdict_sentences(item.verdict, now))
    if isinstance(item.verdict, Keep):
        until = deletable_from(item.verdict)
        return f"stays: {sentences}" + (f"; deletable from {until}" if until else "")
    if item.ending is None:
        return sentences
    detail = f" ({printable(item.ending.detail)})" if item.ending.detail else ""
    return f"{item.ending.outcome.value}{detail}; {sentences}"


def verdict_sentences(verdict: Keep | Delete, now: Instant) -> Iterator[str]:
    """Say every reason of a verdict, and when time alone would change it."""
    if isinstance(verdict, Delete):
        yield from (delete_sentence(reason, now) for reason in verdict.reasons)
        return
    yield from (keep_sentence(reason, now) for reason in verdict.reasons)


def deletable_from(verdict: Keep | Delete) -> str | None:
    """Say from when time alone would let something go, where it would."""
    if isinstance(verdict, Delete) or verdict.deletable_from is None:
        return None
    return moment(verdict.deletable_from)
