"""The tokens that a registry gave, remembered until they are nearly spent.

The client signs in anew for every operation; who remembers spares three requests of four. And
where a token may be good for more than one action or repository, it is asked for so.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import Enum
from typing import Final, NamedTuple

from purge_core.adapters.acr_scopes import (
    EVERY,
    Scope,
    actions_with,
    for_all,
    granted_for,
    serving,
)
from purge_core.adapters.acr_tokens import claims_of

_SPENT: Final = 0.9
"""The share of a token's life after which a new one is asked for."""
_PLAIN_FOR: Final = 3600.0
"""Seconds for which no more than needed is asked for, after more was refused."""
_WAITS: Final = 2
"""So often somebody waits for another's sign-in, before trying by itself."""
_CROWDED: Final = 1024


class Admission(Enum):
    """For what a registry gives tokens, as far as it has told."""

    UNKNOWN = "unknown"
    REGISTRY = "the registry"
    """Roles are for all repositories, and so may a token be."""
    REPOSITORY = "a repository"


class _Bearer(NamedTuple):
    header: str
    stale_at: float


class _Leader(NamedTuple):
    scope: Scope
    done: asyncio.Event


class Bearers:
    """The tokens of one registry, by scope, for one identity and one event loop.

    ``clock`` counts seconds and never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[Scope, _Bearer] = {}
        self._crowded = _CROWDED
        self._leaders: dict[Scope | None, _Leader] = {}
        self._admission = Admission.UNKNOWN
        self._plain: dict[Scope, float] = {}
        self._proven: set[str] = set()

    def header(self, scope: Scope) -> str | None:
        """The ``Authorization`` header for ``scope``; ``None`` when none is good any more."""
        now = self._clock()
        for key in (scope,) if self._is_plain(scope) else serving(scope):
            bearer = self._known.get(key)
            if bearer is not None and now < bearer.stale_at:
                return bearer.header
        return None

    def learn(self, scope: Scope, header: str) -> None:
        """Remember the header that the client obtained for ``scope``; whoever waits goes on.

        It is used for all that it says to be good for, of what it was asked for: where that is
        wrong, the registry refuses.
        """
        if self.header(scope) == header or not header.isprintable():  # what cannot be sent
            return
        token = header.partition(" ")[2]
        bearer = _Bearer(header, self._clock() + _SPENT * _lifetime(token))
        self._make_room()
        granted = set(granted_for(token, scope))
        if granted.isdisjoint(serving(scope)):
            self._known[scope] = bearer  # whether it is good for anything is still to be seen
            return
        self._known |= dict.fromkeys(granted, bearer)
        for key, leader in tuple(self._leaders.items()):
            if leader.scope == scope:
                self._release(key, leader)

    def is_for_all(self, scope: Scope, header: str) -> bool:
        """Whether a header is known to be good for all repositories."""
        known = self._known.get(for_all(scope))
        return known is not None and known.header == header

    def served(self, scope: Scope, header: str) -> None:
        """Note that a request for ``scope`` was let in with a header."""
        if self.is_for_all(scope, header):
            self._proven.add(scope.action)

    def forget(self, scope: Scope, header: str | None) -> None:
        """Forget a header that was refused."""
        for key in serving(scope):
            known = self._known.get(key)
            if known is not None and known.header == header:
                del self._known[key]

    def _make_room(self) -> None:
        """Forget what is spent, now and then: a process may see many repositories."""
        if len(self._known) < self._crowded:
            return
        now = self._clock()
        self._known = {key: b for key, b in self._known.items() if now < b.stale_at}
        self._crowded = max(_CROWDED, 2 * len(self._known))

    # --- what to ask for --------------------------------------------------------------------------

    def admitted(self, refresh_token: str | None) -> None:
        """Learn from a refresh token for what the registry gives tokens; ``None``: it gave none.

        One with repository permissions names the identity in it, and ``acr`` tells it by that.
        Source: https://github.com/Azure/acr-cli
        """
        claims = claims_of(refresh_token or "")
        if refresh_token is None:
            self._admission = Admission.UNKNOWN
        elif not claims or "aad_identity" in claims:
            self._admission = Admission.REPOSITORY
        else:
            self._admission = Admission.REGISTRY

    @property
    def is_admitted(self) -> bool:
        """Whether the registry has let the identity in, and told for what it gives tokens."""
        return self._admission is not Admission.UNKNOWN

    def wanted(self, scope: Scope) -> Scope | None:
        """What to ask for instead of ``scope`` alone; ``None``: nothing else."""
        wider = self._wider(scope)
        return None if wider == scope else wider

    def is_proven(self, asked: Scope) -> bool:
        """Whether such a token was good for somebody."""
        return asked.repository == EVERY and not self._proven.isdisjoint(asked.action.split(","))

    def ask_plainly(self, scope: Scope, asked: Scope) -> None:
        """Ask for ``scope`` alone for an hour: what was ``asked`` for instead is no good.

        Where a token for all repositories never was for anybody, nobody asks for one.
        """
        everywhere = asked.repository == EVERY and not self.is_proven(asked)
        names = (scope.repository, EVERY) if everywhere else (scope.repository,)
        keys = (Scope(name, action) for name in names for action in actions_with(scope))
        self._plain |= dict.fromkeys(keys, self._clock() + _PLAIN_FOR)
        self._known.pop(scope, None)

    def _is_plain(self, scope: Scope) -> bool:
        if not self._plain:
            return False
        now = self._clock()
        return any(now < self._plain.get(key, now) for key in serving(scope))

    def _wider(self, scope: Scope) -> Scope:
        if not scope.repository or self._is_plain(scope):
            return scope
        everywhere = self._admission is Admission.REGISTRY
        return Scope(EVERY if everywhere else scope.repository, ",".join(actions_with(scope)))

    # --- who asks ---------------------------------------------------------------------------------

    @asynccontextmanager
    async def turn(self, scope: Scope) -> AsyncIterator[None]:
        """Let one caller sign in for ``scope`` while the others wait for what it brings.

        When it brings nothing they go on all the same, each for itself.
        """
        for _ in range(_WAITS):
            if self.header(scope) is not None:
                break
            key = self._queue(scope)
            leader = self._leaders.get(key)
            if leader is None:
                async with self._leading(key, scope):
                    yield
                return
            await leader.done.wait()
            if self._queue(scope) == key:
                break
        yield

    def _queue(self, scope: Scope) -> Scope | None:
        """Give what one signs in for on behalf of all; ``None``: to see what may be asked for."""
        return self._wider(scope) if self.is_admitted else None

    @asynccontextmanager
    async def _leading(self, key: Scope | None, scope: Scope) -> AsyncIterator[None]:
        leader = self._leaders[key] = _Leader(scope, asyncio.Event())
        try:
            yield
        finally:
            self._release(key, leader)

    def _release(self, key: Scope | None, leader: _Leader) -> None:
        """Let go on whoever waits: the token is there, or there is none."""
        if self._leaders.get(key) is leader:
            del self._leaders[key]
        leader.done.set()


def _lifetime(token: str) -> float:
    """Read how long a token lives, in seconds; for ever when it does not say.

    The difference of its own two times: the registry's clock need not agree with ours.
    """
    claims = claims_of(token)
    try:
        return float(claims["exp"]) - float(claims["iat"])
    except (ValueError, LookupError, TypeError, OverflowError):
        return float("inf")
