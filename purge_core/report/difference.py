"""Two policies compared, for people on a terminal and for programs."""

import json
from collections.abc import Iterator
from itertools import chain

from purge_core.instants import Instant
from purge_core.judgement.guards import Refusal, TooManyDeletions
from purge_core.records.differences import (
    Difference,
    ManifestDifference,
    Part,
    RepositoryDifference,
    TagDifference,
)
from purge_core.report.outcomes import refusal_sentence
from purge_core.report.reasons import delete_sentence, keep_sentence
from purge_core.report.text import count, moment, paragraph, printable, short_digest, size, table
from purge_core.wire import JsonObject, Schemas, codec_of, write_value

Item = TagDifference | ManifestDifference
USUALLY = 20
"""So many items of a repository are told of, unless all are wanted."""
HEADINGS = ("REPOSITORY", "TAGS", "MANIFESTS", "FREES AT MOST")


def difference_lines(found: Difference, most: int | None = USUALLY) -> Iterator[str]:
    """Tell of a comparison, line by line; ``most`` items in each repository."""
    yield f"{printable(found.registry)}, judged as of {moment(found.now)}"
    yield "+ goes by the new policy alone, - by the old one alone. Nothing is deleted."
    differing = [each for each in found.repositories if each.differs]
    if differing:
        yield ""
        yield from table(map(difference_row, differing), HEADINGS)
    for each in differing:
        yield ""
        yield printable(each.repository)
        yield from _items(each, found.now, most)
    for text in trouble(found):
        yield ""
        yield from paragraph(text, "", "  ")
    yield ""
    yield conclusion(found)


def difference_row(each: RepositoryDifference) -> tuple[str, str, str, str]:
    """Give a repository's row of the table, for what goes more and less."""
    more, less = each.more, each.less
    return (
        each.repository,
        f"+{len(more.tags):,} -{len(less.tags):,}",
        f"+{len(more.manifests):,} -{len(less.manifests):,}",
        f"+{size(more.frees_at_most)} -{size(less.frees_at_most)}",
    )


def _items(each: RepositoryDifference, now: Instant, most: int | None) -> Iterator[str]:
    for sign, part in (("+", each.more), ("-", each.less)):
        items = items_of(part)
        for item in items[:most]:
            yield from paragraph(f"{sign} {name_of(item)}: {why(item, now)}", "  ", "      ")
        if most is not None and len(items) > most:
            yield f"  {sign} and {len(items) - most:,} more (--verbose shows all)"


def items_of(part: Part) -> list[Item]:
    """Give tags and manifests in one list."""
    return list(chain(part.tags, part.manifests))


def name_of(item: Item) -> str:
    """Name an item as far as it has to be told from the others of its repository."""
    if isinstance(item, TagDifference):
        return printable(item.name)
    platform = [] if item.platform is None else [printable(item.platform)]
    return f"{short_digest(item.digest)} ({', '.join([*platform, size(item.frees_at_most)])})"


def why(item: Item, now: Instant) -> str:
    """Say why an item goes by one of the policies, and stays by the other."""
    goes = "; ".join(delete_sentence(reason, now) for reason in item.goes)
    stays = "; ".join(keep_sentence(reason, now) for reason in item.stays)
    return f"{goes}. By the other policy it stays: {stays}"


def trouble(found: Difference) -> Iterator[str]:
    """Say what is refused, held or could not be read, a sentence each."""
    for each in found.repositories:
        name = printable(each.repository)
        for policy, refusals in (("old", each.old_refusals), ("new", each.new_refusals)):
            for refusal in refusals:
                yield _refused(policy, f" {name}", refusal)
        if each.error is not None:
            yield f"Not compared: {name}: {printable(each.error)}"
    for policy, held in (("old", found.old_held), ("new", found.new_held)):
        if held is not None:
            yield _refused(policy, " the whole run", held)


def _refused(policy: str, what: str, refusal: Refusal | TooManyDeletions) -> str:
    sentence = refusal_sentence(refusal)
    return f"The {policy} policy refuses{what}, so it deletes nothing there: {sentence}."


def conclusion(found: Difference) -> str:
    """Say in one line how the policies differ."""
    told = [
        f"{_count(parts)} {word}"
        for word, parts in (
            ("more", [each.more for each in found.repositories]),
            ("less", [each.less for each in found.repositories]),
        )
        if any(part.deletions for part in parts)
    ]
    if told:
        return f"The new policy deletes {' and '.join(told)}."
    if found.differs:
        return "Both policies select the same, and not both may carry it out."
    where = "" if found.complete else ", as far as could be read"
    return f"Both policies do the same{where}."


def _count(parts: list[Part]) -> str:
    tags = sum(len(part.tags) for part in parts)
    manifests = sum(len(part.manifests) for part in parts)
    return f"{count(tags, 'tag')} and {count(manifests, 'manifest')}"


def difference_document(found: Difference) -> Iterator[str]:
    """Give a comparison as one JSON document, a repository per line; all that differ."""
    head = write_value(found)
    del head["repositories"]
    head |= {"differs": found.differs, "complete": found.complete}
    yield _json(head)[:-1] + ', "repositories": ['
    told = (each for each in found.repositories if each.differs or each.error is not None)
    for number, each in enumerate(told):
        yield (",\n" if number else "\n") + _json(write_value(each))
    yield "\n]}\n"


def difference_schema() -> JsonObject:
    """Describe the document as JSON Schema (2020-12)."""
    parts: Schemas = {}
    codec_of(Difference).schema(parts)
    body = parts.pop("Difference")
    flags: JsonObject = {
        "differs": {"type": "boolean", "description": "Whether the policies do not do the same."},
        "complete": {"type": "boolean", "description": "Whether all repositories were read."},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "acr-purge policy difference",
        "description": "Repositories in which both do the same are left out.",
        **body,
        "properties": body["properties"] | flags,
        "required": [*body["required"], *flags],
        "$defs": parts,
    }


def _json(value: object) -> str:
    """Write JSON in ASCII: no character in it does anything to a terminal."""
    return json.dumps(value).replace("\x7f", "\\u007f")
