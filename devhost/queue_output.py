"""Queues of a storage account: clients, the encoding of messages, the queue output binding."""

import base64
import binascii
import contextlib
import json

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue.aio import QueueClient

from devhost.errors import OutputError
from devhost.functions import QueueOutput
from devhost.protos import Message
from devhost.settings import QueueOptions


def messages_of(value: Message) -> list[str]:
    """Return the messages that an output value stands for.

    As the .NET host does it: a list, or a text that is a JSON array, is one message per element,
    and an element that is not a text goes as JSON; anything else is one message.
    """
    kind = value.WhichOneof("data")
    payload = getattr(value, kind) if kind else None
    match payload:
        case bytes():
            try:
                return [payload.decode()]
            except UnicodeDecodeError:
                raise OutputError("a queue message must be UTF-8 text") from None
        case str():
            try:
                document = json.loads(payload)
            except ValueError:
                return [payload]
            if not isinstance(document, list):
                return [payload]
            return [item if isinstance(item, str) else json.dumps(item) for item in document]
        case None:
            return []
        case _:
            return [str(payload)]


class Encoding:
    """`messageEncoding` of host.json: what a message looks like in the queue."""

    def __init__(self, options: QueueOptions) -> None:
        self._base64 = options.base64

    def encode(self, text: str) -> str:
        """Return a message as the queue holds it."""
        return base64.b64encode(text.encode()).decode() if self._base64 else text

    def decode(self, raw: str) -> str | None:
        """Return the message, or None when it is not in this encoding."""
        if not self._base64:
            return raw
        try:
            return base64.b64decode(raw, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None


class Queues:
    """The open queue clients of a host, by connection and queue."""

    def __init__(self, options: QueueOptions) -> None:
        self.encoding = Encoding(options)
        self._clients: dict[tuple[str, str], QueueClient] = {}

    def client(self, connection: str, queue: str) -> QueueClient:
        """Return the client of a queue; its texts go through unchanged."""
        key = (connection, queue)
        if key not in self._clients:
            # Few and quick retries: the emulator is local, and the listeners try again anyway.
            self._clients[key] = QueueClient.from_connection_string(
                connection, queue, retry_total=2, initial_backoff=1, increment_base=1
            )
        return self._clients[key]

    async def put(self, connection: str, queue: str, raw: str) -> None:
        """Put an encoded message into a queue, which is created when it is missing."""
        client = self.client(connection, queue)
        try:
            await client.send_message(raw)
        except ResourceNotFoundError:
            # Another message may be creating it just now.
            with contextlib.suppress(ResourceExistsError):
                await client.create_queue()
            await client.send_message(raw)

    async def deliver(self, output: QueueOutput, value: Message) -> None:
        """Send what a function handed to an output binding; raises OutputError."""
        for text in messages_of(value):
            try:
                await self.put(output.connection, output.queue, self.encoding.encode(text))
            except AzureError as error:
                raise OutputError(f"cannot send to the queue {output.queue}: {error}") from error

    async def close(self) -> None:
        """Close all clients."""
        for client in self._clients.values():
            await client.close()
