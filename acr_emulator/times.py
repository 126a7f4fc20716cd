"""Instants and ages: 100 ns ticks since the Unix epoch, and their text on the wire.

The registry prints RFC 3339 in UTC with zero to seven fractional digits, trailing zeros dropped. A
`datetime` holds only six, so instants are integers here.
"""

import calendar
import re
import time
from typing import Final

TICKS_PER_SECOND: Final = 10_000_000

_TIME: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?Z", re.ASCII)
_AGE: Final = re.compile(
    "".join(rf"(?:(\d+(?:\.\d+)?){unit})?" for unit in "wdhms") + r"(?:(\d+)t)?", re.ASCII
)
_AGE_SECONDS: Final = (7 * 86_400, 86_400, 3_600, 60, 1)


def format_time(ticks: int) -> str:
    """The wire form of an instant, such as `2023-02-17T03:33:59.1034341Z`."""
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    year, month, day, hour, minute, second, *_ = time.gmtime(seconds)
    text = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    return f"{text}.{fraction:07}".rstrip("0") + "Z" if fraction else text + "Z"


def parse_time(text: str) -> int:
    """The instant that a wire form names, in ticks. Raises ValueError for anything else."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"not a time such as 2026-01-15T12:00:00Z: {text!r}")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    seconds = calendar.timegm((year, month, day, hour, minute, second))
    if time.gmtime(seconds)[:6] != (year, month, day, hour, minute, second):
        raise ValueError(f"no such day or time of day: {text!r}")
    return seconds * TICKS_PER_SECOND + int((match[7] or "").ljust(7, "0"))


def parse_age(text: str) -> int:
    """The length of a span such as `3d`, `1d12h`, `1.5h` or `5t` (`t` is one tick), in ticks.

    Raises ValueError for anything else, the empty text included.
    """
    match = _AGE.fullmatch(text)
    if match is None or not text:
        raise ValueError(f"not an age such as 40d or 1d12h: {text!r}")
    *parts, ticks = match.groups()
    seconds = sum(
        float(part) * unit for part, unit in zip(parts, _AGE_SECONDS, strict=True) if part
    )
    return round(seconds * TICKS_PER_SECOND) + int(ticks or 0)
