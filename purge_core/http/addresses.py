"""The addresses of the app's pages, as whoever asks reaches them."""

import re
from typing import Final
from urllib.parse import urlsplit

from purge_core.http.exchange import Request
from purge_core.http.queries import KEY
from purge_core.pages.links import SOMEWHERE, AppLinks

_HOST: Final = re.compile(
    r"([a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?"
)
_SELF: Final = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]")
"""Names of the machine itself, which nobody else hears."""


def links_of(request: Request) -> AppLinks:
    """Give the links of a page: a key that came in the address, and only that, goes along."""
    return AppLinks(request.query.get(KEY), origin_of(request.url))


def origin_of(url: str) -> str:
    """Give scheme and host of an address; ``SOMEWHERE`` where no plain host is in it.

    The host is whatever the caller wrote into the header of that name, and a page shows it in a
    command for a shell. Nothing but letters, digits, dots and hyphens gets there. That command
    sends a key: it goes in the clear to nobody but the machine itself. (Behind a front end that
    ends TLS, an app sees ``http`` where its callers see ``https``.)
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return SOMEWHERE
    found = _HOST.fullmatch(parts.netloc.lower())
    if found is None or parts.scheme not in ("http", "https"):
        return SOMEWHERE
    host, port = found[1], found[2] or ""
    if parts.scheme == "https" or _SELF.fullmatch(host):
        return f"{parts.scheme}://{host}{port}"
    return f"https://{host}{'' if port == ':80' else port}"
