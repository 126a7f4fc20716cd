"""The outbox port: what is sent arrives, as the host reads it, and not too early."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from purge_core.adapters.queue_outbox import open_queue_outbox
from purge_core.errors import InputError, OutboxError
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.journal_address import ConnectionString
from purge_core.messages import MOST_BYTES, Message, Phase, read_message
from purge_core.model import RepositoryName
from purge_core.outbox import WORK_QUEUE, Outbox
from purge_core.records.journal import RunId
from purge_core.storage_address import QueueEndpoint
from tests.fake_outbox import FakeOutbox

PURGE = Message(
    phase=Phase.PURGE,
    run=RunId("run"),
    registry="contoso.azurecr.io",
    repository=RepositoryName("team/ü"),
)
LATER = Span(600 * TICKS_PER_SECOND)


@dataclass
class Desk:
    """An outbox under test, and a look at what can be taken from it now."""

    outbox: Outbox
    take: Callable[[], Awaitable[list[Message]]]


@pytest_asyncio.fixture(params=["fake", "azurite"])
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """Give an outbox whose queue does not exist yet: the fake, then the adapter on Azurite."""
    if request.param == "fake":
        fake = FakeOutbox()

        async def waiting() -> list[Message]:
            return [letter.message for letter in fake.letters if not letter.delay]

        yield Desk(fake, waiting)
        return
    storage = request.getfixturevalue("storage")
    queue = QueueClient.from_connection_string(
        storage, WORK_QUEUE, message_decode_policy=TextBase64DecodePolicy()
    )

    async def visible() -> list[Message]:
        return [read_message(m.content) for m in queue.receive_messages(visibility_timeout=1)]

    async with open_queue_outbox(ConnectionString(storage)) as outbox:
        yield Desk(outbox, visible)
    with queue:
        queue.delete_queue()


async def test_what_is_sent_arrives(desk: Desk) -> None:
    """Every message can be taken, with all it says; the queue comes into being by itself."""
    gate = Message(phase=Phase.GATE, run=RunId("run"), registry="contoso.azurecr.io", attempt=2)
    await desk.outbox.send(PURGE)
    await desk.outbox.send(gate)
    found = await desk.take()
    assert len(found) == 2
    assert PURGE in found
    assert gate in found


async def test_a_delay_holds_back(desk: Desk) -> None:
    """A message with a delay cannot be taken at once."""
    await desk.outbox.send(PURGE, LATER)
    assert await desk.take() == []


async def test_what_is_too_large_is_not_sent(desk: Desk) -> None:
    """A message beyond the limit is refused, and nothing arrives."""
    name = RepositoryName("x" * MOST_BYTES)
    large = Message(phase=Phase.PURGE, run=RunId("r"), registry="c", repository=name)
    with pytest.raises(InputError):
        await desk.outbox.send(large)
    await desk.outbox.send(PURGE)
    assert await desk.take() == [PURGE]


async def test_messages_do_not_expire(storage: str) -> None:
    """The week after which a queue forgets messages by default does not apply."""
    async with open_queue_outbox(ConnectionString(storage), "expiry-test") as outbox:
        await outbox.send(PURGE)
    with QueueClient.from_connection_string(storage, "expiry-test") as queue:
        (message,) = queue.peek_messages()
        queue.delete_queue()
    assert message.expires_on is not None
    assert message.expires_on.year == 9999


async def test_a_queue_that_does_not_answer() -> None:
    """What could not be handed on is an error that names the work and no address."""
    dead = ConnectionString(
        "AccountName=a;AccountKey=c2VjcmV0;QueueEndpoint=http://127.0.0.1:1/a;"
        "TableEndpoint=http://127.0.0.1:1/a"
    )
    async with open_queue_outbox(dead, retries=0) as outbox:
        with pytest.raises(OutboxError, match="purge of team/ü") as failed:
            await outbox.send(PURGE)
    assert "c2VjcmV0" not in str(failed.value)


async def test_an_address_that_cannot_be_used() -> None:
    """A wrong address is told without repeating it."""
    with pytest.raises(OutboxError) as failed:
        async with open_queue_outbox(ConnectionString("AccountKey=c2VjcmV0")):
            pass
    assert "c2VjcmV0" not in str(failed.value)


async def test_an_endpoint_needs_no_key() -> None:
    """With an endpoint the client is made with an Azure identity, and sends nothing yet."""
    async with open_queue_outbox(QueueEndpoint("https://logs.queue.core.windows.net")) as outbox:
        assert outbox is not None
