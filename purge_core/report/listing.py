"""The items of one repository for people: in groups by reason, or one by one."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from purge_core.instants import Instant
from purge_core.judgement.decision import Delete, Keep
from purge_core.judgement.reasons import ImageGoes, Selected
from purge_core.records.outcomes import Outcome
from purge_core.records.results import RepositoryResult
from purge_core.report.items import ManifestItem, RunView, TagItem, manifest_items, tag_items
from purge_core.report.reasons import LABELS, delete_sentence, keep_sentence
from purge_core.report.text import (
    count,
    listed,
    moment,
    old_range,
    paragraph,
    printable,
    quoted,
    short_digest,
    size,
)

Item = TagItem | ManifestItem

_NAMES: Final = 5
"""How many names stand for a group."""

_MOST_ODD: Final = 20
"""How many items of one repository are told of one by one."""


def every_item(run: RunView, result: RepositoryResult, now: Instant) -> Iterator[str]:
    """Tell of each item of a repository whether it goes or stays, and why."""
    items: Iterator[Item] = chain(tag_items(run, result), manifest_items(run, result))
    for item in items:
        yield from _item_lines(item, now)


def grouped_items(run: RunView, result: RepositoryResult, now: Instant) -> Iterator[str]:
    """Tell of what goes in groups by reason, and one by one what did not end as planned."""
    for noun, items in (("tag", tag_items(run, result)), ("manifest", manifest_items(run, result))):
        groups: defaultdict[str, list[Item]] = defaultdict(list)
        for item in items:
            if isinstance(item.verdict, Delete):
                groups[_group(item.verdict)].append(item)
        for label, members in groups.items():
            yield from _group_lines(noun, label, members, now)
    yield from odd_items(run, result, now)


def odd_items(run: RunView, result: RepositoryResult, now: Instant) -> Iterator[str]:
    """Tell only of what did not end as planned, one by one."""
    items: Iterator[Item] = chain(tag_items(run, result), manifest_items(run, result))
    odd = [item for item in items if _is_odd(item)]
    for item in odd[:_MOST_ODD]:
        yield from _item_lines(item, now)
    if len(odd) > _MOST_ODD:
        yield f"  ... and {len(odd) - _MOST_ODD:,} more like these (--verbose shows all)"


def count_groups(
    run: RunView, results: Iterable[RepositoryResult]
) -> tuple[Counter[str], Counter[str]]:
    """Count the tags and the manifests that go, by reason."""
    tags: Counter[str] = Counter()
    manifests: Counter[str] = Counter()
    for result in results:
        tags.update(_groups(tag_items(run, result)))
        manifests.update(_groups(manifest_items(run, result)))
    return tags, manifests


def _groups(items: Iterable[Item]) -> Iterator[str]:
    return (_group(item.verdict) for item in items if isinstance(item.verdict, Delete))


def _group(verdict: Delete) -> str:
    """Name the group of what goes for the same reason: the last one, which tells most."""
    reason = verdict.reasons[-1]
    if isinstance(reason, Selected | ImageGoes):
        whole = ", whole image" if isinstance(reason, ImageGoes) else ""
        return f"rule {quoted(reason.rule)}{whole}"
    return LABELS[reason.code]


def _group_lines(noun: str, label: str, items: Sequence[Item], now: Instant) -> Iterator[str]:
    times = sorted(updated for item in items if (updated := _updated(item)) is not None)
    ages = f", {old_range(times[0], times[-1], now)}" if times else ""
    yield from paragraph(f"{count(len(items), noun)}: {label}{ages}", "  ", "    ")
    yield from paragraph(listed([_short_name(item) for item in items], _NAMES), "    ")


def _updated(item: Item) -> Instant | None:
    if isinstance(item, ManifestItem):
        return item.manifest.updated
    return None if item.tag is None else item.tag.updated


def _is_odd(item: Item) -> bool:
    planned = (Outcome.DELETED, Outcome.CASCADED, Outcome.ALREADY_GONE, Outcome.NOT_REACHED)
    return item.ending is not None and item.ending.outcome not in planned


def _item_lines(item: Item, now: Instant) -> list[str]:
    """Tell of one item."""
    name = f"{_short_name(item)}{_size(item)}: "
    told = "; ".join(verdict_sentences(item.verdict, now))
    if isinstance(item.verdict, Keep):
        until = deletable_from(item.verdict)
        told = f"stays: {told}" + (f"; deletable from {until}" if until else "")
    elif item.ending is None:
        told = f"goes: {told}"
    else:
        detail = f" ({printable(item.ending.detail)})" if item.ending.detail else ""
        told = f"{item.ending.outcome.value}{detail}; {told}"
    return paragraph(name + told, "  ", "      ")


def _short_name(item: Item) -> str:
    if isinstance(item, TagItem):
        return printable(item.name)
    return short_digest(item.manifest.digest)


def _size(item: Item) -> str:
    """Give a manifest's platform and size."""
    if isinstance(item, TagItem):
        return ""
    manifest = item.manifest
    platform = [] if manifest.platform is None else [printable(manifest.platform)]
    return f" ({', '.join([*platform, size(manifest.size)])})"


def verdict_sentences(verdict: Keep | Delete, now: Instant) -> Iterator[str]:
    """Say every reason of a verdict."""
    if isinstance(verdict, Delete):
        yield from (delete_sentence(reason, now) for reason in verdict.reasons)
    else:
        yield from (keep_sentence(reason, now) for reason in verdict.reasons)


def deletable_from(verdict: Keep | Delete) -> str | None:
    """Say from when time alone would let something go, where it would."""
    if isinstance(verdict, Delete) or verdict.deletable_from is None:
        return None
    return moment(verdict.deletable_from)
