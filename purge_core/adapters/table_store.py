"""The store in the tables of a storage account. See ``purge_core.records.store``."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, assert_never

from azure.data.tables.aio import TableServiceClient

from purge_core.adapters.tables.calls import Patience
from purge_core.adapters.tables.expiry import ExpiryTables
from purge_core.adapters.tables.history import HistoryTables
from purge_core.adapters.tables.leases import LeaseTables
from purge_core.adapters.tables.manifests import ManifestTables
from purge_core.adapters.tables.repositories import RepositoryTables
from purge_core.adapters.tables.service import Tables
from purge_core.errors import JournalError
from purge_core.journal_address import ConnectionString, JournalAddress, TableEndpoint

_CLIENT: Final[dict[str, Any]] = {
    # Calls are repeated by ``tables.calls``, which knows which of them may be.
    "retry_total": 0,
    # Seconds.
    "connection_timeout": 10,
    "read_timeout": 60,
}


class TableStore(RepositoryTables, HistoryTables, LeaseTables, ExpiryTables, ManifestTables):
    """Everything that is remembered.

    Implements ``purge_core.records.store.RunStore`` and ``ManifestMemory``.
    """


@asynccontextmanager
async def open_table_store(
    address: JournalAddress, patience: Patience | None = None
) -> AsyncIterator[TableStore]:
    """Open the store at ``address``; an endpoint is reached with the Azure identity at hand.

    Nothing is sent before something is asked for.

    Raises:
        JournalError: the address cannot be used.

    """
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(await _client(address, stack))
        yield TableStore(Tables(client, patience or Patience()))


async def _client(address: JournalAddress, stack: AsyncExitStack) -> TableServiceClient:
    try:
        match address:
            case ConnectionString():
                return TableServiceClient.from_connection_string(address.text, **_CLIENT)
            case TableEndpoint():
                from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - slow

                credential = await stack.enter_async_context(DefaultAzureCredential())
                return TableServiceClient(address.url, credential=credential, **_CLIENT)
            case _:
                assert_never(address)
    except ValueError:
        # The client's message may repeat the address, key included.
        raise JournalError("the journal's address cannot be used") from None
