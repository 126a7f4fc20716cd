"""Five-field cron schedules as the six-field ones of the app's timer."""

import re
from collections.abc import Iterator
from typing import Final

from purge_core.policies.importing.findings import Findings
from purge_core.policies.importing.variables import Values, expanded
from purge_core.schedule import parse_schedule
from purge_core.wording import shown

_FIELDS: Final = 5
_DAY, _WEEKDAY = 2, 4


def purge_schedules(found: Findings, given: Values) -> tuple[str, ...]:
    """Give the different schedules, translated; what cannot be is told in a note."""
    return tuple(dict.fromkeys(_translated(found, given)))


def _translated(found: Findings, given: Values) -> Iterator[str]:
    for schedule in found.schedules:
        text = expanded(schedule.text, given)
        try:
            yield ncrontab(text, unix=schedule.unix)
        except ValueError as error:
            found.note(
                f"{schedule.where}: the schedule {shown(text)} has no PURGE_SCHEDULE: {error}"
            )


def ncrontab(text: str, *, unix: bool) -> str:
    """Translate a schedule: seconds go in front, Sunday is 0.

    ACR Tasks and the timer read the day fields alike: both must fit. ``unix`` schedules,
    where one of two restricted day fields is enough, have no translation then.

    Raises:
        ValueError: it cannot be said in six fields; says why.

    """
    fields = text.split()
    if len(fields) == _FIELDS:
        restricted = not (fields[_DAY].startswith("*") or fields[_WEEKDAY].startswith("*"))
        if unix and restricted:
            raise ValueError(
                "it runs when either its day of the month or its day of the week fits;"
                " a timer needs both to fit"
            )
        fields = ["0", *fields[:_WEEKDAY], _weekdays(fields[_WEEKDAY])]
    return parse_schedule(" ".join(fields)).text


def _weekdays(text: str) -> str:
    """Write Sunday as 0 where it is 7."""
    parts = []
    for part in text.split(","):
        if match := re.fullmatch("([1-6])-7", part):
            parts += [f"{match[1]}-6" if match[1] != "6" else "6", "0"]
        else:
            parts.append("0" if part == "7" else part)
    return ",".join(parts)
