"""NCRONTAB schedules in UTC: when a timer was last due.

Six fields: second, minute, hour, day, month, day of the week (0 is Sunday). A field is
``*``, a number, a range ``a-b``, a step ``*/n``, ``a/n`` or ``a-b/n``, or a comma list of
these; months and days of the week have English names, too. Unlike in Unix, a day has to
fit both its day of the month and its day of the week.
Source: https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from purge_core.instants import TICKS_PER_SECOND, Instant, from_datetime
from purge_core.wording import shown

_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_PART: Final = re.compile(
    r"(?P<first>\*|[A-Za-z]{3,9}|[0-9]{1,2})(?:-(?P<last>[A-Za-z]{3,9}|[0-9]{1,2}))?"
    r"(?:/(?P<step>[0-9]{1,2}))?"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS_BACK: Final = 8
"""29 February comes at least this often."""


@dataclass(frozen=True, slots=True)
class _Field:
    """One position: its name, its bounds, and the names that stand for numbers."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_FIELDS: Final = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 6, _DAYS),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A parsed schedule; each field with the numbers that fit it, ascending."""

    text: str
    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]

    def latest(self, moment: Instant) -> Instant | None:
        """Give the latest occurrence that is not after ``moment``; ``None``: never any."""
        start = _EPOCH + timedelta(seconds=moment // TICKS_PER_SECOND)
        whole_day = timedelta(hours=23, minutes=59, seconds=59)
        for back in range(_YEARS_BACK * 366):
            day = (start - timedelta(days=back)).replace(hour=0, minute=0, second=0)
            if self._fits(day) and (found := self._last(day, min(start, day + whole_day))):
                return from_datetime(found)
        return None

    def _fits(self, day: datetime) -> bool:
        weekday = day.isoweekday() % 7
        return day.month in self.months and day.day in self.days and weekday in self.weekdays

    def _last(self, day: datetime, limit: datetime) -> datetime | None:
        """Give the last time of a day that is not after ``limit``, which lies in that day."""
        for hour in reversed(self.hours):
            for minute in reversed(self.minutes):
                first = day + timedelta(hours=hour, minutes=minute)
                if first > limit:
                    continue
                for second in reversed(self.seconds):
                    if (found := first + timedelta(seconds=second)) <= limit:
                        return found
        return None


def parse_schedule(text: str) -> Schedule:
    """Read a schedule.

    Raises:
        ValueError: it is none, or never comes; says what is expected.

    """
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise ValueError(
            "six fields, {second} {minute} {hour} {day} {month} {day of the week}, "
            "such as 0 0 1 * * * for every night at one o'clock UTC"
        )
    values = [_values(part, field) for part, field in zip(parts, _FIELDS, strict=True)]
    schedule = Schedule(text, *values)
    if schedule.latest(from_datetime(datetime(2026, 1, 1, tzinfo=UTC))) is None:
        raise ValueError("a date that comes at least every eight years")
    return schedule


def _values(text: str, field: _Field) -> tuple[int, ...]:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise _wrong(part, field)
        found.update(_range(match, field))
    return tuple(sorted(found))


def _range(match: re.Match[str], field: _Field) -> range:
    first, last, step = match["first"], match["last"], match["step"]
    if first == "*":
        low, high = field.low, field.high
    else:
        low = _number(first, field)
        high = _number(last, field) if last else (field.high if step else low)
    if low > high or (step and not int(step)) or (first == "*" and last):
        raise _wrong(match[0], field)
    return range(low, high + 1, int(step or 1))


def _number(word: str, field: _Field) -> int:
    if word.isdecimal():
        if field.low <= int(word) <= field.high:
            return int(word)
    else:
        for number, name in enumerate(field.names, field.low):
            if word.lower() in (name, name[:3]):
                return number
    raise _wrong(word, field)


def _wrong(part: str, field: _Field) -> ValueError:
    wanted = f"a {field.name} from {field.low} to {field.high}, a range, a step or a list"
    return ValueError(f"{wanted} of these in place of {shown(part)}")
