"""Do many things at once, but not too many, and none for longer than is wanted."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Other = TypeVar("Other")


async def map_bounded(
    work: Callable[[Item], Awaitable[Result]], items: Iterable[Item], limit: int
) -> list[Result]:
    """Run ``work`` on every item, ``limit`` at a time; results in the order of items.

    The first exception stops the rest and is raised as it is. ``items`` may be long: no
    more than ``limit`` tasks exist at once.
    """
    results: dict[int, Result] = {}
    numbered = enumerate(items)

    async def worker(share: Iterator[tuple[int, Item]]) -> None:
        for number, item in share:
            results[number] = await work(item)

    await together(*(worker(numbered) for _ in range(limit)))
    return [results[number] for number in sorted(results)]


async def together(*work: Coroutine[None, None, Result]) -> list[Result]:
    """Run all of ``work`` at once; the first exception stops the rest and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]


async def both(
    first: Coroutine[None, None, Result], second: Coroutine[None, None, Other]
) -> tuple[Result, Other]:
    """Run two things at once; the first exception stops the other and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            one, two = group.create_task(first), group.create_task(second)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return one.result(), two.result()


async def unless_stopped(work: Coroutine[Any, Any, Result], stop: asyncio.Event) -> Result | None:
    """Do ``work``; ``None`` when ``stop`` was set before it was done."""
    task = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        stopping.cancel()
        task.cancel()
        await asyncio.wait((task, stopping))
