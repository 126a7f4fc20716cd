"""What may go wrong with one request, said once: for the fake's ports and for the wire."""

from enum import Enum
from typing import Final, assert_never

from acr_emulator import Effect, Fault, Match
from purge_core.errors import AccessDenied, Malformed, NotFound, RegistryError, Unavailable

ANSWER_LIMIT: Final = 120.0
"""Seconds after which the client takes no answer for none."""
SLOW: Final = 1.3
"""Seconds that a slow answer takes: two of them make a view too old."""
_INSUFFICIENT: Final = {
    "WWW-Authenticate": (
        'Bearer realm="https://{host}/oauth2/token",service="{host}",'
        'scope="repository:shop:delete",error="insufficient_scope"'
    )
}
_LONGER_THAN_WAITED_FOR: Final = 400.0


class Trouble(Enum):
    """What goes wrong with one request."""

    UNAUTHORIZED = "401"
    INSUFFICIENT = "401, insufficient scope"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    NOT_ALLOWED = "405"
    REQUEST_TIMEOUT = "408"
    CONFLICT = "409"
    TOO_MANY = "429"
    TOO_MANY_WAIT = "429, Retry-After: 3"
    TOO_MANY_LONG = "429, Retry-After: 400"
    ERROR = "500"
    BAD_GATEWAY = "502"
    DOWN = "503, Retry-After: 9"
    GATEWAY_TIMEOUT = "504"
    RESET = "the connection is torn"
    SILENCE = "no answer comes"
    TRUNCATED = "half of the answer comes"
    GARBAGE = "200 and bytes that mean nothing"
    EXPIRED = "every token is too old"
    SLOW = "the answer takes its time"


_STATUS: Final = {
    Trouble.UNAUTHORIZED: 401,
    Trouble.INSUFFICIENT: 401,
    Trouble.FORBIDDEN: 403,
    Trouble.NOT_FOUND: 404,
    Trouble.NOT_ALLOWED: 405,
    Trouble.REQUEST_TIMEOUT: 408,
    Trouble.CONFLICT: 409,
    Trouble.TOO_MANY: 429,
    Trouble.TOO_MANY_WAIT: 429,
    Trouble.TOO_MANY_LONG: 429,
    Trouble.ERROR: 500,
    Trouble.BAD_GATEWAY: 502,
    Trouble.DOWN: 503,
    Trouble.GATEWAY_TIMEOUT: 504,
}
_RETRY_AFTER: Final = {
    Trouble.TOO_MANY_WAIT: 3.0,
    Trouble.TOO_MANY_LONG: _LONGER_THAN_WAITED_FOR,
    Trouble.DOWN: 9.0,
}
_EFFECTS: Final = {
    Trouble.RESET: Effect.RESET,
    Trouble.SILENCE: Effect.TIMEOUT,
    Trouble.TRUNCATED: Effect.TRUNCATE,
    Trouble.GARBAGE: Effect.GARBAGE,
    Trouble.SLOW: Effect.SLOW,
}
LOSABLE: Final = tuple(
    trouble
    for trouble in Trouble
    if _STATUS.get(trouble, 500) >= 500 and trouble not in {Trouble.EXPIRED, Trouble.SLOW}
)
"""What may come instead of the answer to a request that was carried out."""


class Refused405(RegistryError):
    """405, which is an answer to a deletion and an error to all else."""


def as_error(trouble: Trouble) -> RegistryError | None:
    """Give what the engine's ports make of it; ``None``: time passes, and nothing else."""
    match trouble:
        case Trouble.UNAUTHORIZED | Trouble.INSUFFICIENT | Trouble.FORBIDDEN:
            return AccessDenied(trouble.value)
        case Trouble.NOT_FOUND:
            return NotFound(trouble.value)
        case Trouble.NOT_ALLOWED:
            return Refused405(trouble.value)
        case Trouble.CONFLICT | Trouble.GARBAGE:
            return Malformed(trouble.value)
        case Trouble.RESET | Trouble.SILENCE | Trouble.TRUNCATED:
            return Unavailable(trouble.value)
        case Trouble.EXPIRED | Trouble.SLOW:
            return None
        case (
            Trouble.REQUEST_TIMEOUT
            | Trouble.TOO_MANY
            | Trouble.TOO_MANY_WAIT
            | Trouble.TOO_MANY_LONG
            | Trouble.ERROR
            | Trouble.BAD_GATEWAY
            | Trouble.DOWN
            | Trouble.GATEWAY_TIMEOUT
        ):
            wait = _RETRY_AFTER.get(trouble)
            return Unavailable(trouble.value, status=_STATUS[trouble], retry_after=wait)
        case _:
            assert_never(trouble)


def seconds_of(trouble: Trouble) -> float:
    """Tell how long it is until it shows."""
    return {Trouble.SILENCE: ANSWER_LIMIT, Trouble.SLOW: SLOW}.get(trouble, 0.0)


def as_fault(trouble: Trouble, number: int, host: str, *, done: bool) -> Fault:
    """Give what strikes the request of that number at the development registry.

    ``done``: it takes effect all the same, and only its answer is lost.
    """
    headers: dict[str, str] = {}
    if trouble is Trouble.INSUFFICIENT:
        headers = {name: text.format(host=host) for name, text in _INSUFFICIENT.items()}
    if trouble in _RETRY_AFTER:
        headers = {"Retry-After": f"{_RETRY_AFTER[trouble]:g}"}
    return Fault(
        match=Match(number=number),
        effect=_EFFECTS.get(trouble, Effect.STATUS),
        status=_STATUS.get(trouble, 500),
        headers=headers,
        delay=SLOW if trouble is Trouble.SLOW else 0.0,
        done=done,
    )
