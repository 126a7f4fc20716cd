"""Points in time and spans of time at the registry's own resolution, 100 ns.

The registry writes RFC 3339 times with 0 to 7 fractional digits and drops trailing
zeros. ``datetime`` stops at microseconds and mis-sorts such times, so an instant is
a whole number of 100 ns ticks since 1970-01-01T00:00:00Z.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NewType

Instant = NewType("Instant", int)
"""Ticks of 100 ns since the Unix epoch."""

Span = NewType("Span", int)
"""A length of time in ticks of 100 ns, never negative."""

TICKS_PER_SECOND: Final = 10_000_000
DAY: Final = Span(86_400 * TICKS_PER_SECOND)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = Instant(-62_135_596_800 * TICKS_PER_SECOND)
_LAST: Final = Instant(253_402_300_800 * TICKS_PER_SECOND - 1)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_RFC3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def parse_instant(text: str) -> Instant:
    """Read an RFC 3339 time with any number of fractional digits.

    Digits beyond the seventh are cut off, which is exact for what the registry writes.

    Raises:
        ValueError: ``text`` is not such a time.

    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(f"not an RFC 3339 time: {text[:64]!r}")
    date, clock, fraction, zone = match.groups()
    offset = "+00:00" if zone in "Zz" else zone
    whole = datetime.fromisoformat(f"{date}T{clock}{offset}")
    seconds = (whole - _EPOCH) // timedelta(seconds=1)
    return Instant(seconds * TICKS_PER_SECOND + int((fraction or "").ljust(7, "0")[:7]))


def parse_moment(text: str) -> Instant:
    """Read a time as people write one: a day, which means its beginning in UTC, or RFC 3339.

    Raises:
        ValueError: ``text`` is neither.

    """
    return parse_instant(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text)


def format_instant(instant: Instant) -> str:
    """Write ``instant`` as the registry does: UTC, trailing zeros dropped.

    What lies outside the years 1 to 9999 is written as the nearest time inside.
    """
    seconds, ticks = divmod(min(max(instant, _FIRST), _LAST), TICKS_PER_SECOND)
    text = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
    fraction = f".{ticks:07d}".rstrip("0").rstrip(".")
    return f"{text}{fraction}Z"


def from_datetime(moment: datetime) -> Instant:
    """Convert an aware ``datetime``.

    Raises:
        ValueError: ``moment`` has no time zone.

    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is ambiguous")
    return Instant(((moment - _EPOCH) // timedelta(microseconds=1)) * 10)
