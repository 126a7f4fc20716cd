"""The vendor's Functions runtime, in a thread and event loop of its own.

The cloud runs it in a process of its own; here its own loop keeps an app that blocks from blocking
the host's renewals and answers. It keeps its state in module globals: one process runs one app.
"""

import asyncio
import importlib
import sys
import threading
import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol, TypeVar, cast

from devhost import protos
from devhost.errors import IndexingError
from devhost.functions import Metadata, describe

RUNTIME = "azure_functions_runtime"

T = TypeVar("T")


Handler = Callable[[object], Coroutine[Any, Any, protos.Message]]


class Runtime(Protocol):
    """The entry points of azure-functions-runtime that a host calls."""

    worker_init_request: Handler
    functions_metadata_request: Handler
    function_load_request: Handler
    invocation_request: Handler
    start_threadpool_executor: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a function: its inputs by parameter, and what the trigger knows beside them."""

    function_id: str
    inputs: Mapping[str, protos.TypedData]
    trigger_metadata: Mapping[str, protos.TypedData] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call came to; `failure` is None when it succeeded, else the traceback."""

    failure: str | None
    return_value: protos.Message | None = None
    outputs: Mapping[str, protos.Message] = field(default_factory=dict)


class Worker:
    """The runtime with one app loaded."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runtime: Runtime | None = None

    async def load(self, app: Path) -> tuple[Metadata, ...]:
        """Import and index the app; raises IndexingError with the runtime's reason."""
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="worker", daemon=True).start()
        return await self._in_worker(self._load(app))

    async def invoke(self, invocation: Invocation) -> Outcome:
        """Run a function and return its outcome; a failing function is an outcome, not an error."""
        return await self._in_worker(self._invoke(invocation))

    async def _in_worker(self, coroutine: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None, "no app is loaded"  # noqa: S101
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    async def _load(self, app: Path) -> tuple[Metadata, ...]:
        sys.path.insert(0, str(app))
        self._runtime = runtime = cast("Runtime", importlib.import_module(RUNTIME))
        runtime.start_threadpool_executor()
        answer = await runtime.worker_init_request(
            _request(worker_init_request=_fields(capabilities={}, function_app_directory=str(app)))
        )
        _check(answer)
        listing = await runtime.functions_metadata_request(_request())
        _check(listing)
        found = listing.function_metadata_results or ()
        for function in found:
            load = _fields(function_id=function.function_id)
            _check(await runtime.function_load_request(_request(function_load_request=load)))
        return tuple(describe(f.name, f.function_id, f.raw_bindings) for f in found)

    async def _invoke(self, invocation: Invocation) -> Outcome:
        assert self._runtime is not None, "no app is loaded"  # noqa: S101
        answer = await self._runtime.invocation_request(
            _request(invocation_request=_invocation_request(invocation))
        )
        if answer.result.status != protos.StatusResult.Success:
            return Outcome(failure=answer.result.exception.stack_trace)
        return Outcome(
            failure=None,
            return_value=answer.return_value,
            outputs={o.name: o.data for o in answer.output_data if o.data is not None},
        )


def _invocation_request(invocation: Invocation) -> SimpleNamespace:
    return _fields(
        invocation_id=invocation.id,
        function_id=invocation.function_id,
        input_data=[
            protos.ParameterBinding(name=name, data=data)
            for name, data in invocation.inputs.items()
        ],
        trigger_metadata=invocation.trigger_metadata,
        trace_context=_fields(trace_parent=_trace_parent(), trace_state="", attributes={}),
        retry_context=_fields(retry_count=0, max_retry_count=0, exception=None),
    )


def _trace_parent() -> str:
    """Return a W3C trace parent of a trace that starts here and is not sampled."""
    return f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-00"


def _request(**kinds: object) -> SimpleNamespace:
    return _fields(request=_fields(**kinds), properties={"host": "127.0.0.1", "protos": protos})


def _fields(**fields: object) -> SimpleNamespace:
    return SimpleNamespace(**fields)


def _check(answer: protos.Message) -> None:
    if answer.result.status != protos.StatusResult.Success:
        exception = answer.result.exception
        raise IndexingError([f"{exception.message}\n{exception.stack_trace}"])
