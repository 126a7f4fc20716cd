"""The development registry in the client's own process and in a time of its own.

Client and registry are what they always are: Azure's client over aiohttp, and the emulator over
aiohttp's server. Only between them there is no network: a connection is a pair of sockets, which
hands on at once what is written. So hundreds of purges take seconds, each with the same result.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from aiohttp.client_proto import ResponseHandler

from acr_emulator import Emulator, Options, Registry
from acr_emulator.clock import Clock
from purge_core.adapters.acr import AcrOptions, AcrRegistry, open_registry
from purge_core.adapters.acr_auth import DevelopmentCredential
from purge_core.pace.pace import Pace
from tests.builders import NOW

if TYPE_CHECKING:
    from aiohttp.tracing import Trace

HOST = "localhost:5000"


class InsideEmulator(Emulator):
    """A registry that is reached by ``connect`` alone; its time is the event loop's."""

    def __init__(self, registry: Registry | None = None, options: Options | None = None) -> None:
        seconds: Callable[[], float] = asyncio.get_running_loop().time
        registry = registry or Registry(clock=Clock(start=NOW, running=True, monotonic=seconds))
        super().__init__(registry, options, monotonic=seconds)
        self._server = web.Server(self._handle, access_log=None)

    async def _listen(self, stack: AsyncExitStack) -> str:
        stack.push_async_callback(self._server.shutdown, 0.0)
        return HOST

    async def connect(self) -> socket.socket:
        """Give the client's end of a new connection."""
        ours, theirs = socket.socketpair()
        ours.settimeout(0.0)
        theirs.settimeout(0.0)
        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(self._server, ours)
        return theirs


class _Inside(aiohttp.BaseConnector):
    """Connects to the registry in this process."""

    def __init__(self, emulator: InsideEmulator, limit: int) -> None:
        super().__init__(limit=limit)
        self._emulator = emulator

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list["Trace"],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as the method is that it replaces
    ) -> ResponseHandler:
        loop = asyncio.get_running_loop()
        theirs = await self._emulator.connect()
        _, protocol = await loop.create_connection(lambda: ResponseHandler(loop), sock=theirs)
        return protocol


@asynccontextmanager
async def reached(
    emulator: InsideEmulator, pace: Pace, options: AcrOptions | None = None
) -> AsyncIterator[AcrRegistry]:
    """Open the adapter on a registry in this process, as a process of its own would."""
    options = options or AcrOptions()
    connector = _Inside(emulator, options.connections)
    opened = open_registry(HOST, DevelopmentCredential(), options, pace, connector=connector)
    async with opened as registry:
        yield registry
