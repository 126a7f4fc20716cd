"""An https server on this machine that answers as a test says; its certificate is trusted."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme
from aiohttp import web

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Site:
    """Answers with the next reply, the last one for ever; remembers what it was asked and sent."""

    url: str = ""
    asked: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        self.asked.append(request)
        self.bodies.append(await request.read())
        reply = self.replies[0] if len(self.replies) == 1 else self.replies.pop(0)
        return await reply(request)


@asynccontextmanager
async def serving(
    folder: Path, monkeypatch: pytest.MonkeyPatch, path: str = "/"
) -> AsyncIterator[Site]:
    """Serve for the time of a test; ``path`` becomes the end of the site's address."""
    authority, found = trustme.CA(), Site()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        found.url = f"https://localhost:{runner.addresses[0][1]}{path}"
        yield found
    finally:
        await runner.cleanup()
