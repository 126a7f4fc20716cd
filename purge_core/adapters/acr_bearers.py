"""The tokens that a registry gave, remembered until they are nearly spent.

The client signs in anew for every operation; who remembers spares three requests of four.
"""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

_SPENT: Final = 0.9
"""The share of a token's life after which a new one is asked for."""


class Scope(NamedTuple):
    """What a token is good for: one action on one repository (``""``: the registry)."""

    repository: str
    action: str


class _Bearer(NamedTuple):
    header: str
    stale_at: float


class Bearers:
    """The tokens of one registry, by scope. ``clock`` counts seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[Scope, _Bearer] = {}
        self._leaders: dict[Scope, asyncio.Event] = {}

    def header(self, scope: Scope) -> str | None:
        """The ``Authorization`` header for ``scope``; ``None`` when none is good any more."""
        bearer = self._known.get(scope)
        return bearer.header if bearer and self._clock() < bearer.stale_at else None

    def learn(self, scope: Scope, header: str) -> None:
        """Remember the header that a request for ``scope`` was answered on."""
        known = self._known.get(scope)
        if known is None or known.header != header:
            self._known[scope] = _Bearer(header, self._clock() + _SPENT * _lifetime(header))

    def forget(self, scope: Scope) -> None:
        """Forget a header that was refused."""
        self._known.pop(scope, None)

    def clear(self) -> None:
        """Forget all."""
        self._known.clear()

    @asynccontextmanager
    async def turn(self, scope: Scope) -> AsyncIterator[None]:
        """Let one caller sign in for ``scope`` while the others wait for what it brings.

        When it brings nothing they go on all the same, each for itself.
        """
        leader = self._leaders.get(scope)
        if self.header(scope) is not None:
            yield
        elif leader is not None:
            await leader.wait()
            yield
        else:
            leader = self._leaders[scope] = asyncio.Event()
            try:
                yield
            finally:
                del self._leaders[scope]
                leader.set()


def _lifetime(header: str) -> float:
    """Read how long a token lives, in seconds; for ever when it does not say.

    The difference of its own two times: the registry's clock need not agree with ours.
    """
    try:
        payload = header.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"]) - float(claims["iat"])
    except (ValueError, LookupError, TypeError):
        return float("inf")
