"""Two policies compared, in Markdown for a pull request; no name from outside means anything in it.

Names stand in ``<code>`` with their punctuation written as entities: so they neither format,
link, nor mention anybody, in a table or elsewhere. In sentences, ``@`` and ``#`` are followed by
a word joiner, for mentions and references are looked for in the finished text.
"""

from collections.abc import Iterator
from typing import Final

from purge_core.instants import Instant
from purge_core.records.differences import Difference, RepositoryDifference
from purge_core.report.difference import (
    HEADINGS,
    USUALLY,
    Item,
    conclusion,
    difference_row,
    items_of,
    name_of,
    trouble,
    why,
)
from purge_core.report.text import moment, printable

_PLAIN: Final = frozenset(" -/,.;()'\"%+")
"""Punctuation that means nothing inside a line; a dot does behind ``www`` only."""
_JOINER: Final = "&#8288;"


def difference_markdown(found: Difference, most: int | None = USUALLY) -> Iterator[str]:
    """Tell of a comparison, line by line; ``most`` items in each repository."""
    yield f"### {_text(conclusion(found))}"
    yield ""
    where = f"{_code(found.registry)}, judged as of {_text(moment(found.now))}."
    yield f"{where} Nothing is deleted by comparing."
    differing = [each for each in found.repositories if each.differs]
    if differing:
        yield ""
        yield f"| {' | '.join(_title(heading) for heading in HEADINGS)} |"
        yield "| --- | ---: | ---: | ---: |"
        for each in differing:
            name, *numbers = difference_row(each)
            yield f"| {' | '.join([_code(name), *map(_text, numbers)])} |"
    for text in trouble(found):
        yield ""
        yield f"**{_text(text)}**"
    for each in differing:
        yield from _details(each, found.now, most)


def _title(heading: str) -> str:
    return heading.capitalize()


def _details(each: RepositoryDifference, now: Instant, most: int | None) -> Iterator[str]:
    for word, part in (("goes now", each.more), ("stays now", each.less)):
        items = items_of(part)
        if not items:
            continue
        yield ""
        yield f"<details><summary>{_code(each.repository)}: {word} ({len(items):,})</summary>"
        yield ""
        for item in items[:most]:
            yield _item(item, now)
        if most is not None and len(items) > most:
            yield f"- and {len(items) - most:,} more"
        yield ""
        yield "</details>"


def _item(item: Item, now: Instant) -> str:
    return f"- {_code(name_of(item))}: {_text(why(item, now))}."


def _code(text: str) -> str:
    return f"<code>{_encoded(printable(text))}</code>"


def _text(text: str) -> str:
    encoded = _encoded(printable(text))
    for sign in "@#":
        encoded = encoded.replace(f"&#{ord(sign)};", f"&#{ord(sign)};{_JOINER}")
    return encoded


def _encoded(text: str) -> str:
    """Write every character that could mean something in Markdown or HTML as an entity."""
    encoded = "".join(c if c.isalnum() or c in _PLAIN else f"&#{ord(c)};" for c in text)
    return encoded.replace("www.", "www&#46;")
