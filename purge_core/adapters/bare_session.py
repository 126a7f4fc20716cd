"""A session for addresses that are no registry: it knows no secret, and follows nobody's lead."""

from collections.abc import Mapping
from typing import Final

import aiohttp

from purge_core.adapters.trust import trusted_context

_HEADERS: Final = {"Accept-Encoding": "identity", "User-Agent": "acr-purge"}


def bare_session(headers: Mapping[str, str] | None = None) -> aiohttp.ClientSession:
    """Open a session without cookies, proxies, and what ~/.netrc holds.

    ``SSL_CERT_FILE`` says whom to trust, as OpenSSL reads it.

    Raises:
        SettingsError: ``SSL_CERT_FILE`` names no certificates.

    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=trusted_context()),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={**_HEADERS, **(headers or {})},
        auto_decompress=False,
        trust_env=False,
    )
