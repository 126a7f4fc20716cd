"""Where the journal is: what is accepted, and that no key is ever repeated."""

import pytest

from purge_core.journal_address import ConnectionString, TableEndpoint, parse_journal_address

KEY = "c2VjcmV0LWtleQ=="
FULL = (
    f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={KEY};EndpointSuffix=core.windows.net"
)


@pytest.mark.parametrize(
    "text",
    [
        FULL,
        f"{FULL};",
        f"AccountName=a;AccountKey={KEY};TableEndpoint=http://127.0.0.1:10002/a;",
        "TableEndpoint=https://a.table.core.windows.net;SharedAccessSignature=sv=1&sig=c2VjcmV0",
    ],
)
def test_connection_strings(text: str) -> None:
    """Those of the portal and of Azurite, with a key or a signature."""
    assert parse_journal_address(f" {text}\n") == ConnectionString(text)


@pytest.mark.parametrize(
    "text",
    ["UseDevelopmentStorage=true", "usedevelopmentstorage=TRUE", "UseDevelopmentStorage=true;"],
)
def test_development_storage(text: str) -> None:
    """The short name of Azurite, however it is written."""
    assert parse_journal_address(text) == ConnectionString("UseDevelopmentStorage=true")


@pytest.mark.parametrize(
    "text",
    ["https://a.table.core.windows.net", "https://a.table.core.windows.net/", "https://a.b:8443"],
)
def test_endpoints(text: str) -> None:
    """An https address is reached with an Azure identity."""
    assert parse_journal_address(text) == TableEndpoint(text.rstrip("/"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "a;b;c",
        f"AccountKey={KEY}",
        "AccountName=a",
        "AccountName=a;AccountKey=",
        "AccountName=a;AccountKey=secret no base64",
        f"AccountName=a;AccountName=b;AccountKey={KEY}",
        f"AccountName=a;;AccountKey={KEY}",
        "SharedAccessSignature=sig=secret",
        "UseDevelopmentStorage=false",
        "http://a.table.core.windows.net",
        "https://",
        "https://user:secret@a.table.core.windows.net",
        "https://a.table.core.windows.net?sig=secret",
        "https://a.table.core.windows.net#secret",
        "https://[::1",
        "https://a:port",
        "ftp://a/secret",
    ],
)
def test_what_is_no_address(text: str) -> None:
    """It is refused with what is expected, and without what was found."""
    with pytest.raises(ValueError, match="connection string") as caught:
        parse_journal_address(text)
    assert "secret" not in str(caught.value)
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_key_is_not_shown() -> None:
    """Neither by repr nor by str."""
    address = parse_journal_address(FULL)
    assert KEY not in f"{address!r} {address}"
