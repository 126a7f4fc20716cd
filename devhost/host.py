"""The host put together: loads an app, says that it is ready, runs until it is told to end."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

from aiohttp import web

from devhost.azurite import HOST
from devhost.functions import (
    Function,
    HttpTrigger,
    QueueTrigger,
    TimerTrigger,
    parse_functions,
)
from devhost.http_front import HttpFront
from devhost.keys import Keys
from devhost.protos import TypedData
from devhost.queue_listener import Pace, QueueListener
from devhost.queue_message import Processor
from devhost.queue_output import Queues
from devhost.runner import Runner
from devhost.settings import HostJson, is_disabled, load_host_json
from devhost.timers import Timer
from devhost.worker import Worker

log = logging.getLogger("devhost")

_DRAIN = 2.0
"""Seconds that functions at work get when the host is told to end."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: `port` 0 means a free one; without `timers` they run by hand only."""

    app: Path
    port: int
    timers: bool
    pace: Pace = field(default_factory=Pace)


class Host:
    """One app, loaded and running."""

    def __init__(
        self,
        options: Options,
        *,
        host_json: HostJson,
        functions: tuple[Function, ...],
        keys: Keys,
        runner: Runner,
        queues: Queues,
    ) -> None:
        self._options = options
        self._host_json = host_json
        self._functions = functions
        self._keys = keys
        self._runner = runner
        self._queues = queues
        self._timers: dict[str, Timer] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self, announce: Callable[[Mapping[str, object]], None]) -> None:
        """Serve until SIGTERM or SIGINT; `announce` gets the ready document."""
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        front = HttpFront(self._functions, self._keys, self._runner, self._run_manually)
        server = web.AppRunner(front.application(), access_log=None, shutdown_timeout=_DRAIN)
        await server.setup()
        site = web.TCPSite(server, HOST, self._options.port)
        await site.start()
        port = server.addresses[0][1]
        for function in self._functions:
            self._start(function)
        announce(self._ready(f"http://{HOST}:{port}"))
        await stopped.wait()
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN):
                await self._runner.idle()
        await server.cleanup()
        await self._queues.close()

    def _start(self, function: Function) -> None:
        """Start what feeds a function; requests come through the HTTP front."""
        match function.trigger:
            case HttpTrigger():
                pass
            case QueueTrigger() as trigger:
                self._spawn(self._listener(function, trigger).listen())
            case TimerTrigger() as trigger:
                timer = self._timers[function.name] = Timer(function, trigger, self._runner)
                if trigger.run_on_startup:
                    self._spawn(timer.run_now())
                if self._options.timers:
                    self._spawn(timer.keep_time())
            case _:
                assert_never(function.trigger)

    def _spawn(self, coroutine: Coroutine[object, object, None]) -> None:
        self._tasks.append(asyncio.create_task(coroutine))

    def _listener(self, function: Function, trigger: QueueTrigger) -> QueueListener:
        options = self._host_json.queues
        processor = Processor(
            function,
            trigger,
            runner=self._runner,
            queues=self._queues,
            options=options,
            invisibility=self._options.pace.invisibility,
        )
        client = self._queues.client(trigger.connection, trigger.queue)
        return QueueListener(client, processor, options, self._options.pace)

    async def _run_manually(self, function: Function, given: str) -> None:
        """Run a timer, or a queue function with `given` as its message, out of turn."""
        if isinstance(function.trigger, TimerTrigger):
            await self._timers[function.name].run_now()
            return
        await self._runner.run(function, {function.trigger.parameter: TypedData(string=given)})

    def _ready(self, url: str) -> Mapping[str, object]:
        return {
            "url": url,
            "pid": os.getpid(),
            "functions": [summary(function) for function in self._functions],
            "keys": {
                "master": self._keys.master,
                "default": self._keys.host,
                "functions": {f.name: self._keys.of_function(f.name) for f in self._functions},
            },
        }


def summary(function: Function) -> dict[str, object]:
    """Return a function as the ready document lists it, with all settings resolved."""
    row: dict[str, object] = {"name": function.name}
    match function.trigger:
        case HttpTrigger() as http:
            row |= {"trigger": "httpTrigger", "route": http.route.template}
            row |= {"methods": sorted(http.methods), "authLevel": http.auth_level.value}
        case QueueTrigger() as queue:
            row |= {"trigger": "queueTrigger", "queue": queue.queue}
        case TimerTrigger() as timer:
            row |= {"trigger": "timerTrigger", "schedule": timer.schedule.text}
            row |= {"runOnStartup": timer.run_on_startup, "useMonitor": timer.use_monitor}
        case _:
            assert_never(function.trigger)
    return row | {"outputs": [output.queue for output in function.outputs]}


async def run_app(
    options: Options, announce: Callable[[Mapping[str, object]], None], restart: Callable[[], None]
) -> None:
    """Load the app and serve it; raises HostError when it cannot be loaded.

    `restart` is called when a function outlives functionTimeout: it replaces the process.
    """
    host_json = load_host_json(options.app / "host.json")
    worker = Worker()
    found = await worker.load(options.app)
    functions = tuple(
        function
        for function in parse_functions(found, os.environ, route_prefix=host_json.route_prefix)
        if not is_disabled(function.name, os.environ)
    )
    queues = Queues(host_json.queues)
    runner = Runner(worker, queues, timeout=host_json.function_timeout, on_timeout=restart)
    host = Host(
        options,
        host_json=host_json,
        functions=functions,
        keys=Keys.from_environ(os.environ),
        runner=runner,
        queues=queues,
    )
    await host.run(announce)


def print_ready(document: Mapping[str, object]) -> None:
    """Print the ready document as one line on the real standard output."""
    print(json.dumps(document), file=sys.__stdout__, flush=True)
