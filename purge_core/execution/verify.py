"""One view for all: two reads at most every two seconds serve every step of a repository.

A view counts from before its reads were sent until a delete is sent; one that is older
proves nothing any more. Steps that need a view in the same moment wait for the same one.
"""

import asyncio
from typing import Final

from purge_core.errors import Unavailable
from purge_core.execution.looking import Looking
from purge_core.execution.pacing import Traffic
from purge_core.execution.view import View
from purge_core.registry import MAX_AGE

_TRIES: Final = 8
"""So often it is looked while every look comes too late: a busy machine has better moments."""


class Views:
    """The views of one repository."""

    def __init__(self, looking: Looking, traffic: Traffic) -> None:
        """Begin without a view."""
        self._looking = looking
        self._traffic = traffic
        self._view: View | None = None
        self._reading: asyncio.Task[View] | None = None
        self._waiting = 0

    def is_fresh(self, view: View) -> bool:
        """Whether a delete that is sent in this moment is still covered by ``view``."""
        return self._traffic.seconds() - view.since <= MAX_AGE

    @property
    def at_hand(self) -> View | None:
        """The view that may be used in this moment, if there is one."""
        view = self._view
        return view if view is not None and self.is_fresh(view) else None

    def offer(self, view: View) -> None:
        """Let the steps use a view that was read elsewhere, while it is fresh."""
        self._view = view

    def forget(self) -> None:
        """Have the next step look again: something may have happened since."""
        self._view = self._reading = None

    async def fresh(self) -> View:
        """Give a view that is fresh in this moment. The caller holds a slot.

        Raises:
            RegistryError: there is none; nothing may be deleted.

        """
        for _ in range(_TRIES):
            if (view := self.at_hand) is not None:
                return view
            await self._read()
        raise Unavailable(f"{self._looking.repository} takes longer to read than a view may age")

    async def _read(self) -> None:
        """Begin to read, unless that is under way, and wait for the end.

        The slots of those who wait are idle: the reading may send so many requests at once.
        """
        reading = self._reading
        if reading is None:
            spare = self._spare
            reading = self._reading = asyncio.create_task(self._looking.changes(spare))
            reading.add_done_callback(self._landed)
        self._waiting += 1
        try:
            await asyncio.shield(reading)
        finally:
            self._waiting -= 1

    def _spare(self) -> int:
        return self._waiting - 1

    def _landed(self, reading: asyncio.Task[View]) -> None:
        """Keep the view, unless it was forgotten while it was read."""
        if self._reading is reading:
            self._reading = None
            if not reading.cancelled() and reading.exception() is None:
                self._view = reading.result()
