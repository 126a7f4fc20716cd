"""From a Reply, and the fault that may spoil it, to what goes over the connection."""

import asyncio

from aiohttp import web

from acr_emulator.faults import Effect, Fault
from acr_emulator.wire.call import Reply


async def send(
    request: web.BaseRequest, reply: Reply, fault: Fault | None, *, closing: asyncio.Event
) -> web.StreamResponse:
    """The response for a reply. A torn connection gives a response that can no longer be sent.

    `closing` is set when the server stops: nobody is kept waiting then.
    """
    if fault is not None:
        if fault.effect is Effect.TIMEOUT:
            await closing.wait()
        if fault.silent:
            _tear(request)
        if fault.effect is Effect.TRUNCATE:
            return await _send_half(request, reply)
    return web.Response(status=reply.status or 500, body=reply.body, headers=reply.headers)


async def _send_half(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    response.content_length = max(len(reply.body), 2)
    await response.prepare(request)
    await response.write(reply.body[: len(reply.body) // 2] or b"{")
    if request.transport is not None:
        # Not abort(): what was written must still arrive.
        request.transport.close()
    return response


def _tear(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()
