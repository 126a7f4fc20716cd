"""Which host a registry name means, and which kind of credential that host may receive.

A token that goes to a wrong host is a token given away, so whatever is not surely a
host name is refused before any request.
"""

import ipaddress
import re
from collections.abc import Iterable
from enum import Enum
from typing import Final

from purge_core.errors import InputError, Problem

_SUFFIX: Final = ".azurecr.io"
_AZURE: Final = (_SUFFIX, ".azurecr.cn", ".azurecr.us")
_EXPECTED: Final = "a registry such as contoso, contoso.azurecr.io or 127.0.0.1:5000"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_PORT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
_HTTPS: Final = 443
_LAST_PORT: Final = 65_535


class Standing(Enum):
    """What a host is to us, and so which credential it gets."""

    LOOPBACK = "loopback"
    """This machine: a development registry, never an Azure credential."""
    AZURE = "azure"
    """One of Azure's own registry domains."""
    TRUSTED = "trusted"
    """Named by the owner."""
    STRANGER = "stranger"
    """Anything else: no credential at all."""


def registry_host(name: str, *, path: str = "registry") -> str:
    """Give the login server (host, perhaps with port) that a registry name means.

    A name with ``.`` or ``:`` is a host; to any other ``.azurecr.io`` is appended. Letters
    become small, an IPv6 address gets brackets.

    Raises:
        InputError: ``name`` is not a host name; the problem stands at ``path``.

    """
    host = _bracketed(name.lower())
    if "." not in host and ":" not in host:
        host += _SUFFIX
    if not name.isascii() or _split(host) is None:
        raise InputError([Problem(path, repr(name[:200]), _EXPECTED)])
    return host


def standing_of(host: str, trusted: Iterable[str] = ()) -> Standing:
    """Say what ``host`` (as ``registry_host`` gives it) is to us.

    ``trusted`` are further hosts, each with its port unless that is 443.

    Raises:
        InputError: one of ``trusted`` is not a host name.

    """
    named = {_split(registry_host(entry, path="trusted hosts")) for entry in trusted}
    place = _split(host)
    if place is None:
        return Standing.STRANGER
    if _is_loopback(place[0]):
        return Standing.LOOPBACK
    if place[0].endswith(_AZURE):
        return Standing.AZURE
    return Standing.TRUSTED if place in named else Standing.STRANGER


def _bracketed(host: str) -> str:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return host
    return f"[{address}]" if address.scope_id is None else host


def _split(host: str) -> tuple[str, int] | None:
    """Split into name or address and port; ``None`` when it is neither."""
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        name, port = host, str(_HTTPS)
    if not _PORT.fullmatch(port) or not 0 < int(port) <= _LAST_PORT:
        return None
    return (name, int(port)) if _is_name(name) or _is_ipv6(name) else None


def _is_name(name: str) -> bool:
    return len(name) < 254 and _NAME.fullmatch(name) is not None  # noqa: PLR2004 - DNS's limit


def _is_ipv6(name: str) -> bool:
    return name.startswith("[") and name.endswith("]") and _bracketed(name[1:-1]) == name


def _is_loopback(name: str) -> bool:
    if name in {"localhost", "[::1]"}:
        return True
    try:
        return ipaddress.IPv4Address(name).is_loopback
    except ValueError:
        return False
