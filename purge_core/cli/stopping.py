"""Ctrl-C: the first one ends a run in good order, the second one at once."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from purge_core.cli import console
from purge_core.cli.exits import Exit
from purge_core.cli.progress import Watch

Result = TypeVar("Result")

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


async def until_stopped(
    work: Callable[[asyncio.Event], Awaitable[Result]], watch: Watch
) -> Result | None:
    """Do ``work``; ``None`` when it was interrupted before anything was deleted.

    Once something may have been deleted, the event that ``work`` was given is set, and
    it ends by itself.
    """
    stop = asyncio.Event()
    task = asyncio.ensure_future(work(stop))

    def interrupt() -> None:
        if stop.is_set():
            watch.close()
            os._exit(Exit.INTERRUPTED)
        stop.set()
        if watch.deleting:
            console.warn("stopping after what is under way; once more stops at once")
        else:
            task.cancel()

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends at once
            loop.add_signal_handler(number, interrupt)
    try:
        return await task
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
        console.warn("interrupted; nothing was deleted")
        return None
