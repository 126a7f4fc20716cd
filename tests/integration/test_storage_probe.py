"""`doctor` looks at queues and tables: what it sees, and that it leaves nothing behind."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from azure.core.credentials import AzureNamedKeyCredential
from azure.data.tables import AccountSasPermissions as TablePermissions
from azure.data.tables import ResourceTypes as TableTypes
from azure.data.tables import generate_account_sas as table_signature
from azure.data.tables.aio import TableServiceClient
from azure.storage.queue import AccountSasPermissions, ResourceTypes, generate_account_sas
from azure.storage.queue.aio import QueueServiceClient

from devhost.azurite import ACCOUNT, KEY, Azurite
from purge_core.adapters.storage_probe import look_at_queues, look_at_tables
from purge_core.adapters.tables.keys import TABLES
from purge_core.checkup.sights import ServiceSight
from purge_core.journal_address import ConnectionString
from purge_core.outbox import POISON_QUEUE, WORK_QUEUE

ABSENT = ServiceSight("", exists=False, may_read=True, may_write=True)
PRESENT = replace(ABSENT, exists=True)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the connection string of an Azurite that nobody else uses."""
    folder = tmp_path_factory.mktemp("probed")
    with Azurite.start(folder) as azurite:
        yield azurite.connection_string


@asynccontextmanager
async def queues(account: str) -> AsyncIterator[QueueServiceClient]:
    """Open the queues, and delete them afterwards."""
    async with QueueServiceClient.from_connection_string(account) as client:
        yield client
        for name in [queue.name async for queue in client.list_queues()]:
            await client.delete_queue(name)


def without_key(account: str, signature: str) -> ConnectionString:
    """Give the address with a signature in place of the key."""
    text = re.sub("AccountKey=[^;]+;", "", account)
    return ConnectionString(f"{text}SharedAccessSignature={signature}")


async def test_nothing_is_there_yet(account: str) -> None:
    """It may be made; looking makes nothing."""
    _, seen_queues = await look_at_queues(ConnectionString(account))
    _, seen_tables = await look_at_tables(ConnectionString(account))
    assert seen_queues == [replace(ABSENT, name=name) for name in (WORK_QUEUE, POISON_QUEUE)]
    assert seen_tables == [replace(ABSENT, name=name) for name in TABLES]
    async with queues(account) as client:
        assert [queue.name async for queue in client.list_queues()] == []
    async with TableServiceClient.from_connection_string(account) as tables:
        assert [table.name async for table in tables.list_tables()] == []


async def test_messages_wait(account: str) -> None:
    """They are counted, and neither taken nor deleted."""
    async with queues(account) as client:
        queue = await client.create_queue(POISON_QUEUE)
        for text in ("a", "b"):
            await queue.send_message(text)
        host, (work, poison) = await look_at_queues(ConnectionString(account))
        assert (await queue.get_queue_properties()).approximate_message_count == 2
        assert [m.content async for m in queue.receive_messages()] == ["a", "b"]
    assert host.startswith("127.0.0.1:")
    assert (work.exists, work.waiting) == (False, None)
    assert poison == replace(PRESENT, name=POISON_QUEUE, waiting=2)


async def test_rows_stay(account: str) -> None:
    """A table that is there is read, and nothing in it is deleted."""
    async with TableServiceClient.from_connection_string(account) as service:
        table = await service.create_table(TABLES[0])
        await table.create_entity({"PartitionKey": "doctor", "RowKey": "other"})
        _, sights = await look_at_tables(ConnectionString(account))
        rows = [row["RowKey"] async for row in table.list_entities()]
        await service.delete_table(TABLES[0])
    assert sights[0] == replace(PRESENT, name=TABLES[0])
    assert rows == ["other"]


async def test_a_right_to_read_only(account: str) -> None:
    """What may only be read shows, without a write."""
    soon = datetime.now(UTC) + timedelta(hours=1)
    queue = generate_account_sas(
        ACCOUNT, KEY, ResourceTypes(service=True, object=True, container=True),
        AccountSasPermissions(read=True, list=True), soon,
    )  # fmt: skip
    table = table_signature(
        AzureNamedKeyCredential(ACCOUNT, KEY),
        TableTypes(service=True, object=True, container=True),
        TablePermissions(read=True, list=True), soon,
    )  # fmt: skip
    async with queues(account) as client:
        await client.create_queue(WORK_QUEUE)
        _, (work, _) = await look_at_queues(without_key(account, queue))
    _, sights = await look_at_tables(without_key(account, table))
    assert (work.may_read, work.may_write) == (True, False)
    assert {(sight.may_read, sight.may_write) for sight in sights} == {(True, False)}


@pytest.mark.parametrize(
    ("old", "new", "answered"),
    [(KEY[:4], "AAAA", True), (r"127\.0\.0\.1:\d+", "127.0.0.1:1", False)],
)
async def test_trouble(account: str, old: str, new: str, answered: bool) -> None:
    """A wrong key and a wrong place are told apart, and no key is told."""
    address = ConnectionString(re.sub(old, new, account))
    _, seen_queues = await look_at_queues(address)
    _, seen_tables = await look_at_tables(address)
    for sight in (*seen_queues, *seen_tables):
        assert sight.trouble is not None
        assert sight.answered is answered
        assert KEY[4:] not in sight.trouble
