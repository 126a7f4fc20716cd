"""A process that ends at any await: its time is up, it is cancelled, or it is killed.

Every time that a coroutine of the process goes on, after whatever it has waited for, is counted.
At one of these moments something happens. A process has an event loop of its own; when it is
killed, the loop is left as it stands: nothing in it goes on, no cleaning up either.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from typing import Any, Final, TypeVar

from tests.service_world import Killed, Process

Result = TypeVar("Result")

_DEAD: Final[list[object]] = []
"""What was left standing. It is kept, since Python would make it clean up."""


class Life:
    """Counts the moments of one process, and lets something happen at number ``at``."""

    def __init__(self, at: int | None = None, act: Callable[[], object] | None = None) -> None:
        """Do ``act`` then; without it the process is killed. Without ``at``, nothing happens."""
        self.act: Callable[[], object] = act or self._kill
        self.moments = 0
        self.process = Process()
        self._at = at
        self._loop = asyncio.new_event_loop()

    @property
    def is_over(self) -> bool:
        """Whether what was to happen has happened."""
        return self._at is not None and self.moments >= self._at

    def live(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do ``work`` as this process; may be called again.

        Raises:
            Killed: the process was killed.

        """
        self._loop.set_task_factory(self._task)
        task = self._loop.create_task(work)
        try:
            return self._loop.run_until_complete(task)
        except RuntimeError:
            if not self.process.dead:
                raise
            _DEAD.append((self._loop, task, asyncio.all_tasks(self._loop)))
            raise Killed from None

    def close(self) -> None:
        """Let go of the loop of a process that has not been killed."""
        if not self.process.dead:
            self._loop.close()

    def goes_on(self) -> bool:
        """Count a moment; whether the process is alive."""
        if not self.process.dead:
            self.moments += 1
            if self.moments == self._at:
                self.act()
        return not self.process.dead

    def silence(self) -> Any:  # noqa: ANN401 - as every coroutine
        """Give what a coroutine waits for that is never to go on."""
        return next(iter(self._loop.create_future().__await__()))

    def _kill(self) -> None:
        self.process.dead = True
        self._loop.stop()

    def _task(
        self,
        loop: asyncio.AbstractEventLoop,
        work: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
        context: Context | None = None,
    ) -> asyncio.Task[Any]:
        assert isinstance(work, Coroutine)
        return asyncio.Task(_Counted(work, self), loop=loop, context=context)


class _Counted(Coroutine[Any, Any, Any]):
    """A coroutine whose every step is a moment of its process."""

    def __init__(self, work: Coroutine[Any, Any, Any], life: Life) -> None:
        self._work = work
        self._life = life

    def send(self, value: Any, /) -> Any:  # noqa: ANN401 - as every coroutine
        """Go on."""
        return self._work.send(value) if self._life.goes_on() else self._life.silence()

    def throw(self, *error: Any) -> Any:  # noqa: ANN401 - as every coroutine
        """Go on with an error."""
        return self._work.throw(*error) if self._life.goes_on() else self._life.silence()

    def close(self) -> None:
        """End at once."""
        self._work.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        """Be waited for like what it stands for."""
        return self._work.__await__()
