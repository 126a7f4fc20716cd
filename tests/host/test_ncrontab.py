"""Schedules: what they mean, and which are refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from devhost.errors import ConfigurationError
from devhost.ncrontab import parse_schedule

FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "following"),
    [
        ("0 0 1 * * *", datetime(2026, 11, 21, 1, tzinfo=UTC)),
        ("0 0 12 * * *", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("1 0 12 * * *", datetime(2026, 11, 20, 12, 0, 1, tzinfo=UTC)),
        ("*/15 * * * * *", datetime(2026, 11, 20, 12, 0, 15, tzinfo=UTC)),
        ("0 20/20 * * * *", datetime(2026, 11, 20, 12, 20, tzinfo=UTC)),
        ("0 0 8-18/5 * * *", datetime(2026, 11, 20, 13, tzinfo=UTC)),
        ("0 30 9 * * 1-5", datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
        ("0 0 0 * * sun", datetime(2026, 11, 22, tzinfo=UTC)),
        ("0 0 0 1 January,jul *", datetime(2027, 1, 1, tzinfo=UTC)),
        ("0 0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
        ("0 0 0 13 * 5", datetime(2027, 8, 13, tzinfo=UTC)),
    ],
)
def test_next_occurrence(schedule: str, following: datetime) -> None:
    """The next occurrence is strictly later; day of month and day of week must both fit."""
    assert parse_schedule(schedule).next_after(FRIDAY) == following


def test_occurrences_are_in_utc() -> None:
    """Another time zone's instant is converted first."""
    local = FRIDAY.astimezone(timezone(timedelta(hours=9)))
    assert parse_schedule("0 0 1 * * *").next_after(local) == datetime(2026, 11, 21, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "reason"),
    [
        ("0 1 * * *", "has 5 fields"),
        ("01:00:00", "has 1 fields"),
        ("60 0 1 * * *", "'60' is not a second"),
        ("0 0 24 * * *", "'24' is not a hour"),
        ("0 0 1 0 * *", "'0' is not a day"),
        ("0 0 1 * 13 *", "'13' is not a month"),
        ("0 0 1 * * 7", "'7' is not a day of week"),
        ("0 0 1 * * someday", "'someday' is not a day of week"),
        ("0 0 5-1 * * *", "'5-1' is not a range"),
        ("0 */0 1 * * *", "'*/0' is not a range"),
        ("0 0 1, * * *", "'' is not a hour"),
        ("0 0 -1 * * *", "'-1' is not a hour"),
        ("0 0 1 30 2 *", "never occurs"),
    ],
)
def test_wrong_schedule_is_refused(schedule: str, reason: str) -> None:
    """The refusal names the field."""
    with pytest.raises(ConfigurationError) as refused:
        parse_schedule(schedule)
    assert reason in str(refused.value)
