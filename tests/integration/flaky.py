"""A proxy in front of Azurite that loses, refuses and damages what a test tells it to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum

import aiohttp
from aiohttp import web
from yarl import URL


class Fault(Enum):
    """What happens to a request."""

    BUSY = "busy"
    """503, and Azurite never sees it."""
    ERROR = "error"
    """500, and Azurite never sees it."""
    DROPPED = "dropped"
    """The connection ends, and Azurite never sees it."""
    LOST = "lost"
    """Azurite does it, and the answer is lost."""
    DENIED = "denied"
    """403, and Azurite never sees it."""


@dataclass(slots=True)
class Flaky:
    """What is to go wrong: the faults of the next requests that fit, in order; or none.

    ``method`` and ``table`` fit everything when empty; a transaction fits no table.
    ``meanwhile`` is what others do between a lost answer and the next try.
    """

    address: str = ""
    faults: list[Fault | None] = field(default_factory=list)
    method: str = ""
    table: str = ""
    requests: list[str] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[object]] | None = None

    def next_fault(self, request: web.Request) -> Fault | None:
        """Take the fault that this request meets."""
        fits = self.method in {"", request.method} and self.table in request.path
        return self.faults.pop(0) if fits and self.faults else None


@asynccontextmanager
async def flaky(storage: str) -> AsyncIterator[tuple[Flaky, str]]:
    """Start a proxy; give it, and the connection string that leads through it."""
    (target,) = [p.split("=", 1)[1] for p in storage.split(";") if p.startswith("TableEndpoint")]
    origin = target.rsplit("/", 1)[0]
    state = Flaky()
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def handle(request: web.Request) -> web.StreamResponse:
            state.requests.append(f"{request.method} {request.path}")
            return await _answer(state, session, origin, request)

        app = web.Application(client_max_size=8 * 2**20)
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            state.address = "http://{}:{}".format(*runner.addresses[0][:2])
            yield state, storage.replace(origin, state.address)
        finally:
            await runner.cleanup()


async def _answer(
    state: Flaky, session: aiohttp.ClientSession, origin: str, request: web.Request
) -> web.StreamResponse:
    fault = state.next_fault(request)
    match fault:
        case Fault.BUSY | Fault.ERROR | Fault.DENIED:
            status = {Fault.BUSY: 503, Fault.ERROR: 500, Fault.DENIED: 403}[fault]
            return web.Response(status=status, headers={"x-ms-error-code": "Staged"})
        case Fault.DROPPED:
            return await _hang_up(request)
        case Fault.LOST | None:
            pass
    headers = {k: v for k, v in request.headers.items() if k.lower() != "accept-encoding"}
    url = f"{origin}{request.raw_path}"
    async with session.request(
        request.method,
        URL(url, encoded=True),
        data=await request.read() or None,
        headers=headers,
        skip_auto_headers=["Content-Type", "Accept", "User-Agent", "Accept-Encoding"],
    ) as answer:
        body = await answer.read()
    if fault is Fault.LOST:
        if state.meanwhile is not None:
            await state.meanwhile()
        return await _hang_up(request)
    kept = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}
    return web.Response(status=answer.status, body=body, headers=kept)


_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


async def _hang_up(request: web.Request) -> web.StreamResponse:
    transport = request.transport
    assert transport is not None
    transport.abort()
    await asyncio.sleep(0)
    return web.Response(status=500)
