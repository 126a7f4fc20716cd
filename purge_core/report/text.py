"""Text for a terminal: nothing raw from outside, sizes, ages, and tables that fit."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Final

from purge_core.instants import DAY, TICKS_PER_SECOND, Instant, format_instant
from purge_core.model import Digest

WIDTH: Final = 80
"""Columns that every line fits into, unless a single name is longer."""

_HOUR: Final = 3_600 * TICKS_PER_SECOND
_MINUTE: Final = 60 * TICKS_PER_SECOND
_GAP: Final = 2
_KIB: Final = 1024


def printable(text: str) -> str:
    """Escape whatever could move a cursor, colour a line or hide text."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def shortened(text: str, width: int) -> str:
    """Give ``text`` in at most ``width`` columns; what does not fit is cut from its middle."""
    clean = printable(text)
    if len(clean) <= width:
        return clean
    head = (width - 3) // 2
    return f"{clean[:head]}...{clean[len(clean) - (width - 3 - head) :]}"


def quoted(text: str) -> str:
    """Give a name from a policy or a registry in quotes, short and printable."""
    return f'"{shortened(text, 60)}"'


def short_digest(digest: Digest) -> str:
    """Give enough of a digest to tell it from the others of a repository."""
    algorithm, _, rest = digest.partition(":")
    return printable(f"{algorithm[:16]}:{rest[:12]}")


def listed(names: Sequence[str], most: int = 3) -> str:
    """Give the first few of ``names`` and how many more there are."""
    shown = ", ".join(shortened(name, 60) for name in names[:most])
    more = len(names) - most
    return f"{shown} and {more:,} more" if more > 0 else shown


def count(number: int, noun: str) -> str:
    """Give a number with its noun: ``1 tag``, ``1,234 tags``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def size(number: int) -> str:
    """Give a number of bytes in binary units."""
    value, unit = float(number), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < _KIB:
            break
        value, unit = value / _KIB, larger
    return f"{value:,.0f} B" if unit == "B" else f"{value:,.1f} {unit}"


def moment(instant: Instant) -> str:
    """Give a time to the minute, in UTC."""
    return f"{format_instant(instant)[:16].replace('T', ' ')} UTC"


def old(since: Instant, now: Instant) -> str:
    """Say how old something is, in the largest unit that fits."""
    return f"{_span(since, now)} old" if since <= now else f"dated {_span(since, now)} ahead"


def old_range(oldest: Instant, newest: Instant, now: Instant) -> str:
    """Say how old the youngest and the oldest of a group are."""
    first, last = _span(newest, now), _span(oldest, now)
    if newest > now or first == last:
        return old(oldest, now)
    number, _, unit = first.partition(" ")
    return f"{number if last.endswith(f' {unit}') else first} to {last} old"


def _span(since: Instant, now: Instant) -> str:
    ticks = abs(now - since)
    for unit, length in (("day", DAY), ("hour", _HOUR), ("minute", _MINUTE)):
        if ticks >= length:
            return count(ticks // length, unit)
    return "under a minute"


def table(rows: Iterable[Sequence[str]], headings: Sequence[str]) -> Iterator[str]:
    """Lay rows out in columns: the first to the left and cut to fit, the rest to the right."""
    cells = [tuple(headings), *map(tuple, rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(headings))]
    rest = sum(width + _GAP for width in widths[1:])
    first = max(8, min(WIDTH - rest, max(len(printable(row[0])) for row in cells)))
    for row in cells:
        others = zip(row[1:], widths[1:], strict=True)
        right = "".join(f"{cell:>{width + _GAP}}" for cell, width in others)
        yield f"{shortened(row[0], first):<{first}}{right}"


def paragraph(text: str, indent: str = "", hanging: str | None = None) -> list[str]:
    """Break a sentence into lines that fit; ``hanging`` indents all but the first."""
    follow = indent if hanging is None else hanging
    return wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=follow,
        break_long_words=False,
        break_on_hyphens=False,
    )
