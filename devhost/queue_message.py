"""One message of a trigger queue: run, kept hidden meanwhile, then deleted, put back or buried.

The rules are those of the storage extension: a message that failed `maxDequeueCount` times goes to
`<queue>-poison`, one that cannot be decoded goes there at once, and a poison queue has no poison
queue of its own.
Source: https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger
"""

import asyncio
import json
import logging
from datetime import UTC, datetime

from azure.core.exceptions import AzureError
from azure.storage.queue import QueueMessage

from devhost.functions import Function, QueueTrigger
from devhost.protos import TypedData
from devhost.queue_output import Queues
from devhost.runner import Runner
from devhost.settings import QueueOptions

log = logging.getLogger("devhost")

_SUFFIX = "-poison"
_LONGEST_QUEUE_NAME = 63


class Processor:
    """Processes the messages of one trigger; `invisibility` in seconds."""

    def __init__(
        self,
        function: Function,
        trigger: QueueTrigger,
        *,
        runner: Runner,
        queues: Queues,
        options: QueueOptions,
        invisibility: int,
    ) -> None:
        self._function = function
        self._trigger = trigger
        self._runner = runner
        self._queues = queues
        self._options = options
        self._invisibility = invisibility
        self._client = queues.client(trigger.connection, trigger.queue)
        self._receipts: dict[str, str] = {}

    def adopt(self, message: QueueMessage) -> bool:
        """Tell whether this message is at work already, and if so go on with its new receipt.

        It comes again when a renewal was late, on a busy machine.
        """
        if message.id not in self._receipts:
            return False
        self._receipts[message.id] = message.pop_receipt or ""
        return True

    async def process(self, message: QueueMessage) -> None:
        """Take a message to its end; what fails on the way leaves it to be delivered again."""
        self._receipts[message.id] = message.pop_receipt or ""
        done = asyncio.Event()
        renewal = asyncio.create_task(self._keep_hidden(message.id, done))
        try:
            succeeded = await self._run(message)
            done.set()
            await renewal
            await self._complete(message, succeeded=succeeded)
        except AzureError as error:
            log.warning(
                "message %s of %s will be delivered again: %s",
                message.id,
                self._trigger.queue,
                error,
            )
        finally:
            done.set()
            del self._receipts[message.id]

    async def _run(self, message: QueueMessage) -> bool | None:
        """Run the function; None means that no run can help and the message must be buried."""
        if self._poison_queue() and _count(message) > self._options.max_dequeue_count:
            return None
        text = self._queues.encoding.decode(message.content)
        if text is None:
            log.error("message %s of %s is not base64 text", message.id, self._trigger.queue)
            return None
        outcome = await self._runner.run(
            self._function,
            {self._trigger.parameter: TypedData(string=text)},
            trigger_metadata(message, text),
        )
        return outcome.failure is None

    async def _complete(self, message: QueueMessage, *, succeeded: bool | None) -> None:
        poison = self._poison_queue()
        hopeless = succeeded is None or _count(message) >= self._options.max_dequeue_count
        if not succeeded and poison and hopeless:
            log.error("moving message %s to %s", message.id, poison)
            await self._queues.put(self._trigger.connection, poison, message.content)
        elif not succeeded:
            delay = round(self._options.visibility_timeout.total_seconds())
            await self._client.update_message(
                message.id, self._receipts[message.id], visibility_timeout=delay
            )
            return
        await self._client.delete_message(message.id, self._receipts[message.id])

    async def _keep_hidden(self, identity: str, done: asyncio.Event) -> None:
        """Renew a message's invisibility until it is done; never interrupted half-way."""
        while not done.is_set():
            try:
                async with asyncio.timeout(self._invisibility / 3):
                    await done.wait()
            except TimeoutError:
                await self._renew(identity)

    async def _renew(self, identity: str) -> None:
        try:
            renewed = await self._client.update_message(
                identity, self._receipts[identity], visibility_timeout=self._invisibility
            )
        except AzureError as error:
            log.warning("cannot renew message %s of %s: %s", identity, self._trigger.queue, error)
        else:
            self._receipts[identity] = renewed.pop_receipt or ""

    def _poison_queue(self) -> str | None:
        name = self._trigger.queue + _SUFFIX
        nested = self._trigger.queue.endswith(_SUFFIX)
        return None if nested or len(name) > _LONGEST_QUEUE_NAME else name


def trigger_metadata(message: QueueMessage, text: str) -> dict[str, TypedData]:
    """Return what the runtime is told about a message beside its text."""
    return {
        "QueueTrigger": TypedData(string=text),
        "Id": TypedData(string=message.id),
        "PopReceipt": TypedData(string=message.pop_receipt or ""),
        "DequeueCount": TypedData(json=json.dumps(_count(message))),
        "InsertionTime": _instant(message.inserted_on),
        "ExpirationTime": _instant(message.expires_on),
        "NextVisibleTime": _instant(message.next_visible_on),
    }


def _count(message: QueueMessage) -> int:
    return message.dequeue_count or 0


def _instant(value: datetime | None) -> TypedData:
    instant = value or datetime.now(UTC)
    return TypedData(json=json.dumps(instant.astimezone(UTC).isoformat()))
