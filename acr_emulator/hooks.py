"""Hooks: what happens in the registry just before, or just after, a request."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import isawaitable

from acr_emulator.matching import Match
from acr_emulator.state import Registry
from acr_emulator.wire.call import Call

Action = Callable[[Registry, Call], object]
"""Changes the registry; may be a coroutine function. What it gives back is of no interest."""


@dataclass(frozen=True, slots=True)
class _Hook:
    match: Match
    action: Action


class Hooks:
    """The hooks of one registry, run in the order in which they were added."""

    def __init__(self) -> None:
        self._before: list[_Hook] = []
        self._after: list[_Hook] = []

    def before(self, match: Match, action: Action) -> None:
        """Run `action` before each request that `match` means, even before its credentials."""
        self._before.append(_Hook(match, action))

    def after(self, match: Match, action: Action) -> None:
        """Run `action` after each request that `match` means, when it has taken effect."""
        self._after.append(_Hook(match, action))

    def clear(self) -> None:
        """Remove all hooks."""
        self._before.clear()
        self._after.clear()

    async def run_before(self, registry: Registry, call: Call) -> None:
        """Run the hooks that are due before this request."""
        await _run(self._before, registry, call)

    async def run_after(self, registry: Registry, call: Call) -> None:
        """Run the hooks that are due after this request."""
        await _run(self._after, registry, call)


async def _run(hooks: list[_Hook], registry: Registry, call: Call) -> None:
    for hook in hooks:
        if hook.match.takes(number=call.number, method=call.method, path=call.path, kind=call.kind):
            result = hook.action(registry, call)
            if isawaitable(result):
                await result
