"""The connections of one registry's client, and the client without what serves nobody here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from azure.containerregistry.aio import ContainerRegistryClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline.transport import AioHttpTransport

from purge_core.adapters.acr_bearers import Bearers
from purge_core.adapters.acr_hosts import Standing, standing_of
from purge_core.adapters.acr_pipeline import Nothing, ReuseBearer, StayHome
from purge_core.adapters.acr_session import AcrOptions, Session
from purge_core.adapters.acr_sign_in import AskOnce, InTime
from purge_core.adapters.trust import trusted_context
from purge_core.pace.pace import Pace

if TYPE_CHECKING:
    from aiohttp.client_middlewares import ClientHandlerType
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

_USER_AGENT: Final = "acr-purge"


@asynccontextmanager
async def open_session(
    host: str,
    credential: AsyncTokenCredential,
    options: AcrOptions,
    pace: Pace,
    bearers: Bearers,
    connector: aiohttp.BaseConnector | None = None,
) -> AsyncIterator[Session]:
    """Open connections to ``host`` for one run, and close them and the credential after it.

    What it gives for the credential is kept in ``bearers``, also for later runs.

    The environment's ``SSL_CERT_FILE`` says whom to trust, as OpenSSL reads it, and its
    proxy variables which way to go; loopback is never reached through a proxy. A ``connector``
    takes the place of TCP and TLS.

    Raises:
        SettingsError: ``SSL_CERT_FILE`` names no certificates.

    """
    async with credential, _connections(host, options, connector) as http:
        transport = AioHttpTransport(
            session=http,
            session_owner=False,
            connection_timeout=options.timeout,
            read_timeout=options.timeout,
        )

        def make(bearers: Bearers) -> ContainerRegistryClient:
            return _client(host, credential, transport, bearers)

        async with Session(host, make, options, pace, bearers).opened() as session:
            yield session


def _connections(
    host: str, options: AcrOptions, connector: aiohttp.BaseConnector | None
) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector or _InTime(limit=options.connections, ssl=trusted_context()),
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=_proxy(host),
        middlewares=(_delete_once,),
    )


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
        http_logging_policy=nothing,
        # These two stand behind the sign-in, in this order:
        custom_hook_policy=AskOnce(bearers),
        logging_policy=InTime(),
    )


def _proxy(host: str) -> str | None:
    name = urlsplit(f"https://{host}").hostname or host
    if standing_of(host) is Standing.LOOPBACK or proxy_bypass(name):
        return None
    return getproxies().get("https")


class _InTime(aiohttp.TCPConnector):
    """Has a request's ``sock_connect`` bound all that comes before it can be sent.

    By itself it bounds neither the wait for a free connection nor that for the host's address.
    """

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list["Trace"],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as the method is that it replaces
    ) -> "Connection":
        """Give a connection. Raises TimeoutError, which the session takes for its own."""
        async with asyncio.timeout(timeout.sock_connect):
            return await super().connect(req, traces, timeout)


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
