"""The server: TLS on loopback, and the pipeline behind it."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from acr_emulator.admin import PREFIX, Admin
from acr_emulator.clock import Clock
from acr_emulator.connection import send
from acr_emulator.faults import Faults
from acr_emulator.hooks import Hooks
from acr_emulator.log import RequestLog
from acr_emulator.options import Options
from acr_emulator.pipeline import Pipeline
from acr_emulator.quota import Quota
from acr_emulator.scenario import Scenario
from acr_emulator.state import Registry
from acr_emulator.tls import NAMES, server_context, write_authority
from acr_emulator.wire.auth import Authority
from acr_emulator.wire.service import Service
from acr_emulator.wire.tokens import Tokens

_SHUTDOWN_SECONDS: Final = 0.5


class Emulator:
    """A registry that is served while the context is open.

    `hooks`, `faults` and `log` may be used before and while it is open, `login_server` (host and
    port) and `tokens` while it is open. `ca_file` is whom to trust: it is written on opening, to
    the given path, which stays, or to one that goes with the context. `monotonic` (seconds) is
    what the quota counts by. An error in a hook is raised on leaving, if nothing else is.
    Raises ValueError for a host that is not loopback.
    """

    def __init__(
        self,
        registry: Registry | None = None,
        options: Options | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        ca_file: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if host not in NAMES:
            raise ValueError(f"only loopback addresses are served, not {host}")
        self.options = Options() if options is None else options
        self.registry = Registry() if registry is None else registry
        self.hooks = Hooks()
        self.faults = Faults()
        self.log = RequestLog(size=self.options.log_size)
        self.login_server = ""
        self._monotonic = monotonic
        self._host, self._port, self._given_ca_file = host, port, ca_file
        self._stack = AsyncExitStack()
        self._pipeline: Pipeline | None = None
        self._admin: Admin | None = None
        self._closing = asyncio.Event()

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        ca_file: Path | None = None,
    ) -> Self:
        """An emulator of a scenario, its faults and events included. Raises ScenarioError."""
        registry = scenario.new_registry()
        emulator = cls(registry, scenario.options, host=host, port=port, ca_file=ca_file)
        scenario.seed(registry, hooks=emulator.hooks, faults=emulator.faults)
        return emulator

    @property
    def clock(self) -> Clock:
        """The registry's clock."""
        return self.registry.clock

    @property
    def url(self) -> str:
        """Where it is reached, as a URL."""
        return f"https://{self.login_server}"

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.ca_file = self._given_ca_file or Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="acr-emulator-")), "ca.pem"
            )
            write_authority(self.ca_file)
            self._closing.clear()
            self.login_server = await self._listen(stack)
            self._pipeline = self._make_pipeline()
            self._admin = Admin(
                registry=self.registry,
                hooks=self.hooks,
                faults=self.faults,
                log=self.log,
                tokens=self.tokens,
            )
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        await self._stack.aclose()
        failures = [] if self._pipeline is None else self._pipeline.failures
        self._pipeline = None
        if error is None and failures:
            raise ExceptionGroup("the emulator or its hooks failed", failures)

    async def _listen(self, stack: AsyncExitStack) -> str:
        runner = web.ServerRunner(
            web.Server(self._handle), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, self._host, self._port, ssl_context=server_context())
        await site.start()
        port = runner.addresses[0][1]
        return f"[{self._host}]:{port}" if ":" in self._host else f"{self._host}:{port}"

    def _make_pipeline(self) -> Pipeline:
        name = self.options.login_server or self.login_server
        self.tokens = Tokens(name)
        authority = Authority(
            self.options, service=name, address=self.login_server, tokens=self.tokens
        )
        service = Service(
            registry=self.registry, options=self.options, login_server=name, authority=authority
        )
        quota = Quota(self.options, monotonic=self._monotonic)
        return Pipeline(service, quota=quota, hooks=self.hooks, faults=self.faults, log=self.log)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        pipeline, admin = self._pipeline, self._admin
        if pipeline is None or admin is None:
            raise RuntimeError("the context is not open")
        body = await request.content.read() if request.can_read_body else b""
        if request.raw_path.startswith(PREFIX):
            steered = admin.answer(method=request.method, raw_url=request.raw_path, body=body)
            return await send(request, steered, None, closing=self._closing)
        reply, fault = await pipeline.answer(
            method=request.method, raw_url=request.raw_path, headers=request.headers, body=body
        )
        return await send(request, reply, fault, closing=self._closing)
