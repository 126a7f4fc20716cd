"""The port through which work is handed on to whoever is free."""

from typing import Final, Protocol

from purge_core.instants import Span
from purge_core.messages import Message

WORK_QUEUE: Final = "purge-work"
"""The queue that the app listens to; what fails again and again moves to the next one."""
POISON_QUEUE: Final = "purge-work-poison"

NOW: Final = Span(0)


class Outbox(Protocol):
    """Hands messages on. Each is delivered at least once, in no particular order."""

    async def send(self, message: Message, delay: Span = NOW) -> None:
        """Hand a message on, to be delivered after ``delay`` at the earliest.

        Raises:
            OutboxError: it is not known to have been handed on.

        """
        ...
