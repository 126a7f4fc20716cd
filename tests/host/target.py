"""How the tests reach a host: HTTP and storage queues, nothing else."""

import base64
import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, TypeVar
from urllib.parse import urlsplit

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueClient

T = TypeVar("T")


def eventually(look: Callable[[], T | None], what: str, seconds: float = 150) -> T:
    """Return what `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come")


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:  # noqa: ANN401  a document may be anything
        """Return the body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Target:
    """A running host, whichever it is, and its storage."""

    url: str
    key: str
    master_key: str
    storage: str

    def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Reply:
        """Send a request; with the host key unless `key` says otherwise (`""` for none)."""
        key = self.key if key is None else key
        sent = {**({"x-functions-key": key} if key else {}), **(headers or {})}
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        try:
            connection.request(method, path, body=body or None, headers=sent)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def run_manually(self, function: str, *, key: str | None = None) -> Reply:
        """Start a function through the admin endpoint; with the master key by default."""
        return self.call(
            "POST",
            f"/admin/functions/{function}",
            body=b"{}",
            headers={"Content-Type": "application/json"},
            key=self.master_key if key is None else key,
        )

    def queue(self, name: str) -> "Queue":
        """Return a queue of the storage account."""
        return Queue(self.storage, name)


@dataclass(frozen=True, slots=True)
class Queue:
    """A storage queue with base64 messages."""

    storage: str
    name: str

    def client(self) -> QueueClient:
        """Return a client that passes texts through unchanged."""
        return QueueClient.from_connection_string(self.storage, self.name)

    def put(self, text: str) -> None:
        """Send a message in the encoding that host.json asks for."""
        self.put_raw(base64.b64encode(text.encode()).decode())

    def put_raw(self, raw: str) -> None:
        """Send a message as it is."""
        with self.client() as client:
            self._create(client)
            client.send_message(raw)

    def clear(self) -> None:
        """Leave the queue empty, and in existence."""
        with self.client() as client:
            self._create(client)
            client.clear_messages()

    def take(self, count: int) -> list[str]:
        """Wait for so many messages, remove and return them, sorted."""
        taken: list[str] = []

        def look() -> list[str] | None:
            taken.extend(self.drain())
            return taken if len(taken) >= count else None

        return sorted(eventually(look, f"message {count} of {self.name}"))

    def empty(self) -> bool:
        """Tell whether no message is left, hidden ones counted."""
        with self.client() as client:
            return client.get_queue_properties().approximate_message_count == 0

    def drain(self) -> list[str]:
        """Remove and return the messages that are visible now."""
        texts = []
        with self.client() as client:
            try:
                for message in client.receive_messages(messages_per_page=32):
                    client.delete_message(message)
                    texts.append(_decoded(message.content))
            except ResourceNotFoundError:
                return texts
        return texts

    @staticmethod
    def _create(client: QueueClient) -> None:
        try:
            client.create_queue()
        except ResourceExistsError:
            return


def _decoded(raw: str) -> str:
    """Return a message's text; what is not base64 as it is (the app tells some things without)."""
    try:
        return base64.b64decode(raw, validate=True).decode()
    except ValueError:
        return raw
