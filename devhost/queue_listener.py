"""The queue trigger's poll: how many messages are fetched, and how often."""

import asyncio
import logging
from dataclasses import dataclass

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from devhost.queue_message import Processor
from devhost.settings import QueueOptions

log = logging.getLogger("devhost")

_FASTEST = 0.05


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds.

    `invisibility`: how long a message stays hidden after the host that fetched it died (in the
    cloud up to 10 minutes). `slowest`: between two polls of an empty queue (in the cloud up to
    `maxPollingInterval`).
    """

    invisibility: int = 2
    slowest: float = 0.25


class QueueListener:
    """Feeds one function from its queue."""

    def __init__(
        self, client: QueueClient, processor: Processor, options: QueueOptions, pace: Pace
    ) -> None:
        self._client = client
        self._processor = processor
        self._options = options
        self._pace = pace
        self._tasks: set[asyncio.Task[None]] = set()
        self._freed = asyncio.Event()

    async def listen(self) -> None:
        """Fetch and process messages until cancelled; messages at work go on then."""
        slowest = min(self._pace.slowest, self._options.max_polling_interval.total_seconds())
        delay = _FASTEST
        while True:
            await self._room()
            messages = await self._fetch()
            for message in messages:
                if not self._processor.adopt(message):
                    self._start(message)
            if messages:
                delay = _FASTEST
            else:
                await asyncio.sleep(delay)
                delay = max(_FASTEST, min(delay * 2, slowest))

    async def _room(self) -> None:
        """Wait until few enough messages are at work for the next batch (`newBatchThreshold`)."""
        while len(self._tasks) > self._options.new_batch_threshold:
            self._freed.clear()
            await self._freed.wait()

    async def _fetch(self) -> list[QueueMessage]:
        """Fetch a batch; a queue that does not exist is an empty one."""
        try:
            batch = self._client.receive_messages(
                messages_per_page=self._options.batch_size,
                max_messages=self._options.batch_size,
                visibility_timeout=self._pace.invisibility,
            )
            return [message async for message in batch]
        except ResourceNotFoundError:
            return []
        except AzureError as error:
            log.warning("cannot read the queue %s: %s", self._client.queue_name, error)
            return []

    def _start(self, message: QueueMessage) -> None:
        task = asyncio.create_task(self._processor.process(message))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._freed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a message of %s was lost on", self._client.queue_name, exc_info=error)
