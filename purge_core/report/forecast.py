"""A forecast for people and for programs: the nights with a bar each, and what waits."""

import json
from collections.abc import Iterator
from typing import Final

from purge_core.instants import Instant, format_instant
from purge_core.judgement.guards import check_run
from purge_core.records.forecasts import Forecast, Night, RepositoryForecast
from purge_core.report.outcomes import refusal_advice, refusal_sentence
from purge_core.report.text import count, moment, paragraph, printable, size, table
from purge_core.wire import JsonObject, Schemas, codec_of, write_value

_BAR: Final = 28
"""Columns of the longest bar."""
_LARGEST: Final = 10
"""So many repositories are told of."""


def forecast_lines(told: Forecast) -> Iterator[str]:
    """Give the forecast line by line, each at most 80 columns wide."""
    yield f"{printable(told.registry)}, {count(len(told.nights), 'night')} from {moment(told.now)}"
    yield "As if nothing were pushed or changed, and a purge ran every day at this time."
    yield ""
    yield from _nights(told)
    yield from _largest(told)
    yield from _trouble(told)
    yield ""
    yield from paragraph(_conclusion(told))


def _nights(told: Forecast) -> Iterator[str]:
    yield f"{'NIGHT':<10}{'TAGS':>10}{'MANIFESTS':>11}{'FREES AT MOST':>15}"
    most = max((night.frees_at_most for night in told.nights), default=0)
    for night in told.nights:
        numbers = f"{night.tags:>10,}{night.manifests:>11,}{size(night.frees_at_most):>15}"
        yield f"{_day(night.at)}{numbers}  {_mark(night, most)}".rstrip()


def _mark(night: Night, most: int) -> str:
    """Draw the bytes of a night; one that is held frees nothing."""
    if night.held:
        return "held"
    return "#" * -(-night.frees_at_most * _BAR // most) if most else ""


def _day(at: Instant) -> str:
    return format_instant(at)[:10]


def _largest(told: Forecast) -> Iterator[str]:
    totals = [(each.repository, each.total) for each in told.repositories]
    busy = sorted((t for t in totals if t[1].deletions), key=lambda t: (-t[1].frees_at_most, t[0]))
    rows = [
        (name, f"{total.tags:,}", f"{total.manifests:,}", size(total.frees_at_most))
        for name, total in busy[:_LARGEST]
    ]
    if rows:
        yield ""
        yield from table(rows, ("REPOSITORY", "TAGS", "MANIFESTS", "FREES AT MOST"))
    if more := len(busy) - len(rows):
        yield f"and {count(more, 'repository')} with less"


def _trouble(told: Forecast) -> Iterator[str]:
    for each in told.repositories:
        name = printable(each.repository)
        for refusal in each.refusals:
            yield ""
            when = f"Refused from {_first_refused(told, each)}: {name}"
            yield from paragraph(f"{when}: {refusal_sentence(refusal)}.", "", "  ")
            yield from paragraph(f"What is refused waits; {refusal_advice(refusal)}.", "  ")
        if each.error is None and not each.nights:
            yield ""
            yield f"Gone: {name} does not exist (any more)."
        if each.error is not None:
            yield ""
            yield from paragraph(f"Not read: {name}: {printable(each.error)}", "", "  ")
    held = next((night for night in told.nights if night.held), None)
    if held and (over := check_run(told.policy, [held.tags + held.manifests])):
        yield ""
        when = f"Held from {_day(held.at)}"
        yield from paragraph(f"{when}: {refusal_sentence(over)}.", "", "  ")
        yield from paragraph(f"Nothing is deleted from then on; {refusal_advice(over)}.", "  ")


def _first_refused(told: Forecast, each: RepositoryForecast) -> str:
    first = next(number for number, night in enumerate(each.nights) if night.refused)
    return _day(told.nights[first].at)


def _conclusion(told: Forecast) -> str:
    total = told.total
    if not total.deletions:
        return "Nothing would be deleted."
    what = f"{count(total.tags, 'tag')} and {count(total.manifests, 'manifest')}"
    return f"In all: {what}, which frees at most {size(total.frees_at_most)}."


def forecast_document(told: Forecast) -> Iterator[str]:
    """Give the forecast as one JSON document, a repository per line."""
    head = write_value(told)
    repositories = head.pop("repositories")
    total = told.total
    head["total"] = {
        "tags": total.tags,
        "manifests": total.manifests,
        "frees_at_most": total.frees_at_most,
    }
    yield _json(head)[:-1] + ', "repositories": ['
    for number, each in enumerate(repositories):
        yield (",\n" if number else "\n") + _json(each)
    yield "\n]}\n"


def forecast_schema() -> JsonObject:
    """Describe the document as JSON Schema (2020-12)."""
    parts: Schemas = {}
    codec_of(Forecast).schema(parts)
    body = parts.pop("Forecast")
    number: JsonObject = {"type": "integer", "minimum": 0}
    names = ("tags", "manifests", "frees_at_most")
    total: JsonObject = {
        "type": "object",
        "description": "All nights that are not held. Bytes are an upper bound.",
        "properties": dict.fromkeys(names, number),
        "required": list(names),
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "acr-purge forecast",
        **body,
        "properties": body["properties"] | {"total": total},
        "required": [*body["required"], "total"],
        "$defs": parts,
    }


def _json(value: object) -> str:
    """Write JSON in ASCII: no character in it does anything to a terminal."""
    return json.dumps(value).replace("\x7f", "\\u007f")
