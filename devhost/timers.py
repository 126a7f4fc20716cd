"""The timer trigger: the clock, and what a timer function is told.

No blob keeps the last run, so `IsPastDue` is never true here; in the cloud it is after a restart
that missed an occurrence.
"""

import asyncio
import json
from datetime import UTC, datetime

from devhost.functions import Function, TimerTrigger
from devhost.protos import TypedData
from devhost.runner import Runner

_LONGEST_SLEEP = 60.0
"""Seconds. The wall clock may jump (a laptop that slept), so it is read again and again."""


class Timer:
    """One timer function and what is known of its runs."""

    def __init__(self, function: Function, trigger: TimerTrigger, runner: Runner) -> None:
        self._function = function
        self._trigger = trigger
        self._runner = runner
        self._last: datetime | None = None

    async def run_now(self) -> None:
        """Run once, out of turn."""
        await self._run(datetime.now(UTC))

    async def keep_time(self) -> None:
        """Run at every occurrence until cancelled; runs of one timer never overlap."""
        while True:
            due = self._trigger.schedule.next_after(datetime.now(UTC))
            if due is None:
                return
            await _sleep_until(due)
            await self._run(due)
            self._last = due

    async def _run(self, moment: datetime) -> None:
        value = timer_request(self._trigger, self._last, moment)
        await self._runner.run(self._function, {self._trigger.parameter: value})


async def _sleep_until(due: datetime) -> None:
    while (left := (due - datetime.now(UTC)).total_seconds()) > 0:  # noqa: ASYNC110  a clock tells no one
        await asyncio.sleep(min(left, _LONGEST_SLEEP))


def timer_request(trigger: TimerTrigger, last: datetime | None, moment: datetime) -> TypedData:
    """Return the TimerInfo document for a run at `moment`; `last` is the occurrence before it."""
    following = trigger.schedule.next_after(moment)
    status = {
        "Last": _text(last),
        "Next": _text(following),
        "LastUpdated": _text(last),
    }
    return TypedData(
        json=json.dumps(
            {
                "Schedule": {"AdjustForDST": True},
                "ScheduleStatus": status if trigger.use_monitor else None,
                "IsPastDue": False,
            }
        )
    )


def _text(instant: datetime | None) -> str:
    """Return an instant as .NET writes it; its zero value stands for never."""
    return "0001-01-01T00:00:00+00:00" if instant is None else instant.isoformat()
