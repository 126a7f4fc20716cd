"""Requests are counted for the work that sends them, and for no other."""

import asyncio

from purge_core.sent import Sent, counting, note_request


async def test_each_piece_of_work_counts_its_own() -> None:
    """Side by side, and with tasks that each begins."""

    async def work(number: int) -> Sent:
        with counting() as sent:
            async with asyncio.TaskGroup() as group:
                for _ in range(number):
                    group.create_task(send())
        return sent

    async def send() -> None:
        await asyncio.sleep(0)
        note_request()

    found = await asyncio.gather(*(work(number) for number in range(5)))
    assert [sent.number for sent in found] == [0, 1, 2, 3, 4]


def test_nobody_has_to_want_to_know() -> None:
    """Outside of any count, and after one, a request is only sent."""
    note_request()
    with counting() as sent:
        note_request()
    note_request()
    assert sent.number == 1
