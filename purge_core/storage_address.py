"""Where the app's queue and tables are: its storage account, with a key or without one.

The names are those of the Functions host: ``AzureWebJobsStorage`` holds a connection
string, or ``AzureWebJobsStorage__accountName`` (or one address per service) names the
account that an Azure identity reaches without a key.
Source: https://learn.microsoft.com/azure/azure-functions/functions-reference
"""

import re
from dataclasses import dataclass
from typing import Final

from purge_core.journal_address import (
    ConnectionString,
    JournalAddress,
    TableEndpoint,
    parse_journal_address,
)
from purge_core.settings_reading import Reading

STORAGE: Final = "AzureWebJobsStorage"
ACCOUNT: Final = f"{STORAGE}__accountName"
QUEUES: Final = f"{STORAGE}__queueServiceUri"
TABLES: Final = f"{STORAGE}__tableServiceUri"

_ACCOUNT: Final = re.compile("[a-z0-9]{3,24}")
_HTTPS: Final = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9]+)?/?")


@dataclass(frozen=True, slots=True)
class QueueEndpoint:
    """The queues of an account, reached with an Azure identity."""

    url: str


QueueAddress = ConnectionString | QueueEndpoint


def read_addresses(
    reading: Reading, journal: str
) -> tuple[QueueAddress | None, JournalAddress | None]:
    """Find the queues, and the tables: those that ``journal`` names, else the account's.

    ``None``: nothing says where they are.
    """
    connection = reading.secret(STORAGE, _parse_connection)
    account = reading.parsed(ACCOUNT, _account, None)
    named = reading.secret(journal, parse_journal_address)
    queues = reading.parsed(QUEUES, _https, None) or _of(account, "queue")
    tables = reading.parsed(TABLES, _https, None) or _of(account, "table")
    return (
        connection or (QueueEndpoint(queues) if queues else None),
        named or connection or (TableEndpoint(tables) if tables else None),
    )


def _parse_connection(text: str) -> ConnectionString:
    address = parse_journal_address(text)
    if isinstance(address, ConnectionString):
        return address
    raise ValueError(f"a connection string of a storage account, or {ACCOUNT} for its name")


def _of(account: str | None, service: str) -> str | None:
    return None if account is None else f"https://{account}.{service}.core.windows.net"


def _account(text: str) -> str | None:
    if _ACCOUNT.fullmatch(text) is None:
        raise ValueError("the name of a storage account: 3 to 24 of a-z and 0-9")
    return text


def _https(text: str) -> str | None:
    if _HTTPS.fullmatch(text) is None:
        raise ValueError("an https address such as https://NAME.queue.core.windows.net")
    return text.rstrip("/")
