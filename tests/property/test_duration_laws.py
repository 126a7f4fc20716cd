"""Laws of durations: exact, strict, and never read as zero by accident."""

import re
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from purge_core.durations import DURATION_PATTERN, LONGEST, format_duration, parse_duration
from purge_core.instants import Span

spans = st.integers(0, LONGEST).map(Span)
numbers = st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,9})?", fullmatch=True)
parts = st.tuples(*[st.none() | numbers for _ in "wdhms"]).filter(any)
near_misses = st.text("0123456789wdhmsWDHMSy.-+ _e,P\n٣", max_size=12)


def well_formed(text: str) -> bool:
    """Say by another route whether ``text`` follows the grammar."""
    parts = re.findall(r"[0-9]+(?:\.[0-9]+)?[wdhms]", text)
    order = ["wdhms".index(part[-1]) for part in parts]
    return bool(parts) and "".join(parts) == text and order == sorted(set(order))


@given(spans)
def test_what_is_written_is_read_back(span: Span) -> None:
    """Every span survives the round trip, to the tick."""
    assert parse_duration(format_duration(span)) == span


@given(parts)
def test_parts_add_up_exactly(numbers: tuple[str | None, ...]) -> None:
    """A duration is the sum of its parts, rounded up to a tick once."""
    weights = (6_048_000_000_000, 864_000_000_000, 36_000_000_000, 600_000_000, 10_000_000)
    text = "".join(f"{n}{unit}" for n, unit in zip(numbers, "wdhms", strict=True) if n)
    exact = sum(Fraction(n) * w for n, w in zip(numbers, weights, strict=True) if n)
    if exact <= LONGEST:
        assert 0 <= parse_duration(text) - exact < 1


@given(near_misses | st.text() | parts.map(lambda p: "".join(n or "" for n in p)))
@example("1d\n")
@example("0")
def test_nothing_malformed_is_read(text: str) -> None:
    """What parses follows the grammar, and is zero only when every digit is."""
    try:
        span = parse_duration(text)
    except ValueError:
        return
    assert well_formed(text)
    assert (span == 0) == (not re.search("[1-9]", text))


@given(near_misses | spans.map(format_duration))
def test_published_pattern_agrees(text: str) -> None:
    """The pattern of the JSON Schema says the same as the grammar."""
    fits = re.fullmatch(DURATION_PATTERN, text) is not None and not text.endswith("\n")
    assert fits == well_formed(text)
