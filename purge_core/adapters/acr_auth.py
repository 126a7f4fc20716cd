"""Credentials for registries: which one a host gets, and tokens that are fetched once.

Azure's own credential classes take long to import, so they are imported when one is
wanted.
"""

import asyncio
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Final, Self, assert_never

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError

from purge_core.adapters.acr_errors import one_line
from purge_core.adapters.acr_hosts import Standing, registry_host, standing_of
from purge_core.errors import AccessDenied, InputError, Problem, Unavailable

__all__ = ["CachedCredential", "DevelopmentCredential", "credential_for", "registry_host"]

_MARGIN_SECONDS: Final = 300
"""A token that lives no longer than this is not handed out any more."""

_AUTHORITIES: Final = {
    ".azurecr.cn": "login.chinacloudapi.cn",
    ".azurecr.us": "login.microsoftonline.us",
}
"""Who signs in for the sovereign clouds (azure.identity's AzureAuthorityHosts)."""


def credential_for(
    host: str, trusted: Iterable[str] = (), *, path: str = "registry"
) -> AsyncTokenCredential:
    """Give the credential that ``host`` (as ``registry_host`` gives it) may receive.

    A loopback host gets the development credential; an Azure registry, or one of the
    ``trusted`` hosts, Azure's default credential chain. ``open_registry`` closes it.

    Raises:
        InputError: the host gets none; the problem stands at ``path``.

    """
    standing = standing_of(host, trusted)
    match standing:
        case Standing.LOOPBACK:
            return DevelopmentCredential()
        case Standing.AZURE | Standing.TRUSTED:
            return _azure_credential(host)
        case Standing.STRANGER:
            expected = (
                "a host that ends in .azurecr.io, .azurecr.cn or .azurecr.us, or a trusted one"
            )
            raise InputError([Problem(path, repr(host), expected)])
        case _:
            assert_never(standing)


def _azure_credential(host: str) -> AsyncTokenCredential:
    from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - takes 200 ms

    name = host.partition(":")[0]
    authority = next((a for suffix, a in _AUTHORITIES.items() if name.endswith(suffix)), None)
    options = {} if authority is None else {"authority": authority}
    return CachedCredential(DefaultAzureCredential(**options))


class _Closing:
    """What a credential needs to be used with ``async with``."""

    async def close(self) -> None:
        """Release what is held."""

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()


class DevelopmentCredential(_Closing):
    """Signs in at a development registry, which takes any token. Worth nothing elsewhere."""

    async def __aenter__(self) -> Self:
        return self

    async def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:  # noqa: ANN401 - azure.core's signature
        """Give a token that means nothing and lives for an hour."""
        return AccessToken("development", int(time.time()) + 3600)


class CachedCredential(_Closing):
    """Asks another credential once per life of a token, however many ask at once.

    The registry client asks anew for every token of its own, and some credentials start
    a process each time.
    """

    def __init__(self, inner: AsyncTokenCredential) -> None:
        self._inner = inner
        self._tokens: dict[tuple[str, ...], AccessToken] = {}
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def close(self) -> None:
        """Close the other credential."""
        await self._inner.close()

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # noqa: ANN401 - azure.core's signature
        """Give a token for ``scopes``.

        Raises:
            AccessDenied: nobody signs in here.
            Unavailable: who signs in did not answer.

        """
        async with self._lock:
            token = self._tokens.get(scopes)
            if token is None or options or token.expires_on - time.time() < _MARGIN_SECONDS:
                token = self._tokens[scopes] = await self._ask(*scopes, **options)
            return token

    async def _ask(self, *scopes: str, **options: Any) -> AccessToken:  # noqa: ANN401 - as above
        try:
            return await self._inner.get_token(*scopes, **options)
        except ClientAuthenticationError as error:
            raise AccessDenied(f"no Azure identity: {one_line(error.message)}") from error
        except AzureError as error:
            raise Unavailable(f"no Azure sign-in: {one_line(error.message)}") from error
