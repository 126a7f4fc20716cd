"""One invocation from start to end: logged, limited in time, its queue outputs delivered."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from devhost.errors import OutputError
from devhost.functions import Function
from devhost.protos import TypedData
from devhost.queue_output import Queues
from devhost.worker import Invocation, Outcome, Worker

log = logging.getLogger("devhost")


class Runner:
    """Runs functions; `on_timeout` must end the worker, as the real host does."""

    def __init__(
        self,
        worker: Worker,
        queues: Queues,
        *,
        timeout: timedelta | None,
        on_timeout: Callable[[], None],
    ) -> None:
        self._worker = worker
        self._queues = queues
        self._timeout = timeout
        self._on_timeout = on_timeout
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(
        self,
        function: Function,
        inputs: Mapping[str, TypedData],
        trigger_metadata: Mapping[str, TypedData] | None = None,
    ) -> Outcome:
        """Run a function and deliver its outputs; a failed delivery is a failed invocation."""
        call = Invocation(function.metadata.function_id, inputs, trigger_metadata or {})
        started = time.monotonic()
        log.info("Executing %s (id=%s)", function.name, call.id)
        self._running += 1
        self._idle.clear()
        try:
            outcome = await self._deliver(function, await self._limited(function, call))
        finally:
            self._running -= 1
            if self._running == 0:
                self._idle.set()
        took = round((time.monotonic() - started) * 1000)
        if outcome.failure is None:
            log.info("Executed %s (succeeded, id=%s, %s ms)", function.name, call.id, took)
        else:
            log.error(
                "Executed %s (failed, id=%s, %s ms)\n%s",
                function.name,
                call.id,
                took,
                outcome.failure,
            )
        return outcome

    async def idle(self) -> None:
        """Wait until nothing runs."""
        await self._idle.wait()

    async def _limited(self, function: Function, call: Invocation) -> Outcome:
        seconds = None if self._timeout is None else self._timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                return await self._worker.invoke(call)
        except TimeoutError:
            log.critical("%s ran longer than functionTimeout (%s)", function.name, self._timeout)
            self._on_timeout()
            return Outcome(failure=f"functionTimeout ({self._timeout})")

    async def _deliver(self, function: Function, outcome: Outcome) -> Outcome:
        """Send the queue outputs of a call that succeeded."""
        if outcome.failure is not None:
            return outcome
        try:
            for output in function.outputs:
                if output.parameter == "$return":
                    value = outcome.return_value
                else:
                    value = outcome.outputs.get(output.parameter)
                if value is not None:
                    await self._queues.deliver(output, value)
        except OutputError as error:
            return Outcome(failure=str(error))
        return outcome
