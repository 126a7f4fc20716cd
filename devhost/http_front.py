"""The HTTP side of the host: routes of functions with their keys, and the admin endpoints."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web
from multidict import CIMultiDict, MultiMapping

from devhost.functions import AuthLevel, Function, HttpTrigger
from devhost.keys import Keys
from devhost.protos import Message, RpcHttp, TypedData
from devhost.routes import decode_path
from devhost.runner import Runner

log = logging.getLogger("devhost")

ManualRun = Callable[[Function, str], Awaitable[None]]

_MAX_BODY = 100 * 1024 * 1024
"""Bytes. What the cloud accepts by default."""
_OWN_HEADERS = {"content-length", "transfer-encoding"}
"""The server writes these itself."""


class HttpFront:
    """Answers requests; `run_manually` starts a function that is not triggered by HTTP."""

    def __init__(
        self, functions: Sequence[Function], keys: Keys, runner: Runner, run_manually: ManualRun
    ) -> None:
        self._functions = {function.name: function for function in functions}
        self._routes = sorted(
            (
                (trigger.route, trigger, function)
                for function in functions
                if isinstance(trigger := function.trigger, HttpTrigger)
            ),
            key=lambda row: row[0].precedence,
        )
        self._keys = keys
        self._runner = runner
        self._run_manually = run_manually
        self._manual_runs: set[asyncio.Task[None]] = set()

    def application(self) -> web.Application:
        """Return the web application."""
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_get("/admin/host/ping", self._ping)
        app.router.add_get("/admin/host/status", self._status)
        app.router.add_get("/admin/functions", self._list)
        app.router.add_post("/admin/functions/{name}", self._start)
        app.router.add_route("*", r"/{path:[\s\S]*}", self._call)
        return app

    async def _call(self, request: web.Request) -> web.Response:
        """Run the function whose route and methods fit; none is a 404, as in the cloud."""
        path = decode_path(request.rel_url.raw_path)
        for route, trigger, function in self._routes:
            values = route.match(path)
            if values is None or (trigger.methods and request.method not in trigger.methods):
                continue
            if not self._keys.opens(trigger.auth_level, function.name, _key(request)):
                return web.Response(status=401)
            http = TypedData(http=await _rpc_request(request, values))
            outcome = await self._runner.run(function, {trigger.parameter: http})
            if outcome.failure is not None:
                return web.Response(status=500)
            return _web_response(outcome.return_value)
        return web.Response(status=404)

    async def _ping(self, _request: web.Request) -> web.Response:
        return web.Response()

    async def _status(self, request: web.Request) -> web.Response:
        return self._admin(request) or web.json_response({"state": "Running", "version": "devhost"})

    async def _list(self, request: web.Request) -> web.Response:
        rows = [
            {
                "name": function.name,
                "language": "python",
                "config": {"bindings": list(function.metadata.bindings)},
            }
            for function in self._functions.values()
        ]
        return self._admin(request) or web.json_response(rows)

    async def _start(self, request: web.Request) -> web.Response:
        """Start a function out of turn: 202, and the run goes on by itself."""
        refused = self._admin(request)
        if refused is not None:
            return refused
        if request.content_type != "application/json":
            return web.Response(status=415)
        try:
            document = json.loads(await request.text() or "{}")
        except ValueError:
            return web.Response(status=400)
        function = self._functions.get(request.match_info["name"])
        if function is None or isinstance(function.trigger, HttpTrigger):
            return web.Response(status=404)
        given = document.get("input", "") if isinstance(document, dict) else ""
        task = asyncio.ensure_future(
            self._run_manually(function, given if isinstance(given, str) else json.dumps(given))
        )
        self._manual_runs.add(task)
        task.add_done_callback(self._manual_runs.discard)
        return web.Response(status=202)

    def _admin(self, request: web.Request) -> web.Response | None:
        """Return a refusal unless the request carries the master key."""
        if self._keys.opens(AuthLevel.ADMIN, "", _key(request)):
            return None
        return web.Response(status=401)


def _key(request: web.Request) -> str | None:
    return request.headers.get("x-functions-key") or request.query.get("code")


async def _rpc_request(request: web.Request, values: Mapping[str, str]) -> RpcHttp:
    body = await request.read()
    return RpcHttp(
        method=request.method,
        url=str(request.url),
        headers=_joined(request.headers, ","),
        query=_joined(request.query, ","),
        params=dict(values),
        body=TypedData(bytes=body or None),
    )


def _joined(values: MultiMapping[str], separator: str) -> dict[str, str]:
    """Return one text per name; the real host joins repeated values and leaves empty ones out."""
    joined = {name: separator.join(values.getall(name)) for name in values}
    return {name: value for name, value in joined.items() if value}


def _web_response(value: Message | None) -> web.Response:
    """Return the response that a function's return value stands for."""
    kind = None if value is None else value.WhichOneof("data")
    payload = getattr(value, kind) if kind else None
    if not isinstance(payload, RpcHttp):
        return web.Response(text="" if payload is None else str(payload))
    if payload.cookies:
        log.error("this host does not cover response cookies")
        return web.Response(status=500)
    headers = CIMultiDict(
        (name, text) for name, text in payload.headers.items() if name.lower() not in _OWN_HEADERS
    )
    return web.Response(status=int(payload.status_code), headers=headers, body=payload.body.bytes)
