"""A queue in memory behind ``purge_core.outbox.Outbox``: a fake that keeps state.

What was sent waits as a letter until a test takes it; a letter that was taken and not removed can
be delivered again. Faults and lost answers can be arranged.
"""

import asyncio
from dataclasses import dataclass, field
from itertools import count

from purge_core.errors import OutboxError
from purge_core.instants import Span
from purge_core.messages import Message, read_message, write_message
from purge_core.outbox import NOW


@dataclass(slots=True)
class Letter:
    """A message in the queue; ``deliveries`` counts how often it was taken."""

    id: str
    text: str
    delay: Span
    deliveries: int = 0

    @property
    def message(self) -> Message:
        """Read it."""
        return read_message(self.text)


@dataclass(slots=True)
class FakeOutbox:
    """A queue in memory. Implements ``purge_core.outbox.Outbox``.

    ``letters`` are those that wait, in the order in which they came.
    """

    letters: list[Letter] = field(default_factory=list)
    failures: int = 0
    lost_answers: int = 0
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    async def send(self, message: Message, delay: Span = NOW) -> None:
        """Keep a message, unless a fault was arranged."""
        await asyncio.sleep(0)  # others get their turn, as on a network
        if self.failures:
            self.failures -= 1
            raise OutboxError("the queue does not answer")
        self.letters.append(Letter(f"m{next(self._ids)}", write_message(message), delay))
        if self.lost_answers:
            self.lost_answers -= 1
            raise OutboxError("the answer of the queue was lost")

    @property
    def messages(self) -> list[Message]:
        """All that wait."""
        return [letter.message for letter in self.letters]
