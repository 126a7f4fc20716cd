"""How ``acr purge`` v0.18.1 reads ``--ago``, accidents included.

A text with a ``d`` is scanned as whole days, the letter, and a Go duration; scanning stops
without a word at the first thing that does not fit. Any other text is a Go duration. A text
that Go calls invalid, and any span over 150 years, becomes 150 years.
"""

import re
from fractions import Fraction
from typing import Final

from purge_core.instants import DAY, TICKS_PER_SECOND

LONGEST: Final = 150 * 365 * DAY

_UNITS: Final = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),
    "ms": Fraction(1, 10**3),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
}
_DAYS: Final = re.compile(r"\s*([+-]?[0-9]+)")
_PART: Final = re.compile(r"([0-9]*)(\.[0-9]*)?([^0-9.]*)")


class AgoError(Exception):
    """The command ends before it reads anything: a unit is missing or not known."""


class _Invalid(Exception):
    """What Go calls an invalid duration, and ``acr purge`` takes for an overflow."""


def parse_ago(text: str) -> int:
    """Return the span in ticks of 100 ns; negative and zero spans delete everything.

    Raises:
        AgoError: the command would refuse the text.

    """
    if not text:
        return 0
    days, rest = _scan(text) if "d" in text else (0, text)
    try:
        span = days * DAY + (_go_duration(rest) if rest else 0)
    except _Invalid:
        return LONGEST
    return min(span, LONGEST)


def _scan(text: str) -> tuple[int, str]:
    """Read whole days, the letter d, and one word; give up silently where it does not fit."""
    number = _DAYS.match(text)
    if number is None:
        return 0, ""
    rest = text[number.end() :]
    if not rest.startswith("d"):
        return int(number[1]), ""
    words = rest[1:].split()
    return int(number[1]), words[0] if words else ""


def _go_duration(text: str) -> int:
    sign, body = (-1, text[1:]) if text[0] == "-" else (1, text.removeprefix("+"))
    if body == "0":
        return 0
    if not body:
        raise _Invalid
    total = Fraction(0)
    while body:
        part = _PART.match(body)
        if part is None or not (part[1] or (part[2] or "").strip(".")):
            raise _Invalid
        if not part[3]:
            raise AgoError(f"missing unit in duration {text!r}")
        if part[3] not in _UNITS:
            raise AgoError(f"unknown unit {part[3]!r} in duration {text!r}")
        total += Fraction(f"{part[1] or 0}{(part[2] or '').rstrip('.') or ''}") * _UNITS[part[3]]
        body = body[part.end() :]
    return sign * int(total * TICKS_PER_SECOND)
