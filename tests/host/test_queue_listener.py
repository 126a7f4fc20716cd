"""A listener on a real queue, in this process, where a renewal can be made to come late."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NoReturn

from azure.storage.queue import QueueMessage

from devhost.azurite import Azurite
from devhost.functions import Function, QueueTrigger, describe
from devhost.protos import TypedData
from devhost.queue_listener import Pace, QueueListener
from devhost.queue_message import Processor
from devhost.queue_output import Queues
from devhost.runner import Runner
from devhost.settings import QueueOptions
from devhost.worker import Outcome, Worker
from tests.host.target import Queue

OPTIONS = QueueOptions(batch_size=1, new_batch_threshold=1)


def never() -> NoReturn:
    """Stand for the end of a worker, which no test here reaches."""
    raise AssertionError


class HeldRunner(Runner):
    """Counts the runs, each of which lasts until `release` is set."""

    def __init__(self, queues: Queues) -> None:
        super().__init__(Worker(), queues, timeout=timedelta(hours=1), on_timeout=never)
        self.runs = 0
        self.release = asyncio.Event()

    async def run(
        self,
        function: Function,
        inputs: Mapping[str, TypedData],
        trigger_metadata: Mapping[str, TypedData] | None = None,
    ) -> Outcome:
        """Count, wait, succeed."""
        self.runs += 1
        await self.release.wait()
        return Outcome(failure=None)


class WatchedProcessor(Processor):
    """Tells when a message came a second time."""

    came_again = False

    def adopt(self, message: QueueMessage) -> bool:
        """Note what the processor decides."""
        adopted = super().adopt(message)
        self.came_again = self.came_again or adopted
        return adopted


async def until(happened: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110  the outside world sets no event
            await asyncio.sleep(0.05)


async def test_message_that_comes_again_is_not_run_again(azurite: Azurite) -> None:
    """A late renewal lets a message come back while it is at work: the run goes on, once."""
    queue = Queue(azurite.connection_string, "late")
    queue.put("hello")
    queues = Queues(OPTIONS)
    trigger = QueueTrigger("msg", queue.name, queue.storage)
    function = Function(describe("late", "1", []), trigger, ())
    runner = HeldRunner(queues)
    # Renewed every 20 seconds, but hidden for one second only.
    processor = WatchedProcessor(
        function, trigger, runner=runner, queues=queues, options=OPTIONS, invisibility=60
    )
    client = queues.client(queue.storage, queue.name)
    listener = QueueListener(client, processor, OPTIONS, Pace(invisibility=1))
    task = asyncio.create_task(listener.listen())
    await until(lambda: processor.came_again)
    runner.release.set()
    await until(queue.empty)
    task.cancel()
    await queues.close()
    assert runner.runs == 1


async def test_messages_may_create_their_queue_at_once(azurite: Azurite) -> None:
    """Many first messages of a missing queue all arrive."""
    queue = Queue(azurite.connection_string, "fresh")
    queues = Queues(OPTIONS)
    texts = [f"{number:02}" for number in range(16)]
    await asyncio.gather(*(queues.put(queue.storage, queue.name, text) for text in texts))
    await queues.close()
    assert queue.take(16) == texts
