"""How a page says numbers, times and names: with units, in words, and nothing raw from outside."""

from datetime import UTC, datetime, timedelta
from typing import Final

from markupsafe import Markup

from purge_core.instants import TICKS_PER_SECOND, Instant, format_instant
from purge_core.model import Digest
from purge_core.report.text import printable, short_digest, size

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_MOST: Final = 160
"""Characters of a name that a table shows; its own page shows all of them."""


def named(text: str) -> Markup:
    """Give a name from outside: escaped, cut where it is very long, in a direction of its own."""
    clean = printable(text)
    if len(clean) > _MOST:
        half = _MOST // 2
        clean = f"{clean[:half]}\N{HORIZONTAL ELLIPSIS}{clean[-half:]}"
    return Markup("<bdi>{}</bdi>").format(clean)


def whole(text: str) -> Markup:
    """Give a name from outside whole."""
    return Markup("<bdi>{}</bdi>").format(printable(text))


def digest(text: str) -> Markup:
    """Give enough of a digest to tell it from others; the whole one where a pointer rests."""
    return Markup('<code class="digest" title="{}">{}</code>').format(
        printable(text), short_digest(Digest(text))
    )


def amount(number: int) -> Markup:
    """Give bytes in binary units, the unit set apart."""
    value, unit = size(number).split(" ")
    return Markup('{}&nbsp;<span class="unit">{}</span>').format(value, unit)


def number(value: int) -> str:
    """Give a whole number with its thousands apart."""
    return f"{value:,}"


def day(instant: Instant) -> str:
    """Give a day: ``21 November 2026``."""
    moment = _moment(instant)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def short_day(instant: Instant) -> str:
    """Give a day where there is little room: ``21 Nov``."""
    moment = _moment(instant)
    return f"{moment.day} {_MONTHS[moment.month - 1][:3]}"


def weekday(instant: Instant) -> str:
    """Give a day with its name: ``Saturday, 21 November 2026``."""
    return f"{_DAYS[_moment(instant).weekday()]}, {day(instant)}"


def clock(instant: Instant) -> str:
    """Give a time of day to the minute: ``01:00 UTC``."""
    return f"{_moment(instant):%H:%M} UTC"


def when(instant: Instant) -> Markup:
    """Give a time in words, which a program can read as well."""
    text = f"{day(instant)}, {clock(instant)}"
    return Markup('<time datetime="{}">{}</time>').format(format_instant(instant), text)


def _moment(instant: Instant) -> datetime:
    """Give a time to the second; beyond the years that a calendar has, its first or last."""
    most = 253_402_300_799
    seconds = min(max(instant // TICKS_PER_SECOND, -62_135_596_800), most)
    return _EPOCH + timedelta(seconds=seconds)
