"""Where the records of runs are kept, as the owner writes it: strictly read, never shown.

A connection string holds a key, so neither ``repr`` nor any error repeats it.
"""

from base64 import b64decode
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

EXPECTED: Final = (
    "a connection string of a storage account, UseDevelopmentStorage=true, "
    "or the https endpoint of its tables (https://NAME.table.core.windows.net)"
)
_DEVELOPMENT: Final = "usedevelopmentstorage=true"


@dataclass(frozen=True, slots=True)
class ConnectionString:
    """An account with its key, or with a shared access signature."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TableEndpoint:
    """The tables of an account, reached with an Azure identity."""

    url: str


JournalAddress = ConnectionString | TableEndpoint


def parse_journal_address(text: str) -> JournalAddress:
    """Read an address.

    Raises:
        ValueError: it is none; says what is expected and never what was found.

    """
    address = text.strip()
    if "://" in address.partition(";")[0].partition("=")[0]:
        return TableEndpoint(_endpoint(address))
    if address.lower().rstrip(";") == _DEVELOPMENT:
        return ConnectionString("UseDevelopmentStorage=true")
    _require_account(address)
    return ConnectionString(address)


def _endpoint(address: str) -> str:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise ValueError(EXPECTED) from None
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise ValueError(EXPECTED)
    if parts.query or parts.fragment:
        raise ValueError(f"{EXPECTED}; an endpoint carries no key and no signature")
    return address.rstrip("/")


def _require_account(address: str) -> None:
    pairs = [pair.partition("=") for pair in address.rstrip(";").split(";")]
    given = {name.lower(): value for name, _, value in pairs if value}
    key = "accountname" in given and _is_key(given.get("accountkey", ""))
    place = "tableendpoint" in given or "accountname" in given
    signature = "accountkey" not in given and "sharedaccesssignature" in given and place
    if len(given) < len(pairs) or not (key or signature):
        raise ValueError(EXPECTED)


def _is_key(text: str) -> bool:
    try:
        return bool(b64decode(text, validate=True))
    except ValueError:
        return False
