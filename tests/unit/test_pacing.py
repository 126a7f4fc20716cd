"""The one way for requests: pauses that hold for a kind, patience, and the end of a run."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from purge_core.errors import JournalError, Unavailable
from purge_core.execution.pacing import GRACE, Halt, Traffic
from purge_core.pace.pace import Pace
from purge_core.pace.patience import PAUSES, Patience
from tests.purges import FakeClock
from tests.virtual import simulate, virtual_clock

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


async def deletion(way: Traffic, request: Callable[[], Awaitable[str]]) -> str:
    """Send one deletion."""
    async with way.permit() as ticket:
        return await way.delete(ticket, request)


async def test_a_wait_that_is_asked_for_holds_for_every_request_of_its_kind() -> None:
    """Retry-After shuts the gate for all of a kind, not only for the request that met it."""
    clock = FakeClock()
    way = traffic(clock)
    with pytest.raises(Unavailable):
        await way.read(failing(BUSY))
    assert clock.now == 0.0
    assert await deletion(way, failing()) == await way.write(failing()) == "answer"
    assert clock.now == 0.0
    assert await way.read(failing()) == "answer"
    assert clock.now == 30.0


async def test_a_deletion_that_is_refused_holds_up_the_next() -> None:
    """What is waited for is the pause, and after it the turn at half of the normal rate."""
    clock = FakeClock()
    way = traffic(clock)
    with pytest.raises(Unavailable):
        await deletion(way, failing(BUSY))
    assert await deletion(way, failing()) == "answer"
    assert 30.0 < clock.now < 31.0


async def test_a_permit_loses_its_worth_when_another_is_refused() -> None:
    """Whoever may send has to wait all the same, if the registry refuses somebody meanwhile."""
    clock = FakeClock()
    way = traffic(clock)
    async with way.permit() as ticket:
        with pytest.raises(Unavailable):
            await deletion(way, failing(BUSY))
        await way.until_good(ticket)
        assert clock.now > 30.0


async def test_an_error_without_a_wait_leaves_the_gate_open() -> None:
    """Only what the registry asks for holds everybody up."""
    clock = FakeClock()
    way = traffic(clock)
    for send in (way.read, way.write):
        with pytest.raises(Unavailable):
            await send(failing(Unavailable("reset")))
        assert await send(failing()) == "answer"
    assert clock.now == 0.0


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


@pytest.mark.parametrize(
    "error", [Unavailable("tried", repeated=True), Unavailable("closed", retry_after=301.0)]
)
def test_what_is_not_worth_a_repetition_gets_none(error: Unavailable) -> None:
    """What was repeated below is not repeated above, nor what wants to be left alone for long."""
    assert Patience().after(error) is None


async def test_the_end_of_the_run_ends_every_wait() -> None:
    """A run that is told to stop does not sit out a pause of five minutes."""
    stop = asyncio.Event()
    way = Traffic(Pace(), Halt(stop), 1)
    for send in (way.read, way.write, lambda request: deletion(way, request)):
        with pytest.raises(Unavailable):
            await send(failing(Unavailable("busy", retry_after=300.0)))
    waiting = [
        asyncio.ensure_future(way.read(failing())),
        asyncio.ensure_future(way.write(failing())),
        asyncio.ensure_future(deletion(way, failing())),
        asyncio.ensure_future(way.rest(300.0)),
    ]
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(asyncio.gather(*waiting), 10)


def test_a_read_is_given_up_soon_after_the_end() -> None:
    """A read that waits for minutes somewhere below does not hold up the end of a run."""

    async def scene() -> tuple[float, bool]:
        clock = virtual_clock()
        stop = asyncio.Event()
        way = Traffic(Pace(clock), Halt(stop), 1)
        asyncio.get_running_loop().call_later(7.0, stop.set)
        with pytest.raises(Unavailable, match="ended") as caught:
            await way.read(lambda: asyncio.sleep(600))
        return clock.seconds(), caught.value.repeated

    assert simulate(scene()) == (7.0 + GRACE, True)


def test_a_deletion_under_way_is_waited_for() -> None:
    """Whether something was deleted has to be known, also after the end."""

    async def scene() -> float:
        clock = virtual_clock()
        stop = asyncio.Event()
        way = Traffic(Pace(clock), Halt(stop), 1)
        asyncio.get_running_loop().call_later(7.0, stop.set)
        async with way.permit() as ticket:
            await way.delete(ticket, lambda: asyncio.sleep(60))
        return clock.seconds()

    assert simulate(scene()) == 60.0


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
