"""When requests may be sent: pauses that hold for all, patience, and the end of a run."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from purge_core.errors import JournalError, Unavailable
from purge_core.execution.pacing import PAUSES, Clock, Halt, Pace, Patience, Traffic
from tests.purges import FakeClock

BUSY = Unavailable("busy", status=429, retry_after=30.0)


def traffic(clock: FakeClock, halt: Halt | None = None, limit: int = 4) -> Traffic:
    """Give traffic on ``clock``."""
    return Traffic(clock.pace(), halt or Halt(asyncio.Event()), limit)


def failing(*errors: Unavailable) -> Callable[[], Awaitable[str]]:
    """Give a request that raises each of ``errors`` once, then answers."""
    left = list(errors)

    async def request() -> str:
        if left:
            raise left.pop(0)
        return "answer"

    return request


async def test_a_wait_that_is_asked_for_holds_for_every_request() -> None:
    """Retry-After shuts the gate for all, not only for the request that met it."""
    clock = FakeClock()
    way = traffic(clock)
    with pytest.raises(Unavailable):
        await way.send(failing(BUSY))
    assert clock.now == 0.0
    assert await way.send(failing()) == "answer"
    assert clock.now == 30.0


async def test_an_error_without_a_wait_leaves_the_gate_open() -> None:
    """Only what the registry asks for holds everybody up."""
    clock = FakeClock()
    way = traffic(clock)
    with pytest.raises(Unavailable):
        await way.send(failing(Unavailable("reset")))
    assert await way.send(failing()) == "answer"
    assert clock.now == 0.0


def test_a_pause_has_an_upper_bound_and_never_shortens_another() -> None:
    """An absurd Retry-After does not hold a run for hours; a shorter one changes nothing."""
    clock = FakeClock()
    pace = clock.pace()
    pace.pause(1e9)
    assert pace.remaining == 300.0
    pace.pause(-5.0)
    pace.pause(1.0)
    assert pace.remaining == 300.0


def test_chance_only_lengthens_a_pause() -> None:
    """With jitter nobody comes back before the time that the registry asked for."""
    clock = FakeClock()
    pace = Pace(Clock(clock.seconds, clock.sleep, lambda: 1.0))
    pace.pause(8.0)
    assert pace.remaining == 10.0


async def test_the_default_clock_is_the_event_loops() -> None:
    """Without a clock of its own the gate is open, and measures real time."""
    pace = Pace()
    assert pace.remaining <= 0
    assert pace.clock.chance() == 0.0


async def test_an_attempt_is_repeated_after_growing_pauses() -> None:
    """Three repetitions, under two seconds in all; then the error is the caller's."""
    clock = FakeClock()
    errors = [Unavailable(str(n)) for n in range(len(PAUSES))]
    assert await traffic(clock).insist(failing(*errors)) == "answer"
    assert clock.sleeps == list(PAUSES)
    with pytest.raises(Unavailable, match="last"):
        await traffic(clock).insist(failing(*errors, Unavailable("last")))


def test_who_is_asked_back_comes_back_often_but_not_for_ever() -> None:
    """Thirty invitations, and after them the few repetitions of any other error."""
    patience = Patience()
    pauses = [patience.after(BUSY) for _ in range(40)]
    assert pauses[:30] == [PAUSES[0]] * 30
    assert pauses[30:34] == [*PAUSES, None]


async def test_the_end_of_the_run_ends_every_wait() -> None:
    """A run that is told to stop does not sit out a pause of five minutes."""
    stop = asyncio.Event()
    way = Traffic(Pace(), Halt(stop), 1)
    with pytest.raises(Unavailable):
        await way.send(failing(Unavailable("busy", retry_after=300.0)))
    waiting = asyncio.ensure_future(way.ready())
    resting = asyncio.ensure_future(way.rest(300.0))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(asyncio.gather(waiting, resting), 10)


async def test_nothing_is_repeated_after_the_end_unless_it_must_be() -> None:
    """A halted run gives reads up, and still closes the locks that it opened."""
    clock = FakeClock()
    halt = Halt(asyncio.Event())
    halt.now()
    with pytest.raises(Unavailable):
        await traffic(clock, halt).insist(failing(Unavailable("reset")))
    assert clock.sleeps == []
    must = traffic(clock, halt).insist(failing(Unavailable("reset")), even_halted=True)
    assert await must == "answer"


async def test_a_halt_follows_its_caller_and_keeps_its_first_reason() -> None:
    """The caller's event counts at once; of several errors the first is the reason."""
    stop = asyncio.Event()
    halt = Halt(stop)
    before = halt.is_set
    stop.set()
    assert (before, halt.is_set) == (False, True)
    first = JournalError("first")
    halt.now(first)
    halt.now(JournalError("second"))
    assert halt.error is first
    await asyncio.wait_for(halt.wait(), 10)
