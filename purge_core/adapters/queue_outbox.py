"""The outbox on a storage queue, in the encoding that host.json asks for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, assert_never

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import TextBase64EncodePolicy
from azure.storage.queue.aio import QueueClient

from purge_core.errors import OutboxError
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.journal_address import ConnectionString
from purge_core.messages import Message, write_message
from purge_core.outbox import NOW, WORK_QUEUE
from purge_core.storage_address import QueueAddress, QueueEndpoint

_LONGEST_DELAY: Final = 7 * 86_400
"""Seconds; the service permits no longer one."""
_NEVER_EXPIRES: Final = -1
_OPTIONS: Final[dict[str, Any]] = {
    # Without it the host cannot read the messages, and moves every one to the poison queue.
    "message_encode_policy": TextBase64EncodePolicy(),
    "connection_timeout": 10,
    "read_timeout": 30,
}
_RETRIES: Final = 3


class QueueOutbox:
    """A storage queue, made when it is missing. Implements ``purge_core.outbox.Outbox``."""

    def __init__(self, client: QueueClient) -> None:
        """Send through ``client``, which stays the caller's."""
        self._client = client
        self._making = asyncio.Lock()

    async def send(self, message: Message, delay: Span = NOW) -> None:
        """Put a message into the queue."""
        text = write_message(message)
        seconds = min(-(-delay // TICKS_PER_SECOND), _LONGEST_DELAY)
        try:
            try:
                await self._put(text, seconds)
            except ResourceNotFoundError:
                await self._make()
                await self._put(text, seconds)
        except AzureError as error:
            what = f"{message.phase.value} of {message.repository or message.registry}"
            raise OutboxError(f"{what} could not be queued: {type(error).__name__}") from error

    async def _put(self, text: str, seconds: int) -> None:
        await self._client.send_message(
            text, visibility_timeout=seconds, time_to_live=_NEVER_EXPIRES
        )

    async def _make(self) -> None:
        async with self._making:
            try:
                await self._client.create_queue()
            except ResourceExistsError:
                return


@asynccontextmanager
async def open_queue_outbox(
    address: QueueAddress, queue: str = WORK_QUEUE, *, retries: int = _RETRIES
) -> AsyncIterator[QueueOutbox]:
    """Open the outbox at ``address``; an endpoint is reached with the Azure identity at hand.

    Nothing is sent before there is a message; one that gets no answer is repeated
    ``retries`` times.

    Raises:
        OutboxError: the address cannot be used.

    """
    async with AsyncExitStack() as stack:
        options = {**_OPTIONS, "retry_total": retries}
        client = await _client(address, queue, options, stack)
        await stack.enter_async_context(client)
        yield QueueOutbox(client)


async def _client(
    address: QueueAddress, queue: str, options: dict[str, Any], stack: AsyncExitStack
) -> QueueClient:
    try:
        match address:
            case ConnectionString():
                return QueueClient.from_connection_string(address.text, queue, **options)
            case QueueEndpoint():
                from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - slow

                credential = await stack.enter_async_context(DefaultAzureCredential())
                return QueueClient(address.url, queue, credential=credential, **options)
            case _:
                assert_never(address)
    except ValueError:
        # The client's message may repeat the address, key included.
        raise OutboxError("the address of the queue cannot be used") from None
