"""One registry's client for one run: whose turn it is, its tokens, and bounded repetition."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from dataclasses import dataclass
from typing import TypeVar

from azure.containerregistry.aio import ContainerRegistryClient

from purge_core.adapters.acr_bearers import Bearers
from purge_core.adapters.acr_errors import CLIENT_FAILURES, Unauthorized, translate
from purge_core.adapters.acr_pipeline import UNAUTHORIZED, Call
from purge_core.adapters.acr_scopes import Scope
from purge_core.errors import RegistryError, Unavailable
from purge_core.pace.pace import Pace
from purge_core.pace.patience import PAUSES, Patience
from purge_core.pace.quotas import Kind
from purge_core.sent import note_request

Result = TypeVar("Result")
Send = Callable[[ContainerRegistryClient], Awaitable[Result]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrOptions:
    """How a registry is asked. Times are in seconds.

    ``connections`` bounds the requests in flight, ``timeout`` one request with its token.
    ``pauses`` stand before the repetitions of a read that got no usable answer. ``page_size``
    and ``repository_page_size`` are what a page is asked to hold; the registry may cut them.
    """

    connections: int = 64
    timeout: float = 120.0
    pauses: tuple[float, ...] = PAUSES
    page_size: int = 1_000
    repository_page_size: int = 1_000


class Session:
    """Sends logical calls through a client that it replaces when its tokens are too old.

    The client never renews its refresh token once that is about to end, so it would be
    refused for ever.
    """

    def __init__(
        self,
        host: str,
        make: Callable[[Bearers], ContainerRegistryClient],
        options: AcrOptions,
        pace: Pace,
        bearers: Bearers,
    ) -> None:
        self.host = host
        self.options = options
        self._pace = pace
        self._make = make
        self._bearers = bearers
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
        async with self._turn(call):
            client = self._client
            try:
                return await self._admitted(client, call, send)
            except Unauthorized:
                if client is self._client and not self._has_served:
                    raise  # whom a new client cannot sign in, another new one cannot either
                await self._replace(client)
                return await self._admitted(self._client, call, send)

    async def repeated(self, call: Call, send: Send[Result]) -> Result:
        """Send ``call``; when there is no usable answer, some more times with pauses.

        Raises:
            RegistryError: it failed, or failed every time.

        """
        patience = Patience(self.options.pauses)
        while True:
            try:
                return await self.once(call, send)
            except Unavailable as error:
                pause = patience.after(error)
                if pause is None:
                    error.repeated = True
                    raise
            await self._pace.clock.sleep(self._pace.spread(pause))

    def _turn(self, call: Call) -> AbstractAsyncContextManager[None]:
        """Wait until the call may be sent. Who deletes has waited, and verified what it deletes."""
        if call.kind is Kind.DELETE:
            return nullcontext()
        return self._pace[call.kind].turn(urgent=call.urgent)

    async def _admitted(
        self, client: ContainerRegistryClient, call: Call, send: Send[Result]
    ) -> Result:
        """Attempt it; once more where the registry has no token that is good for more than this."""
        try:
            return await self._attempt(client, call, send)
        except RegistryError as error:
            asked = self._too_wide(call, error)
            if asked is None:
                raise
            self._bearers.ask_plainly(call.scope, asked)
        return await self._attempt(client, call, send)

    def _too_wide(self, call: Call, error: RegistryError) -> Scope | None:
        """What was asked for in vain instead of the scope of ``call``, if that may be the cause.

        Nothing was done then: the registry did not let the call in.
        """
        if not (call.refused and self._bearers.is_admitted) or isinstance(error, Unavailable):
            return None
        return call.asked

    async def _attempt(
        self, client: ContainerRegistryClient, call: Call, send: Send[Result]
    ) -> Result:
        if self._bearers.header(call.scope) is not None:
            return await self._timed(client, call, send)
        async with self._bearers.turn(call.scope):
            if call.kind is Kind.DELETE or self._bearers.header(call.scope) is not None:
                return await self._timed(client, call, send)
            async with self._pace[Kind.SIGN_IN].turn():
                return await self._timed(client, call, send)

    async def _timed(
        self, client: ContainerRegistryClient, call: Call, send: Send[Result]
    ) -> Result:
        note_request()
        try:
            async with asyncio.timeout(self.options.timeout):
                return await send(client)
        except CLIENT_FAILURES as error:
            failure = translate(error, call, self.host)
            if isinstance(failure, Unavailable):
                self._pace.failed(_refused(call, failure), failure)
            raise failure from error
        finally:
            self._has_served |= call.status not in {None, UNAUTHORIZED}
            left = call.left
            if left is not None:
                self._pace.shown(call.kind, left)

    async def _replace(self, client: ContainerRegistryClient) -> None:
        """Take a new client instead of ``client``, unless another call has done so.

        Calls that still use the old one are not disturbed: the connections are shared.
        """
        async with self._replacing:
            if self._client is client:
                self._has_served = False
                await self._opened.aclose()
                self._client = self._make(self._bearers)
                await self._opened.enter_async_context(self._client)


def _refused(call: Call, failure: Unavailable) -> Kind:
    """Tell what was refused: the call itself, or the sign-in before it."""
    return Kind.SIGN_IN if call.response is None and failure.status is not None else call.kind
