"""Instants and ages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acr_emulator.clock import Clock
from acr_emulator.times import TICKS_PER_SECOND, format_time, parse_age, parse_time


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-17T03:33:59.1034341Z",
        "2021-05-08T00:09:19.424797Z",
        "2023-02-17T03:33:59.1Z",
        "2023-02-17T03:33:59Z",
        "1969-12-31T23:59:59.9999999Z",
    ],
)
def test_a_time_is_written_as_it_was_read(text: str) -> None:
    """Zero to seven digits come back as they were."""
    assert format_time(parse_time(text)) == text


@given(st.integers(min_value=0, max_value=4_102_444_800 * TICKS_PER_SECOND))
def test_every_instant_survives_the_wire(ticks: int) -> None:
    """What is written is read as the same instant."""
    assert parse_time(format_time(ticks)) == ticks


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2023-02-17", "2023-02-30T00:00:00Z", "2023-02-17T03:33:59.12345678Z"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """Nothing but the one form is a time."""
    with pytest.raises(ValueError, match="no"):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0d", 0), ("1d12h", 129_600), ("2w", 1_209_600), ("1.5h", 5_400), ("90s", 90)],
)
def test_ages(text: str, seconds: int) -> None:
    """Ages are sums of their parts."""
    assert parse_age(text) == seconds * TICKS_PER_SECOND


def test_an_age_can_differ_by_one_tick() -> None:
    """Boundaries can be written down exactly."""
    assert parse_age("1d1t") == parse_age("1d") + 1


@pytest.mark.parametrize("text", ["", "7", "-1d", "30days", "d", "1h1d"])
def test_what_is_no_age_is_refused(text: str) -> None:
    """Nothing malformed is read as some length."""
    with pytest.raises(ValueError, match="not an age"):
        parse_age(text)


def test_a_clock_stands_until_it_is_moved() -> None:
    """A fixed clock moves by what it is told."""
    clock = Clock(start=5)
    clock.advance(2)
    assert clock.now == 5 + 2 * TICKS_PER_SECOND


def test_a_running_clock_follows_its_source_at_its_speed() -> None:
    """Ten times the speed, ten times the time."""
    seconds = [100.0]
    clock = Clock(start=0, running=True, speed=10, monotonic=lambda: seconds[0])
    seconds[0] += 3
    assert clock.now == 30 * TICKS_PER_SECOND


def test_a_stopped_clock_keeps_the_time_that_passed() -> None:
    """Stopping loses nothing."""
    seconds = [100.0]
    clock = Clock(start=0, running=True, monotonic=lambda: seconds[0])
    seconds[0] += 3
    clock.stop()
    seconds[0] += 3
    assert clock.now == 3 * TICKS_PER_SECOND
