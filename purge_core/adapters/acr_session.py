"""One registry's client for one run: its connections, its tokens, and bounded repetition."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from azure.containerregistry.aio import ContainerRegistryClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline.transport import AioHttpTransport

from purge_core.adapters.acr_errors import CLIENT_FAILURES, Unauthorized, translate
from purge_core.adapters.acr_hosts import Standing, standing_of
from purge_core.adapters.acr_pipeline import (
    UNAUTHORIZED,
    Bearers,
    Call,
    Nothing,
    ReuseBearer,
    StayHome,
)
from purge_core.adapters.trust import trusted_context
from purge_core.errors import Unavailable, Untrusted

if TYPE_CHECKING:
    from aiohttp.client_middlewares import ClientHandlerType

Result = TypeVar("Result")
Send = Callable[[ContainerRegistryClient], Awaitable[Result]]

_USER_AGENT: Final = "acr-purge"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrOptions:
    """How a registry is asked. Times are in seconds.

    ``connections`` bounds the requests in flight, ``timeout`` one request with its token,
    ``attempts`` how often a read is tried in all, ``longest_wait`` how long one Retry-After may be;
    a registry that asks for more is unavailable. ``page_size`` and ``repository_page_size`` are
    what a page is asked to hold; the registry may cut them.
    """

    connections: int = 64
    timeout: float = 120.0
    attempts: int = 4
    backoff: float = 0.25
    longest_wait: float = 30.0
    page_size: int = 1_000
    repository_page_size: int = 1_000
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Session:
    """Sends logical calls through a client that it replaces when its tokens are too old.

    The client never renews its refresh token once that is about to end, so it would be
    refused for ever.
    """

    def __init__(
        self, host: str, make: Callable[[Bearers], ContainerRegistryClient], options: AcrOptions
    ) -> None:
        self.host = host
        self.options = options
        self._make = make
        self._bearers = Bearers()
        self._client = make(self._bearers)
        self._opened = AsyncExitStack()
        self._has_served = False
        self._replacing = asyncio.Lock()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Session"]:
        """Open the client; close it, or the one that took its place."""
        await self._opened.enter_async_context(self._client)
        try:
            yield self
        finally:
            await self._opened.aclose()

    async def once(self, call: Call, send: Send[Result]) -> Result:
        """Send ``call`` and never repeat it, but for a refusal of its token.

        A request that was refused as unauthorized did nothing, so it may be sent again.

        Raises:
            RegistryError: it failed.

        """
        client = self._client
        try:
            return await self._attempt(client, call, send)
        except Unauthorized:
            if client is self._client and not self._has_served:
                raise  # whom a new client cannot sign in, another new one cannot either
            await self._replace(client)
            return await self._attempt(self._client, call, send)

    async def repeated(self, call: Call, send: Send[Result]) -> Result:
        """Send ``call``; when there is no usable answer, some more times with pauses.

        Raises:
            RegistryError: it failed, or failed every time.

        """
        for attempt in range(1, self.options.attempts):
            try:
                return await self.once(call, send)
            except Untrusted:
                raise
            except Unavailable as error:
                await self._pause(error, attempt)
        return await self.once(call, send)

    async def _attempt(
        self, client: ContainerRegistryClient, call: Call, send: Send[Result]
    ) -> Result:
        if self._bearers.header(call.scope) is not None:
            return await self._timed(client, call, send)
        async with self._bearers.turn(call.scope):
            return await self._timed(client, call, send)

    async def _timed(
        self, client: ContainerRegistryClient, call: Call, send: Send[Result]
    ) -> Result:
        try:
            async with asyncio.timeout(self.options.timeout):
                return await send(client)
        except CLIENT_FAILURES as error:
            raise translate(error, call, self.host) from error
        finally:
            self._has_served |= call.status not in {None, UNAUTHORIZED}

    async def _pause(self, error: Unavailable, attempt: int) -> None:
        wait = error.retry_after
        if wait is None:
            longest = self.options.backoff * 2**attempt
            wait = random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, no secret
        if wait > self.options.longest_wait:
            raise error
        await self.options.sleep(wait)

    async def _replace(self, client: ContainerRegistryClient) -> None:
        """Take a new client instead of ``client``, unless another call has done so.

        Calls that still use the old one are not disturbed: the connections are shared.
        """
        async with self._replacing:
            if self._client is client:
                self._bearers.clear()
                self._has_served = False
                await self._opened.aclose()
                self._client = self._make(self._bearers)
                await self._opened.enter_async_context(self._client)


@asynccontextmanager
async def open_session(
    host: str, credential: AsyncTokenCredential, options: AcrOptions
) -> AsyncIterator[Session]:
    """Open connections to ``host`` for one run, and close them and the credential after it.

    The environment's ``SSL_CERT_FILE`` says whom to trust, as OpenSSL reads it, and its
    proxy variables which way to go; loopback is never reached through a proxy.

    Raises:
        SettingsError: ``SSL_CERT_FILE`` names no certificates.

    """
    connector = aiohttp.TCPConnector(limit=options.connections, ssl=trusted_context())
    async with (
        credential,
        aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            proxy=_proxy(host),
            middlewares=(_delete_once,),
        ) as http,
    ):
        transport = AioHttpTransport(
            session=http,
            session_owner=False,
            connection_timeout=options.timeout,
            read_timeout=options.timeout,
        )

        def make(bearers: Bearers) -> ContainerRegistryClient:
            return _client(host, credential, transport, bearers)

        async with Session(host, make, options).opened() as session:
            yield session


def _client(
    host: str, credential: AsyncTokenCredential, transport: AioHttpTransport, bearers: Bearers
) -> ContainerRegistryClient:
    """Make a client. What is given here reaches the one that fetches its tokens, too."""
    nothing = Nothing()
    return ContainerRegistryClient(
        f"https://{host}",
        credential,
        transport=transport,
        per_call_policies=[StayHome(host), ReuseBearer(bearers)],
        user_agent=_USER_AGENT,
        auto_request_id=False,
        response_encoding="utf-8",
        # Repetition is the session's, redirects are not followed, nothing is logged here, and
        # the proxy is the connection's: each policy would cost time on every request.
        retry_policy=nothing,
        redirect_policy=nothing,
        headers_policy=nothing,
        proxy_policy=nothing,
        logging_policy=nothing,
        http_logging_policy=nothing,
        custom_hook_policy=nothing,
    )


def _proxy(host: str) -> str | None:
    name = urlsplit(f"https://{host}").hostname or host
    if standing_of(host) is Standing.LOOPBACK or proxy_bypass(name):
        return None
    return getproxies().get("https")


async def _delete_once(
    request: aiohttp.ClientRequest, handler: "ClientHandlerType"
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a DELETE when a kept-alive connection breaks.

    The first may have been carried out, and who repeats a deletion has to know it.
    """
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        if request.method != "DELETE" or isinstance(error, aiohttp.ClientConnectorError):
            raise
        raise aiohttp.ClientConnectionError(str(error) or "the connection broke") from error
