"""Schedules: what they mean, when they were last due, and what is none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devhost.ncrontab import parse_schedule as reference
from purge_core.instants import format_instant, from_datetime, parse_instant
from purge_core.schedule import parse_schedule


@pytest.mark.parametrize(
    ("text", "moment", "expected"),
    [
        ("0 0 1 * * *", "2026-11-21T01:00:00Z", "2026-11-21T01:00:00Z"),
        ("0 0 1 * * *", "2026-11-21T00:59:59.9999999Z", "2026-11-20T01:00:00Z"),
        ("0 0 1 * * *", "2026-11-21T23:59:59Z", "2026-11-21T01:00:00Z"),
        ("0 */5 * * * *", "2026-11-21T12:07:01Z", "2026-11-21T12:05:00Z"),
        ("30 10-20/5 8,9 * * *", "2026-11-21T09:12:00Z", "2026-11-21T09:10:30Z"),
        ("0 0 0 1 jan *", "2026-11-21T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("0 0 12 * * Sunday", "2026-11-21T00:00:00Z", "2026-11-15T12:00:00Z"),
        ("0 0 12 * * 1-5", "2026-11-22T13:00:00Z", "2026-11-20T12:00:00Z"),
        ("0 0 0 29 2 *", "2026-11-21T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("59 59 23 31 12 *", "2027-01-01T00:00:00Z", "2026-12-31T23:59:59Z"),
    ],
)
def test_latest_occurrence(text: str, moment: str, expected: str) -> None:
    """The latest occurrence is the one at or before the moment."""
    latest = parse_schedule(text).latest(parse_instant(moment))
    assert latest is not None
    assert format_instant(latest) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 1 * * *",
        "* * * * * * *",
        "60 * * * * *",
        "0 60 * * * *",
        "0 0 24 * * *",
        "0 0 0 0 * *",
        "0 0 0 32 * *",
        "0 0 0 1 13 *",
        "0 0 0 * * 7",
        "0 0 0 * * Sondag",
        "0 0 0 * janitor *",
        "0 0 0 30 2 *",
        "0 5-1 * * * *",
        "0 */0 * * * *",
        "0 *-5 * * * *",
        "0 1,,2 * * * *",
        "0 -1 * * * *",
        "0 ٣ * * * *",
        "01:00:00",
        "@daily",
    ],
)
def test_what_is_no_schedule(text: str) -> None:
    """Anything else is refused in words."""
    with pytest.raises(ValueError, match=r"field|second|minute|hour|day|month|date|range"):
        parse_schedule(text)


_FIELD = ("*", "0", "3,17", "1-4", "*/7", "2/5", "5-23/3")
_START = datetime(2020, 1, 1, tzinfo=UTC)
_MOMENTS = st.integers(0, 10 * 365 * 86_400).map(lambda n: _START + timedelta(seconds=n))


@given(
    st.tuples(*[st.sampled_from(_FIELD)] * 3),
    st.sampled_from(("*", "1", "28-31", "*/10")),
    st.sampled_from(("*", "feb", "3-5", "*/4")),
    st.sampled_from(("*", "mon", "1-5", "0,6")),
    _MOMENTS,
)
def test_agrees_with_the_development_host(
    times: tuple[str, ...], day: str, month: str, weekday: str, moment: datetime
) -> None:
    """Nothing comes between the latest occurrence and the moment, as the host counts forward."""
    text = " ".join((*times, day, month, weekday))
    latest = parse_schedule(text).latest(from_datetime(moment))
    assert latest is not None
    seconds = timedelta(microseconds=latest // 10)
    found = datetime(1970, 1, 1, tzinfo=UTC) + seconds
    host = reference(text)
    assert host.next_after(found - timedelta(microseconds=1)) == found
    following = host.next_after(found)
    assert following is None or following > moment
