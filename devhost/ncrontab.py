"""NCRONTAB: the six-field schedules of timer triggers, in UTC.

Fields: second, minute, hour, day, month, day of week (0 is Sunday). A field is `*`, a number, a
range `a-b`, a step `*/n`, `a/n` or `a-b/n`, or a comma list of these; months and days of the week
also go by their English names. Unlike in Unix cron, a day must fit both its day-of-month and its
day-of-week field.
Source: https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from devhost.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Field:
    """One position of an expression: its name, its bounds, and the names that stand for numbers."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


FIELDS = (
    Field("second", 0, 59),
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day", 1, 31),
    Field("month", 1, 12, tuple(calendar.month_name)[1:]),
    Field("day of week", 0, 6, (calendar.day_name[6], *tuple(calendar.day_name)[:6])),
)
_PART = re.compile(r"(?P<first>\*|[A-Za-z]+|\d+)(?:-(?P<last>[A-Za-z]+|\d+))?(?:/(?P<step>\d+))?")
_CALENDAR_CYCLE = timedelta(days=146_097)
"""400 years, after which the calendar repeats: a date not found in it never comes."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A parsed expression."""

    text: str
    times: tuple[time, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def next_after(self, instant: datetime) -> datetime | None:
        """Return the first occurrence strictly after `instant`, or None when there never is one."""
        start = instant.astimezone(UTC)
        for day in self._days_from(start.date()):
            for moment in self.times:
                occurrence = datetime.combine(day, moment, UTC)
                if occurrence > start:
                    return occurrence
        return None

    def _days_from(self, first: date) -> Iterator[date]:
        end = min(date.max.toordinal(), (first + _CALENDAR_CYCLE).toordinal())
        for day in map(date.fromordinal, range(first.toordinal(), end + 1)):
            fits = day.month in self.months and day.day in self.days
            if fits and day.isoweekday() % 7 in self.weekdays:
                yield day


def parse_schedule(text: str) -> Schedule:
    """Parse an expression; raises ConfigurationError that says which field is wrong and why."""
    parts = text.split()
    if len(parts) != len(FIELDS):
        raise ConfigurationError(
            f"schedule {text!r} has {len(parts)} fields, not the six of "
            "{second} {minute} {hour} {day} {month} {day of week}"
        )
    seconds, minutes, hours, days, months, weekdays = (
        _values(part, field, text) for part, field in zip(parts, FIELDS, strict=True)
    )
    times = tuple(
        time(hour, minute, second)
        for hour in sorted(hours)
        for minute in sorted(minutes)
        for second in sorted(seconds)
    )
    schedule = Schedule(text, times, days, months, weekdays)
    if schedule.next_after(datetime.now(UTC)) is None:
        raise ConfigurationError(f"schedule {text!r} never occurs")
    return schedule


def _values(part: str, field: Field, text: str) -> frozenset[int]:
    values: set[int] = set()
    for item in part.split(","):
        match = _PART.fullmatch(item)
        if match is None:
            raise ConfigurationError(f"schedule {text!r}: {item!r} is not a {field.name}")
        values.update(_range(match, field, text))
    return frozenset(values)


def _range(match: re.Match[str], field: Field, text: str) -> range:
    first, last, step = match["first"], match["last"], match["step"]
    if first == "*":
        low, high = field.low, field.high
    else:
        low = _number(first, field, text)
        high = _number(last, field, text) if last else (field.high if step else low)
    if low > high or step == "0" or (first == "*" and last):
        raise ConfigurationError(f"schedule {text!r}: {match[0]!r} is not a range of {field.name}s")
    return range(low, high + 1, int(step or 1))


def _number(word: str, field: Field, text: str) -> int:
    if word.isdigit():
        number = int(word)
        if field.low <= number <= field.high:
            return number
    else:
        for number, name in enumerate(field.names, field.low):
            if word.lower() in {name.lower(), name[:3].lower()}:
                return number
    raise ConfigurationError(
        f"schedule {text!r}: {word!r} is not a {field.name} ({field.low} to {field.high})"
    )
