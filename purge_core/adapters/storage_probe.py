"""Looks at queues and tables without changing anything.

Whether something may be written shows by deleting what is not there: who may answers
404, who may not 403.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from typing import Any, Final, assert_never
from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)
from azure.data.tables.aio import TableServiceClient
from azure.storage.queue.aio import QueueServiceClient

from purge_core.adapters.tables.calls import code_of, refused, status_of
from purge_core.adapters.tables.keys import TABLES
from purge_core.checkup.sights import ServiceSight
from purge_core.journal_address import ConnectionString, JournalAddress, TableEndpoint
from purge_core.outbox import POISON_QUEUE, WORK_QUEUE
from purge_core.storage_address import QueueAddress, QueueEndpoint

_QUICK: Final[dict[str, Any]] = {"retry_total": 0, "connection_timeout": 10, "read_timeout": 20}
_NOBODY: Final = "doctor"
"""The key of a row, and part of a message's name, that nothing ever has."""
_NO_MESSAGE: Final = ("00000000-0000-0000-0000-000000000000", "AAAAAAAAAAAAAAAA")
_NOT_FOR_A_ROLE: Final = frozenset({"AuthorizationFailure", "AuthenticationFailed"})
"""Refusals that no role mends: a firewall, a wrong key."""
_DENIED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


async def look_at_queues(address: QueueAddress) -> tuple[str, Sequence[ServiceSight]]:
    """Look at the app's queues; give the host of the account, too."""
    async with AsyncExitStack() as stack:
        client: QueueServiceClient
        match address:
            case ConnectionString():
                client = QueueServiceClient.from_connection_string(address.text, **_QUICK)
            case QueueEndpoint():
                credential = await stack.enter_async_context(_credential())
                client = QueueServiceClient(address.url, credential=credential, **_QUICK)
            case _:
                assert_never(address)
        await stack.enter_async_context(client)
        names = (WORK_QUEUE, POISON_QUEUE)
        return _host(client.url), [await _queue(client, name) for name in names]


async def look_at_tables(address: JournalAddress) -> tuple[str, Sequence[ServiceSight]]:
    """Look at the tables of the records; give the host of the account, too."""
    async with AsyncExitStack() as stack:
        client: TableServiceClient
        match address:
            case ConnectionString():
                client = TableServiceClient.from_connection_string(address.text, **_QUICK)
            case TableEndpoint():
                credential = await stack.enter_async_context(_credential())
                client = TableServiceClient(address.url, credential=credential, **_QUICK)
            case _:
                assert_never(address)
        await stack.enter_async_context(client)
        return _host(client.url), [await _table(client, name) for name in TABLES]


@asynccontextmanager
async def _credential() -> AsyncIterator[AsyncTokenCredential]:
    from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - slow

    async with DefaultAzureCredential() as credential:
        yield credential


async def _queue(service: QueueServiceClient, name: str) -> ServiceSight:
    client = service.get_queue_client(name)
    waiting: list[int | None] = []

    async def read() -> None:
        waiting.append((await client.get_queue_properties()).approximate_message_count)

    async def write() -> None:
        await client.delete_message(*_NO_MESSAGE)

    return await _service(name, read, write, waiting)


async def _table(service: TableServiceClient, name: str) -> ServiceSight:
    client = service.get_table_client(name)

    async def read() -> None:
        pages = client.list_entities(results_per_page=1).by_page()
        async for _ in pages:
            break

    async def write() -> None:
        await client.delete_entity(_NOBODY, _NOBODY)

    return await _service(name, read, write, [])


async def _service(
    name: str,
    read: Callable[[], Awaitable[None]],
    write: Callable[[], Awaitable[None]],
    waiting: list[int | None],
) -> ServiceSight:
    """Try to read and to write, and tell the refusals from the rest."""
    try:
        found = await _permitted(read)
        may_write = await _permitted(write) is not False
    except AzureError as error:
        why = str(refused(error, "")).removeprefix(": ")
        answered = status_of(error) is not None
        signed_in = answered or not isinstance(error, ClientAuthenticationError)
        return ServiceSight(name, trouble=why, answered=answered, signed_in=signed_in)
    exists = {True: True, None: False, False: None}[found]
    return ServiceSight(name, exists, found is not False, may_write, next(iter(waiting), None))


async def _permitted(attempt: Callable[[], Awaitable[None]]) -> bool | None:
    """Try; true: it worked, false: it is denied, ``None``: it is permitted, and not there."""
    try:
        await attempt()
    except ResourceNotFoundError:
        return None
    except HttpResponseError as error:
        if error.status_code in _DENIED and code_of(error) not in _NOT_FOR_A_ROLE:
            return False
        if error.status_code == HTTPStatus.BAD_REQUEST:
            return None  # what is asked to be deleted is no message of this queue
        raise
    return True


def _host(url: str) -> str:
    return urlsplit(url).netloc
