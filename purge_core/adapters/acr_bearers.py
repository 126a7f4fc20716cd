"""The tokens that a registry gave, remembered until they are nearly spent.

The client signs in anew for every operation; who remembers spares three requests of four. And
where a token may be good for more than one action or repository, it is asked for so.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from enum import Enum
from typing import Final, NamedTuple

from purge_core.adapters.acr_tokens import claims_of, granted_by

_SPENT: Final = 0.9
"""The share of a token's life after which a new one is asked for."""
_EVERY: Final = "*"
_TOGETHER: Final = {"metadata_read": ("metadata_read", "pull"), "pull": ("metadata_read", "pull")}
"""What is asked for in one token. Nobody who only reads asks for one that may delete."""
_ALL: Final = ("metadata_read", "pull", "delete", "metadata_write")


class Scope(NamedTuple):
    """What a token is good for: one action on one repository (``""``: the registry)."""

    repository: str
    action: str


class Admission(Enum):
    """For what a registry gives tokens, as far as it has told."""

    UNKNOWN = "unknown"
    REGISTRY = "the registry"
    """Roles are for all repositories, and so may a token be."""
    REPOSITORY = "a repository"


class _Bearer(NamedTuple):
    header: str
    stale_at: float


class Bearers:
    """The tokens of one registry, by scope, for one identity.

    ``clock`` counts seconds and never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[Scope, _Bearer] = {}
        self._leaders: dict[Scope | None, asyncio.Event] = {}
        self._admission = Admission.UNKNOWN
        self._plain: set[str] = set()

    def header(self, scope: Scope) -> str | None:
        """The ``Authorization`` header for ``scope``; ``None`` when none is good any more."""
        now = self._clock()
        for key in _serving(scope):
            bearer = self._known.get(key)
            if bearer is not None and now < bearer.stale_at:
                return bearer.header
        return None

    def learn(self, scope: Scope, header: str) -> None:
        """Remember the header that a request for ``scope`` was answered on.

        It is used for all that it says to be good for: where that is wrong, the registry refuses.
        """
        if any(b.header == header for key in _serving(scope) if (b := self._known.get(key))):
            return
        token = header.partition(" ")[2]
        bearer = _Bearer(header, self._clock() + _SPENT * _lifetime(token))
        for good_for in {scope, *_granted(token)}:
            self._known[good_for] = bearer

    def forget(self, scope: Scope) -> None:
        """Forget a header that was refused."""
        for key in _serving(scope):
            self._known.pop(key, None)

    def clear(self) -> None:
        """Forget all."""
        self._known.clear()
        self._plain.clear()
        self._admission = Admission.UNKNOWN

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

    def ask_plainly(self, scope: Scope) -> None:
        """Ask for no more than is needed from now on: what was given for more was no good."""
        self._plain.update(_actions(scope))

    def _wider(self, scope: Scope) -> Scope:
        if not scope.repository or scope.action in self._plain:
            return scope
        everywhere = self._admission is Admission.REGISTRY
        return Scope(_EVERY if everywhere else scope.repository, ",".join(_actions(scope)))

    def _queue(self, scope: Scope) -> Scope | None:
        """Give what one signs in for on behalf of all; ``None``: to see what may be asked for."""
        return self._wider(scope) if self.is_admitted else None

    @asynccontextmanager
    async def turn(self, scope: Scope) -> AsyncIterator[None]:
        """Let one caller sign in for ``scope`` while the others wait for what it brings.

        When it brings nothing they go on all the same, each for itself.
        """
        while self.header(scope) is None:
            key = self._queue(scope)
            leader = self._leaders.get(key)
            if leader is None:
                async with self._leading(key):
                    yield
                return
            await leader.wait()
            if self._queue(scope) == key:
                break
        yield

    @asynccontextmanager
    async def _leading(self, key: Scope | None) -> AsyncIterator[None]:
        led = self._leaders[key] = asyncio.Event()
        try:
            yield
        finally:
            del self._leaders[key]
            led.set()


def _actions(scope: Scope) -> tuple[str, ...]:
    """Give what is asked for along with a scope's action."""
    return _TOGETHER.get(scope.action, (scope.action,))


def _serving(scope: Scope) -> tuple[Scope, ...]:
    """What a token may be known by that serves ``scope``."""
    return (scope, Scope(_EVERY, scope.action)) if scope.repository else (scope,)


def _granted(token: str) -> Iterator[Scope]:
    """Give what an access token says it is good for, of repositories."""
    for name, actions in granted_by(token, "repository").items():
        for action in _ALL if _EVERY in actions else actions:
            yield Scope(name, action)


def _lifetime(token: str) -> float:
    """Read how long a token lives, in seconds; for ever when it does not say.

    The difference of its own two times: the registry's clock need not agree with ours.
    """
    claims = claims_of(token)
    try:
        return float(claims["exp"]) - float(claims["iat"])
    except (ValueError, LookupError, TypeError):
        return float("inf")
