"""Five-field cron schedules as the six-field ones of the app's timer."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from purge_core.policies.importing.findings import Findings, FoundSchedule
from purge_core.policies.importing.variables import Values, expanded
from purge_core.schedule import parse_schedule
from purge_core.wording import shown

_FIELDS: Final = 5
_DAY, _WEEKDAY = 2, 4
_SUNDAY: Final = 7
_UTC: Final = frozenset({"utc", "etc/utc", "gmt", "etc/gmt"})


def purge_schedules(found: Findings, given: Values) -> tuple[str, ...]:
    """Give the different schedules, translated; what cannot be is told in a note."""
    return tuple(dict.fromkeys(_translated(found, given)))


def _translated(found: Findings, given: Values) -> Iterator[str]:
    for schedule in found.schedules:
        text = expanded(schedule.text, given)
        try:
            _require_utc(schedule)
            yield ncrontab(text, unix=schedule.unix)
        except ValueError as error:
            found.note(
                f"{schedule.where}: the schedule {shown(text)} has no PURGE_SCHEDULE: {error}"
            )


def ncrontab(text: str, *, unix: bool) -> str:
    """Translate a schedule: seconds go in front, Sunday is 0.

    ACR Tasks and the timer read the day fields alike: both must fit. ``unix`` schedules,
    where one of two restricted day fields is enough, have no translation then. Whether a
    step restricts (``*/2``), and where ``5/15`` ends, differs from cron to cron.

    Raises:
        ValueError: it cannot be said in six fields; says why.

    """
    fields = text.split()
    if len(fields) == _FIELDS:
        if unix:
            fields = ["*" if field == "?" else field for field in fields]
            _require_one_meaning(fields)
        fields = ["0", *fields[:_WEEKDAY], _weekdays(fields[_WEEKDAY])]
    return parse_schedule(" ".join(fields)).text


def _require_utc(schedule: FoundSchedule) -> None:
    if schedule.zone is not None and schedule.zone.lower() not in _UTC:
        raise ValueError(f"it is meant in {shown(schedule.zone)}; a timer counts in UTC")


def _require_one_meaning(fields: Sequence[str]) -> None:
    if fields[_DAY] != "*" and fields[_WEEKDAY] != "*":
        raise ValueError(
            "it runs when either its day of the month or its day of the week fits;"
            " a timer needs both to fit"
        )
    if any(re.search(r"(?:^|,)\w+/", field) for field in fields):
        raise ValueError("a step after a single number is read differently; write a range")


def _weekdays(text: str) -> str:
    """Write Sunday as 0 where it is 7."""
    parts = []
    for part in text.split(","):
        if match := re.fullmatch(r"(?P<first>[0-7])-7(?:/(?P<step>[1-9]))?", part):
            days = range(int(match["first"]), _SUNDAY + 1, int(match["step"] or 1))
            parts += _listed(days)
        else:
            parts.append("0" if part == str(_SUNDAY) else part)
    return ",".join(dict.fromkeys(parts))


def _listed(days: range) -> list[str]:
    """Write days up to Sunday; those before it as a range, where they are one."""
    week = [str(day) for day in days if day != _SUNDAY]
    if days.step == 1 and len(week) > 1:
        week = [f"{week[0]}-{week[-1]}"]
    return week + ["0"] * (_SUNDAY in days and "0" not in week and days.start != 0)
