"""Policies in the registry client's pipeline: one request per call, and never elsewhere.

The client signs in anew for every operation: four requests where one serves. The token
that it obtained is remembered here and set on the next request of the same scope.
"""

import math
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast
from urllib.parse import urlsplit

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import ContentDecodePolicy, SansIOHTTPPolicy
from azure.core.rest import AsyncHttpResponse, HttpRequest

from purge_core.adapters.acr_bearers import Bearers
from purge_core.adapters.acr_scopes import Scope
from purge_core.errors import Malformed
from purge_core.pace.quotas import Kind

Request = PipelineRequest[HttpRequest]
Response = PipelineResponse[HttpRequest, AsyncHttpResponse]
Policy = SansIOHTTPPolicy[HttpRequest, AsyncHttpResponse]

AUTHORIZATION: Final = "Authorization"
OPTION: Final = "call"
UNAUTHORIZED: Final = 401
_FAILED: Final = 400
INSUFFICIENT: Final = 'error="insufficient_scope"'
_LEFT: Final = "X-Ms-Ratelimit-Remaining-Calls-Per-Second"
_KINDS: Final = {"delete": Kind.DELETE, "metadata_write": Kind.WRITE}


class Received(Protocol):
    """An answer. The client has two classes for it, of which this is what both have."""

    status_code: int
    headers: MutableMapping[str, str]

    def body(self) -> bytes:
        """The body. Raises ValueError when it was not received wholly."""
        ...


@dataclass(slots=True, eq=False)
class Call:
    """One logical call on its way: given to the client as ``call=``, filled by the policy.

    With ``raw`` the answer is left as it came: the client decodes nothing of it. An ``urgent``
    one does not stand in line. ``begun`` is the second of the event loop's clock from
    which on ``MAX_AGE`` counts: where it is given, the call is sent within that time or not at
    all. ``stream`` is an answer whose body the client reads later, if at all. ``token`` is the
    header that it carried, and ``asked`` what was asked for in its place, if that was more than
    this call needs. ``challenged``: it was asked for a token; ``refused``: it was not let in.
    """

    scope: Scope
    raw: bool = True
    urgent: bool = False
    begun: float | None = None
    response: Received | None = None
    stream: AsyncHttpResponse | None = None
    token: str | None = None
    asked: Scope | None = None
    challenged: bool = False
    refused: bool = False

    @property
    def kind(self) -> Kind:
        """What it counts as at the registry."""
        return _KINDS.get(self.scope.action, Kind.READ)

    @property
    def left(self) -> float | None:
        """How many more such requests the last answer permits; ``None`` when it does not say.

        The registry tells a number per second: a sixtieth of what its bucket holds.
        """
        try:
            left = float(self.header(_LEFT) or "nan") * 60
        except ValueError:
            return None
        return left if math.isfinite(left) and left >= 0 else None

    @property
    def status(self) -> int | None:
        """The last answer's status."""
        return None if self.response is None else self.response.status_code

    def header(self, name: str) -> str | None:
        """A header of the last answer."""
        return None if self.response is None else self.response.headers.get(name)

    def body(self) -> bytes:
        """The last answer's body. Raises ValueError when it was not received wholly."""
        return b"" if self.response is None else self.response.body()


class StayHome(Policy):
    """Lets no request out but to the login server: neither token nor anything else."""

    def __init__(self, host: str) -> None:
        self._home = f"https://{host}/"
        self._host = host

    def on_request(self, request: Request) -> None:
        """Look where the request goes. Raises Malformed when the registry sent it elsewhere."""
        url = request.http_request.url
        if url.startswith(self._home):
            return
        there = urlsplit(url)
        if (there.scheme, there.netloc.lower()) != ("https", self._host):
            raise Malformed(
                f"{self._host} refers to another host, {there.scheme}://{there.netloc}: "
                "nothing was sent there"
            )


class ReuseBearer(Policy):
    """Sets the token that is known for the call's scope.

    Requests without a call are the client's own token requests and pass untouched.
    """

    def __init__(self, bearers: Bearers) -> None:
        self._bearers = bearers

    def on_request(self, request: Request) -> None:
        """Set the token."""
        call: Call | None = request.context.options.pop(OPTION, None)
        if call is not None:
            request.context[OPTION] = call
            call.response = call.token = call.asked = None
            call.challenged = call.refused = False
            header = self._bearers.header(call.scope)
            if header is not None:
                request.http_request.headers[AUTHORIZATION] = header

    async def on_response(self, request: Request, response: Response) -> None:
        """Note that the token served, and keep the answer for the caller."""
        call: Call | None = request.context.get(OPTION)
        if call is None:
            return
        call.response = cast("Received", response.http_response)
        if call.token is not None and not call.refused:
            self._bearers.served(call.scope, call.token)
        await self._settle(call, response)

    async def _settle(self, call: Call, response: Response) -> None:
        """Read what nobody else will read, and say to the decoding policy what it need not."""
        options: dict[str, Any] = response.context.options
        if options.get("stream"):
            call.stream = response.http_response
            if call.stream.status_code >= _FAILED:
                await call.stream.read()  # else its connection could not be used again
        if call.raw:
            response.context[ContentDecodePolicy.CONTEXT_NAME] = {}
            options["stream"] = True


class Nothing(Policy):
    """Stands where the client would put a policy that costs time and serves nobody here."""
