"""Durations: the grammar's edges, the cap, and the words of the errors."""

import pytest

from purge_core.durations import LONGEST, format_duration, parse_duration
from purge_core.instants import DAY, TICKS_PER_SECOND

SECOND = TICKS_PER_SECOND
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("0d", 0),
        ("0s", 0),
        ("0w0d0h0m0s", 0),
        ("0.0d", 0),
        ("15m", 15 * MINUTE),
        ("1d1h3m", DAY + HOUR + 3 * MINUTE),
        ("3d", 3 * DAY),
        ("0m", 0),
        ("30d", 30 * DAY),
        ("1w", 7 * DAY),
        ("2w3d4h5m6s", 17 * DAY + 4 * HOUR + 5 * MINUTE + 6 * SECOND),
        ("1.5d", 36 * HOUR),
        ("0.1s", SECOND // 10),
        ("0.0000001s", 1),
        ("25h", 25 * HOUR),
        ("90m", 90 * MINUTE),
        ("007d", 7 * DAY),
        ("1w1s", 7 * DAY + SECOND),
        ("54750d", 54750 * DAY),
        ("0" * 98 + "1d", DAY),
    ],
)
def test_parses(text: str, ticks: int) -> None:
    """What the grammar allows is read exactly, in ticks of 100 ns."""
    assert parse_duration(text) == ticks


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "7",
        "0",
        "10",
        "d",
        "d5",
        "-7d",
        "+5d",
        "-1d",
        "-1h",
        "-1d12h",
        "1d-6h",
        "30days",
        "30 days",
        "thirty days",
        "thirtydays",
        "P30D",
        "PT1H",
        "0x10d",
        "1_0d",
        "1e3d",
        "1,5d",
        ".5d",
        "1.d",
        "1..5d",
        "1.5.5d",
        "7D",
        "3mo",
        "10y",
        "15p",
        "15",
        "1d12",
        "1h30d",
        "1d1d",
        "1s1w",
        "1d 12h",
        " 7d",
        "7d ",
        "7d\n",
        "7d\x00",
        "nan",
        "infd",
        "abc",
        "\u0667d",
        "\uff17d",
        "7\uff44",
        "1ms",
        "0" * 101 + "d",
        "9" * 5000 + "d",
    ],
)
def test_rejects(text: str) -> None:
    """Whatever `acr purge` misreads, and all else that is not a duration, is an error."""
    with pytest.raises(ValueError, match="a duration such as 7d"):
        parse_duration(text)


@pytest.mark.parametrize(
    "text", ["54750d0.0000001s", "54751d", "999999d", "9999999d999999999h", "7822w", "9" * 80 + "s"]
)
def test_rejects_more_than_150_years(text: str) -> None:
    """A span over the cap is an error, not the cap and not an overflow."""
    with pytest.raises(ValueError, match="at most 54750d, which is 150 years"):
        parse_duration(text)


def test_the_cap_itself_is_allowed() -> None:
    """150 years exactly is the longest duration."""
    assert parse_duration("54750d") == LONGEST


@pytest.mark.parametrize(
    ("text", "ticks"), [("0.00000001s", 1), ("0.00000011s", 2), ("0." + "0" * 50 + "1d", 1)]
)
def test_rounds_up_to_a_tick(text: str, ticks: int) -> None:
    """A fraction of a tick counts as a whole one: never read as zero, never shorter."""
    assert parse_duration(text) == ticks


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("7", "(a number needs its unit: 7d, 7h)"),
        ("1" * 99, f"(a number needs its unit: {'1' * 99}d, {'1' * 99}h)"),
        ("1" * 100, "in this order"),
        ("30days", "in this order"),
        ("", "in this order"),
        ("1.5", "(a number needs its unit: 1.5d, 1.5h)"),
        ("-7d", "(without a sign)"),
        ("+7d", "(without a sign)"),
    ],
)
def test_hints(text: str, hint: str) -> None:
    """The error says what was probably meant."""
    with pytest.raises(ValueError, match="a duration such as") as caught:
        parse_duration(text)
    assert str(caught.value).endswith(hint)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("0s", "0d"),
        ("2w", "14d"),
        ("36h", "1d12h"),
        ("90m", "1h30m"),
        ("0.5s", "0.5s"),
        ("1d10s", "1d10s"),
        ("100s", "1m40s"),
        ("1.0000001s", "1.0000001s"),
        ("120s", "2m"),
    ],
)
def test_formats(text: str, written: str) -> None:
    """A span is written in its plainest form."""
    assert format_duration(parse_duration(text)) == written
