"""A throw-away certificate authority, and the server's certificate from it."""

import ssl
from functools import cache
from pathlib import Path
from typing import Final

import trustme

NAMES: Final = ("127.0.0.1", "::1", "localhost")
"""The addresses that the certificate is for."""


@cache
def _authority() -> trustme.CA:
    """One per process: making keys is slow, and nobody outside of it trusts them."""
    return trustme.CA(organization_name="acr_emulator")


@cache
def server_context() -> ssl.SSLContext:
    """What the server proves itself with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _authority().issue_cert(*NAMES).configure_cert(context)
    return context


def write_authority(path: Path) -> None:
    """Write the authority's certificate (PEM), for clients to trust."""
    _authority().cert_pem.write_to_path(str(path))
