"""Lengths of time as people write them: one strict parser, and its inverse.

A duration decides what is old enough to be deleted, so nothing is guessed: what is not
exactly a duration is an error, and never zero.
"""

import re
from fractions import Fraction
from typing import Final

from purge_core.instants import DAY, TICKS_PER_SECOND, Span

LONGEST: Final = Span(150 * 365 * DAY)
"""150 years of 365 days, the cap of ``acr purge``."""

_NUMBER: Final = r"[0-9]+(?:\.[0-9]+)?"
DURATION_PATTERN: Final = "^(?=[0-9])" + "".join(f"(?:{_NUMBER}{unit})?" for unit in "wdhms") + "$"
"""The grammar for a JSON Schema: parts in this order, at least one, nothing else."""

_DURATION: Final = re.compile("(?=[0-9])" + "".join(f"(?:({_NUMBER}){unit})?" for unit in "wdhms"))
_TICKS: Final = tuple(n * TICKS_PER_SECOND for n in (604_800, 86_400, 3_600, 60, 1))
_LONGEST_TEXT: Final = 100
"""No sensible duration has more characters; keeps hostile numbers from being computed."""

_EXPECTED: Final = (
    "a duration such as 7d, 12h or 1d12h: numbers with w, d, h, m or s, in this order"
)


def parse_duration(text: str) -> Span:
    """Read a duration: ``(Nw)(Nd)(Nh)(Nm)(Ns)``, at least one part, decimals allowed.

    A fraction of a tick (100 ns) counts as a whole one, for a shorter span deletes more.

    Raises:
        ValueError: ``text`` is anything else, or over 150 years; says what is expected.

    """
    match = _DURATION.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if match is None:
        raise ValueError(_EXPECTED + _hint(text))
    parts = zip(match.groups(), _TICKS, strict=True)
    exact = sum(Fraction(number) * ticks for number, ticks in parts if number)
    if exact > LONGEST:
        raise ValueError(f"at most {format_duration(LONGEST)}, which is 150 years")
    return Span(-int(-exact // 1))


def _hint(text: str) -> str:
    """Guess what was meant, where that is plain."""
    if re.fullmatch(_NUMBER, text) and len(text) < _LONGEST_TEXT:
        return f" (a number needs its unit: {text}d, {text}h)"
    if text.startswith(("-", "+")):
        return " (without a sign)"
    return ""


def format_duration(span: Span) -> str:
    """Write ``span`` in days, hours, minutes and seconds; ``parse_duration`` reads it back."""
    seconds, ticks = divmod(span, TICKS_PER_SECOND)
    text = ""
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        count, seconds = divmod(seconds, length)
        text += f"{count}{unit}" if count else ""
    if seconds or ticks:
        text += f"{seconds}.{ticks:07d}".rstrip("0").rstrip(".") + "s"
    return text or "0d"
