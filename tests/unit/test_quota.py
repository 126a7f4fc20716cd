"""A registry's quota of deletions: no minute takes more than it permits, and none is lost."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from purge_core.execution.pacing import Clock, Halt, Pace, Traffic
from purge_core.execution.quota import Quota
from tests.purges import FakeClock


async def ok() -> str:
    """Answer at once."""
    return "answer"


def limited(clock: FakeClock, per_minute: float, burst: float, limit: int = 1) -> Traffic:
    """Give traffic to a registry that takes so many deletions."""
    pace = Pace(Clock(clock.seconds, clock.sleep), Quota(per_minute, clock.seconds, burst))
    return Traffic(pace, Halt(asyncio.Event()), limit)


async def test_a_burst_goes_at_once() -> None:
    """What the bucket holds is not waited for; the next one is."""
    clock = FakeClock()
    way = limited(clock, per_minute=60, burst=5)
    for _ in range(5):
        await way.send_deletion(ok)
    assert clock.now == 0.0
    await way.send_deletion(ok)
    assert clock.now == 1.0


async def test_reads_are_not_counted() -> None:
    """Only deletions spend the quota; but while it is spent, all wait."""
    clock = FakeClock()
    way = limited(clock, per_minute=60, burst=1)
    for _ in range(10):
        await way.send(ok)
    assert clock.now == 0.0
    await way.send_deletion(ok)
    await way.send(ok)
    assert clock.now == 1.0


async def test_without_a_quota_nobody_waits() -> None:
    """A registry whose tier is not told is asked as fast as it answers."""
    clock = FakeClock()
    way = Traffic(clock.pace(), Halt(asyncio.Event()), 4)
    for _ in range(1000):
        await way.send_deletion(ok)
    assert clock.now == 0.0


@given(
    st.integers(1, 3000),
    st.integers(1, 50),
    st.integers(1, 16),
    st.lists(st.floats(0, 30), max_size=40),
)
def test_no_window_takes_more(rate: int, burst: int, width: int, pauses: list[float]) -> None:
    """In any stretch of time no more go than the burst, the rate, and those under way at once."""
    sent = asyncio.run(_sent(rate, burst, width, pauses))
    for first, begun in enumerate(sent):
        for last, ended in enumerate(sent[first:], first):
            permitted = burst + width + (ended - begun) * rate / 60
            assert last - first + 1 <= permitted + 1e-6


async def _sent(rate: int, burst: int, width: int, pauses: list[float]) -> list[float]:
    clock = FakeClock()
    way = limited(clock, rate, burst, width)
    times: list[float] = []

    async def note() -> None:
        times.append(clock.now)

    for pause in pauses:
        clock.now += pause
        await asyncio.gather(*(way.send_deletion(note) for _ in range(width)))
    return times
