"""The form in which somebody wants a report: a page, JSON, or CSV; and the answer in it.

``?format=`` decides, then the header ``Accept``; a page is what there is without a wish.
Source: https://www.rfc-editor.org/rfc/rfc9110#name-accept
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final, Generic, TypeVar, assert_never
from urllib.parse import urlencode

from purge_core.http.addresses import links_of
from purge_core.http.exchange import Answer, Request
from purge_core.http.queries import Query
from purge_core.pages.frame import headers as page_headers
from purge_core.pages.links import AppLinks
from purge_core.report.forms import Format
from purge_core.wire import JsonObject

Value = TypeVar("Value")

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST: Final = 120
_WEIGHT: Final = re.compile(r"[01](?:\.[0-9]{0,3})?")
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Telling(Generic[Value]):
    """The ways to tell one kind of value."""

    document: Callable[[Value], JsonObject]
    csv: Callable[[Value], str]
    page: Callable[[Value, AppLinks], str]


def wanted_format(query: Query, request: Request) -> Format:
    """Say what is wanted."""
    asked = query.choice("format", Format)
    return asked or max(Format, key=lambda each: _weight(each.media_type, request.accept))


def _weight(media_type: str, accept: str) -> float:
    """Say how much a type is wanted, 0 to 1: by what names it, or a range that it is in."""
    found: dict[str, float] = {}
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weights = [each[2:] for each in parameters if each.startswith("q=")]
        usable = [float(each) for each in weights if _WEIGHT.fullmatch(each)]
        found[name] = usable[0] if usable else 1.0
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((found[each] for each in ranges if each in found), 0.0)


def told(
    value: Value, telling: Telling[Value], wanted: Format, request: Request, name: str
) -> Answer:
    """Answer in the form that is wanted; a file is called ``name``, or what of it is safe."""
    kind = wanted.media_type
    match wanted:
        case Format.HTML:
            text = telling.page(value, links_of(request))
            return Answer(HTTPStatus.OK, None, page_headers(), kind, text)
        case Format.JSON:
            return Answer(HTTPStatus.OK, telling.document(value), _HEADERS, kind)
        case Format.CSV:
            headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{_file(name)}"'}
            return Answer(HTTPStatus.OK, None, headers, kind, telling.csv(value))
        case _:
            assert_never(wanted)


def _file(name: str) -> str:
    """Give a file's name that no header or system takes amiss."""
    return f"{_UNSAFE.sub('-', name).strip('-.')[:_LONGEST] or 'report'}.csv"


def with_next(answer: Answer, continuation: str | None) -> Answer:
    """Say in a header where a table goes on: it has no other place for that."""
    if continuation is None or answer.media_type != Format.CSV.media_type:
        return answer
    query = urlencode({"continuation": continuation, "format": Format.CSV.value})
    return replace(answer, headers={**answer.headers, "Link": f'<?{query}>; rel="next"'})
