"""Policies that stand behind the client's sign-in: what it asks for, and what comes too late."""

import asyncio
import json
from typing import Final, cast
from urllib.parse import urlsplit

from purge_core.adapters.acr_bearers import Bearers
from purge_core.adapters.acr_pipeline import (
    AUTHORIZATION,
    INSUFFICIENT,
    OPTION,
    UNAUTHORIZED,
    Call,
    Policy,
    Received,
    Request,
    Response,
)
from purge_core.adapters.acr_scopes import Scope, for_all
from purge_core.errors import NotSent
from purge_core.registry import MAX_AGE

_REFUSALS: Final = frozenset({400, UNAUTHORIZED, 403, 431})
"""What a registry may say to a token that it does not take; the last one, to one too long."""
_CHALLENGE: Final = "WWW-Authenticate"
_EXCHANGE: Final = "/oauth2/exchange"


class InTime(Policy):
    """Sends no deletion and no unlock later than its verification lasts.

    It stands behind the sign-in, which may take long. What is left of the time is all that there
    is for a connection.
    """

    def on_request(self, request: Request) -> None:
        """Look at the time. Raises NotSent when it is too late."""
        call: Call | None = request.context.get(OPTION)
        if call is None or call.begun is None:
            return
        left = call.begun + MAX_AGE - asyncio.get_running_loop().time()
        if left <= 0:
            raise NotSent(
                f"it was too late for a change of {call.scope.repository}; nothing was sent"
            )
        request.context.options["connection_timeout"] = left


class AskOnce(Policy):
    """Has the client ask for tokens that are good for more than the call that needs one.

    It stands behind the sign-in: it learns what token the client obtained as soon as that is in
    hand, and changes the challenge that the client answers.
    """

    def __init__(self, bearers: Bearers) -> None:
        self._bearers = bearers

    def on_request(self, request: Request) -> None:
        """Learn the token."""
        call: Call | None = request.context.get(OPTION)
        header = request.http_request.headers.get(AUTHORIZATION)
        if call is None or header is None:
            return
        call.token = header
        self._bearers.learn(call.scope, header)
        if self._bearers.is_for_all(call.scope, header):
            call.asked = for_all(call.scope)

    def on_response(self, request: Request, response: Response) -> None:
        """Learn what may be asked for, and ask for it."""
        answer = cast("Received", response.http_response)
        call: Call | None = request.context.get(OPTION)
        if call is None:
            if urlsplit(request.http_request.url).path == _EXCHANGE:
                self._bearers.admitted(_refresh_token(answer))
            return
        call.refused = answer.status_code in _REFUSALS
        if call.refused:
            self._forget(call, answer)
        if answer.status_code == UNAUTHORIZED and not call.challenged:
            call.challenged, call.asked = True, None
            self._widen(call, answer)

    def _forget(self, call: Call, answer: Received) -> None:
        """Forget what was refused; one for all repositories may still serve the others."""
        if call.token is None:
            return
        denied = answer.status_code == UNAUTHORIZED
        if call.asked is None or (denied and INSUFFICIENT not in _challenge(answer)):
            self._bearers.forget(call.scope, call.token)
        elif denied or not self._bearers.is_proven(call.asked):
            self._bearers.ask_plainly(call.scope, call.asked)
        else:
            call.asked = None  # the token is good: it is something else that was refused

    def _widen(self, call: Call, answer: Received) -> None:
        """Change the first challenge: the client answers no other."""
        wanted = self._bearers.wanted(call.scope)
        challenge = _challenge(answer)
        if wanted is None or _asking(call.scope) not in challenge:
            return
        call.asked = wanted
        answer.headers[_CHALLENGE] = challenge.replace(_asking(call.scope), _asking(wanted))


def _asking(scope: Scope) -> str:
    return f'scope="repository:{scope.repository}:{scope.action}"'


def _challenge(answer: Received) -> str:
    return answer.headers.get(_CHALLENGE) or ""


def _refresh_token(answer: Received) -> str | None:
    try:
        token = json.loads(answer.body())["refresh_token"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return token if isinstance(token, str) else None
