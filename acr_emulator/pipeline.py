"""One request from its arrival to its answer: hooks, faults, who, how often, what."""

import asyncio
import logging
from collections.abc import Mapping
from itertools import pairwise
from typing import Final
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from acr_emulator.errors import RegistryAnswer, name_unknown, unsupported
from acr_emulator.faults import Effect, Fault, Faults
from acr_emulator.hooks import Hooks
from acr_emulator.kinds import Kind, Traffic
from acr_emulator.log import Entry, RequestLog
from acr_emulator.quota import Quota
from acr_emulator.wire.call import Call, Reply, error_reply
from acr_emulator.wire.routes import ROUTES, Route, Target, parse_target
from acr_emulator.wire.service import Service

_LOGGER: Final = logging.getLogger(__name__)
_SERVER: Final = {
    "Server": "acr_emulator",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
_REGISTRY: Final = _SERVER | {
    "Access-Control-Expose-Headers": (
        "Docker-Content-Digest, WWW-Authenticate, Link, X-Ms-Correlation-Request-Id"
    ),
    "Docker-Distribution-Api-Version": "registry/2.0",
    "X-Content-Type-Options": "nosniff",
}
_GARBAGE: Final = b'{"truncated": [\x00\xff garbage'


class Pipeline:
    """Answers requests. Not bound to any server: it takes the parts of a request and gives a Reply.

    A Fault beside the Reply says how the connection is to be treated. `failures` are errors of
    hooks and of this program itself.
    """

    def __init__(
        self, service: Service, *, quota: Quota, hooks: Hooks, faults: Faults, log: RequestLog
    ) -> None:
        self.service = service
        self._quota = quota
        self._hooks = hooks
        self._faults = faults
        self._log = log
        self.failures: list[Exception] = []
        self._number = 0
        self._run = uuid4().hex[:18]

    async def answer(
        self, *, method: str, raw_url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Reply, Fault | None]:
        """The answer, and the fault that spoils it if one does."""
        self._number += 1
        call, target = _read(self._number, method, raw_url, headers, body)
        self._log.enter()
        status = 0
        try:
            if self.service.options.latency:
                await asyncio.sleep(self.service.options.latency)
            reply, fault = await self._answer(call, target)
            always = _SERVER if call.kind is Kind.OAUTH else _REGISTRY
            reply.headers = always | self._correlation(call) | reply.headers
            if fault is None or not fault.silent:
                status = reply.status
        finally:
            self._log.leave(self._entry(call, status))
        return reply, fault

    async def _answer(self, call: Call, target: Target | None) -> tuple[Reply, Fault | None]:
        try:
            await self._hooks.run_before(self.service.registry, call)
            fault = self._faults.strike(call)
            return await self._spoilt(call, target, fault), fault
        except Exception as error:
            # Of a hook, or of this program. Kept: it must not pass as the registry's answer.
            _LOGGER.exception("request %d: %s %s", call.number, call.method, call.path)
            self.failures.append(error)
            return error_reply(RegistryAnswer(500, "EMULATOR", "the emulator failed")), None

    def _correlation(self, call: Call) -> dict[str, str]:
        digits = f"{self._run}{call.number:014x}"
        parts = (digits[start:end] for start, end in pairwise((0, 8, 12, 16, 20, 32)))
        return {"X-Ms-Correlation-Request-Id": "-".join(parts)}

    async def _spoilt(self, call: Call, target: Target | None, fault: Fault | None) -> Reply:
        if fault is None:
            return await self._carry_out(call, target)
        if fault.delay:
            await asyncio.sleep(fault.delay)
        reply = await self._carry_out(call, target) if fault.carries_out else Reply(status=0)
        if fault.effect is Effect.STATUS:
            headers = {"Content-Type": "application/json; charset=utf-8", **fault.headers}
            return Reply(status=fault.status, body=fault.body, headers=headers)
        if fault.effect is Effect.GARBAGE:
            return Reply(status=200, body=fault.body or _GARBAGE)
        return reply

    async def _carry_out(self, call: Call, target: Target | None) -> Reply:
        reply = self._reply(call, target)
        await self._hooks.run_after(self.service.registry, call)
        return reply

    def _reply(self, call: Call, target: Target | None) -> Reply:
        left: dict[str, str] = {}
        try:
            route = self._admitted(call, target)
            left = self._quota.take(route.traffic, call.identity or "")
            reply = route.handler(self.service, call)
        except RegistryAnswer as answer:
            reply = error_reply(answer)
        reply.headers |= left
        return reply

    def _admitted(self, call: Call, target: Target | None) -> Route:
        if target is None:
            raise name_unknown(call.path)
        route = _route(call, target)
        if route is None:
            raise unsupported()
        if route.traffic is not Traffic.OAUTH:
            call.identity = self.service.authority.admit(call, target.scope(route.action))
        return route

    def _entry(self, call: Call, status: int) -> Entry:
        return Entry(
            number=call.number,
            at=self.service.registry.clock.now,
            method=call.method,
            path=call.path,
            kind=Kind.CHALLENGE if status == 401 else call.kind,  # noqa: PLR2004  HTTP's number
            asked=call.kind,
            repository=call.repository,
            reference=call.reference,
            status=status,
            identity=call.identity,
        )


def _read(
    number: int, method: str, raw_url: str, headers: Mapping[str, str], body: bytes
) -> tuple[Call, Target | None]:
    raw_path, _, query = raw_url.partition("?")
    target = parse_target(raw_path)
    call = Call(
        number=number,
        method=method,
        path=unquote(raw_path),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers=headers,
        kind=Kind.UNKNOWN,
        body=body,
    )
    if target is not None:
        call.repository, call.reference = target.repository, target.reference
        route = _route(call, target)
        call.kind = Kind.UNKNOWN if route is None else route.kind
    return call, target


def _route(call: Call, target: Target) -> Route | None:
    return ROUTES.get((target.shape, call.method))
