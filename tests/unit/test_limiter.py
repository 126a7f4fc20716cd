"""One limiter: tickets in a line, pauses, a rate that falls and climbs, what the registry shows."""

import asyncio

import pytest

from purge_core.pace.clock import Clock
from purge_core.pace.limiter import Limiter
from purge_core.pace.quotas import Allowance
from tests.purges import FakeClock
from tests.virtual import simulate, virtual_clock

SLOW = Allowance(per_second=2.0, burst=3.0)


def limiter(clock: FakeClock, allowance: Allowance = SLOW, chance: float = 0.0) -> Limiter:
    """Give a limiter on ``clock``."""
    return Limiter(Clock(clock.seconds, clock.sleep, lambda: chance), allowance)


def use(limit: Limiter, number: int = 1) -> None:
    """Send requests that are answered at once."""
    for _ in range(number):
        ticket = limit.ticket()
        ticket.send()
        ticket.close()


def test_a_burst_goes_at_once_and_the_rest_in_line() -> None:
    """Each ticket after the burst waits for its own share of the time."""
    limit = limiter(FakeClock())
    assert [limit.ticket().wait for _ in range(6)] == pytest.approx([0, 0, 0, 0.5, 1.0, 1.5])


def test_an_idle_bucket_holds_no_more_than_the_burst() -> None:
    """An hour of rest is not a license for an hour's worth of requests."""
    clock = FakeClock()
    limit = limiter(clock)
    use(limit, 3)
    clock.now += 3600
    assert [limit.ticket().wait for _ in range(4)] == pytest.approx([0, 0, 0, 0.5])


def test_a_ticket_that_is_given_back_costs_nothing() -> None:
    """Who finds that nothing has to be sent leaves the place to the next."""
    limit = limiter(FakeClock())
    for _ in range(100):
        limit.ticket().close()
    assert limit.ticket().wait == 0.0


def test_requests_that_wait_go_one_by_one() -> None:
    """Many at once leave the limiter at its rate, in their order."""

    async def scene() -> list[float]:
        clock = virtual_clock()
        limit = Limiter(clock, SLOW)

        async def one() -> float:
            async with limit.turn():
                return clock.seconds()

        return await asyncio.gather(*(one() for _ in range(7)))

    assert simulate(scene()) == pytest.approx([0, 0, 0, 0.5, 1.0, 1.5, 2.0], abs=1e-5)


def test_a_refusal_holds_up_all_who_wait_and_lets_them_go_one_by_one() -> None:
    """After the pause there is no stampede: the rate is half of what it was, and climbs."""
    clock = FakeClock()
    limit = limiter(clock)
    waiting = [limit.ticket() for _ in range(3)]
    limit.refused(30.0)
    assert [ticket.wait for ticket in waiting] == pytest.approx([31.0, 32.0, 33.0])
    assert limit.pause == 30.0
    clock.now = 31.0
    assert waiting[0].wait == 0.0
    assert 0 < waiting[1].wait <= 1.0


def test_who_is_cancelled_in_the_line_leaves_its_place() -> None:
    """A request that is not sent any more holds nobody up."""

    async def scene() -> float:
        clock = virtual_clock()
        limit = Limiter(clock, Allowance(per_second=0.1, burst=1.0))
        use(limit)

        async def one() -> None:
            async with limit.turn():
                pass

        lines = [asyncio.ensure_future(one()) for _ in range(5)]
        await asyncio.sleep(1)
        for line in lines[:4]:
            line.cancel()
        await asyncio.sleep(0)
        use(limit, 1)
        return limit.ticket().wait

    # Two tickets of three are still waited for: that of the fifth, and ours of just now.
    assert simulate(scene()) == pytest.approx(29.0, abs=0.01)


@pytest.mark.parametrize(
    ("asked", "pause"), [(30.0, 30.0), (1e9, 300.0), (-5.0, 0.0), (0.0, 0.0), (None, 1.0)]
)
def test_a_pause_has_an_upper_bound(asked: float | None, pause: float) -> None:
    """An absurd Retry-After does not hold a run for hours; none at all is a short one."""
    limit = limiter(FakeClock())
    limit.refused(asked)
    assert limit.pause == pause


def test_a_shorter_pause_never_ends_a_longer_one() -> None:
    """Of several waits that are asked for, the last to end counts."""
    limit = limiter(FakeClock())
    limit.refused(30.0)
    limit.refused(1.0)
    assert limit.pause == 30.0


def test_chance_only_lengthens_a_pause() -> None:
    """With jitter nobody comes back before the time that the registry asked for."""
    limit = limiter(FakeClock(), chance=1.0)
    limit.refused(8.0)
    assert limit.pause == 10.0


def test_the_rate_halves_once_per_moment_and_climbs_back_within_a_minute() -> None:
    """Refusals of what was under way together count once; a later one counts again."""
    clock = FakeClock()
    limit = limiter(clock)
    for _ in range(16):
        limit.refused(10.0)
    assert limit.per_second == 1.0
    clock.now = 25.0
    assert limit.per_second == pytest.approx(1.5)
    limit.refused(0.0)
    assert limit.per_second == pytest.approx(0.75)
    clock.now += 60.0
    assert limit.per_second == 2.0


def test_the_rate_never_falls_to_nothing() -> None:
    """A registry that refuses all day is still asked from time to time."""
    clock = FakeClock()
    limit = limiter(clock)
    for _ in range(50):
        limit.refused(0.0)
        clock.now += 1.0
    assert 0.1 <= limit.per_second < 0.2


def test_what_the_registry_shows_at_first_is_believed() -> None:
    """A full bucket may be used up at once, but for a little; an almost empty one may not."""
    limit = limiter(FakeClock())
    limit.shown(100.0)
    assert [limit.ticket().wait for _ in range(96)] == pytest.approx([0.0] * 95 + [0.5])
    empty = limiter(FakeClock())
    empty.shown(0.0)
    assert empty.ticket().wait == pytest.approx(1.0)


def test_what_the_registry_shows_later_only_corrects_downwards() -> None:
    """A registry that always shows the same is not bottomless; one that others use is."""
    limit = limiter(FakeClock())
    for _ in range(11):
        use(limit, 10)
        limit.shown(100.0)
    assert limit.ticket().wait > 0
    shared = limiter(FakeClock())
    shared.shown(100.0)
    use(shared)
    shared.shown(10.0)
    assert [shared.ticket().wait for _ in range(6)] == pytest.approx([0.0] * 5 + [0.5])


def test_requests_under_way_are_counted_before_the_registry_counts_them() -> None:
    """What is shown does not know of what is still on its way there."""
    limit = limiter(FakeClock())
    limit.shown(100.0)
    under_way = [limit.ticket() for _ in range(20)]
    for ticket in under_way:
        ticket.send()
    limit.shown(50.0)
    assert [limit.ticket().wait for _ in range(26)] == pytest.approx([0.0] * 25 + [0.5])


def test_an_urgent_request_waits_for_pauses_only() -> None:
    """What is being verified does not stand in line behind what is being planned."""

    async def scene() -> list[float]:
        clock = virtual_clock()
        limit = Limiter(clock, SLOW)
        limit.refused(5.0)
        lines = [limit.ticket() for _ in range(100)]
        async with limit.turn(urgent=True):
            return [clock.seconds(), lines[-1].wait]

    assert simulate(scene()) == pytest.approx([5.0, 100.0])
