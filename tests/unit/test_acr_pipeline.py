"""The memory of tokens: by scope, for as long as they live, asked for by one at a time."""

import asyncio
import base64
import json
from types import TracebackType
from typing import Any, Self

import pytest
from azure.core.pipeline import AsyncPipeline
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest

from purge_core.adapters.acr_bearers import Bearers
from purge_core.adapters.acr_pipeline import Call, ReuseBearer, StayHome
from purge_core.adapters.acr_scopes import Scope
from purge_core.adapters.acr_sign_in import AskOnce
from purge_core.errors import Malformed

DELETE = Scope("shop/web", "delete")
READ = Scope("shop/web", "metadata_read")


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def bearer(life: float, issued: float = 0) -> str:
    """Return a header whose token lives so many seconds, by a clock of its own."""
    claims = json.dumps({"iat": issued, "exp": issued + life}).encode()
    return f"Bearer head.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.tail"


def test_token_is_known_by_repository_and_action() -> None:
    """A token for one action on one repository serves nothing else."""
    bearers = Bearers()
    bearers.learn(DELETE, "Bearer x")
    assert bearers.header(DELETE) == "Bearer x"
    assert bearers.header(READ) is None
    assert bearers.header(Scope("shop/api", "delete")) is None


def test_refused_token_is_forgotten() -> None:
    """After a 401 the next request goes without, so that a challenge comes."""
    bearers = Bearers()
    bearers.learn(DELETE, "Bearer x")
    bearers.learn(READ, "Bearer y")
    bearers.forget(DELETE, "Bearer x")
    assert bearers.header(DELETE) is None
    assert bearers.header(READ) == "Bearer y"


@pytest.mark.parametrize("issued", [0, 10**9, 5 * 10**9])
def test_token_is_not_used_to_its_last_moment(issued: float) -> None:
    """Its life is counted from when it came: the two clocks need not agree."""
    clock = Clock()
    bearers = Bearers(clock)
    bearers.learn(DELETE, bearer(100, issued))
    clock.now += 89
    bearers.learn(DELETE, bearer(100, issued))
    assert bearers.header(DELETE) is not None
    clock.now += 1
    assert bearers.header(DELETE) is None


@pytest.mark.parametrize("header", ["Bearer x", "Bearer a.b.c", "Bearer a.bnVsbA.c", "Basic eDp5"])
def test_token_that_does_not_tell_its_life_is_used_until_refused(header: str) -> None:
    """Only the registry can say when such a token ends."""
    clock = Clock()
    bearers = Bearers(clock)
    bearers.learn(DELETE, header)
    clock.now += 10**9
    assert bearers.header(DELETE) == header


async def test_one_signs_in_for_all() -> None:
    """Of many first calls one goes ahead; the others find its token."""
    bearers = Bearers()
    without: list[int] = []

    async def call(number: int) -> None:
        async with bearers.turn(DELETE):
            if bearers.header(DELETE) is None:
                without.append(number)
                await asyncio.sleep(0)
                bearers.learn(DELETE, "Bearer x")

    await asyncio.gather(*(call(number) for number in range(32)))
    assert without == [0]


async def test_scopes_do_not_wait_for_each_other() -> None:
    """A sign-in for one scope holds nobody up who needs another, once the first has been."""
    bearers = Bearers()
    bearers.admitted("")
    async with bearers.turn(DELETE), asyncio.timeout(10), bearers.turn(READ):
        pass


@pytest.mark.parametrize("fate", [ValueError("refused"), asyncio.CancelledError()])
async def test_failed_sign_in_lets_the_others_go_on(fate: BaseException) -> None:
    """When the first fails or is cancelled, nobody waits for ever."""
    bearers = Bearers()
    went_on: list[int] = []

    async def leader() -> None:
        async with bearers.turn(DELETE):
            await asyncio.sleep(0)
            raise fate

    async def follower(number: int) -> None:
        async with bearers.turn(DELETE):
            went_on.append(number)

    first = asyncio.ensure_future(leader())
    await asyncio.sleep(0)
    await asyncio.gather(*(follower(number) for number in range(3)))
    assert sorted(went_on) == [0, 1, 2]
    with pytest.raises(type(fate)):
        await first


async def test_whoever_waits_can_be_cancelled() -> None:
    """A caller whose time is up leaves the queue; the one ahead is not disturbed."""
    bearers = Bearers()
    async with bearers.turn(DELETE):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0), bearers.turn(DELETE):
                pytest.fail("it was not its turn")
    async with bearers.turn(DELETE):
        bearers.learn(DELETE, "Bearer x")
    assert bearers.header(DELETE) == "Bearer x"


class Answer:
    """An answer of a status, with nothing in it."""

    def __init__(self, status: int) -> None:
        self.status_code = status
        self.headers: dict[str, str] = {}

    def body(self) -> bytes:
        """Return nothing."""
        return b""


class Wire(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """Remembers what was sent, and answers with the status that is set."""

    def __init__(self) -> None:
        self.status = 200
        self.sent: list[str | None] = []

    async def send(self, request: HttpRequest, **_options: object) -> AsyncHttpResponse:
        """Take a request."""
        self.sent.append(request.headers.get("Authorization"))
        answer: Any = Answer(self.status)
        return answer  # type: ignore[no-any-return]

    async def open(self) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()


async def sent(
    wire: Wire, bearers: Bearers, *, call: Call | None, token: str | None = None
) -> str | None:
    """Send a request through the policies; return the Authorization that went out."""
    policies = [StayHome("home.example"), ReuseBearer(bearers), AskOnce(bearers)]
    pipeline = AsyncPipeline[HttpRequest, AsyncHttpResponse](wire, policies)
    headers = {} if token is None else {"Authorization": token}
    request = HttpRequest("GET", "https://home.example/v2/", headers=headers)
    options: dict[str, Any] = {} if call is None else {"call": call}
    await pipeline.run(request, stream=False, **options)
    return wire.sent[-1]


async def test_token_that_served_is_sent_again() -> None:
    """What the client signed in with is set on the next request of the same scope."""
    wire, bearers = Wire(), Bearers()
    assert await sent(wire, bearers, call=Call(DELETE), token="Bearer x") == "Bearer x"
    assert await sent(wire, bearers, call=Call(DELETE)) == "Bearer x"
    assert await sent(wire, bearers, call=Call(READ)) is None


async def test_token_that_was_refused_is_not_sent_again() -> None:
    """After a 401 the next request goes without one."""
    wire, bearers = Wire(), Bearers()
    await sent(wire, bearers, call=Call(DELETE), token="Bearer x")
    wire.status = 401
    call = Call(DELETE)
    assert await sent(wire, bearers, call=call) == "Bearer x"
    assert call.status == 401
    assert await sent(wire, bearers, call=Call(DELETE)) is None


async def test_token_requests_pass_untouched() -> None:
    """A request without a call, as the client's own for tokens, neither learns nor gets any."""
    wire, bearers = Wire(), Bearers()
    await sent(wire, bearers, call=Call(DELETE), token="Bearer x")
    assert await sent(wire, bearers, call=None) is None
    await sent(wire, bearers, call=None, token="Bearer y")
    assert await sent(wire, bearers, call=Call(DELETE)) == "Bearer x"


async def test_no_request_leaves_for_another_host() -> None:
    """It is stopped before it has a token, and before anything is sent."""
    wire, bearers = Wire(), Bearers()
    bearers.learn(DELETE, "Bearer x")
    policies = [StayHome("home.example"), ReuseBearer(bearers)]
    pipeline = AsyncPipeline[HttpRequest, AsyncHttpResponse](wire, policies)
    request = HttpRequest("GET", "https://home.example.evil/v2/")
    with pytest.raises(Malformed, match=r"home\.example\.evil"):
        await pipeline.run(request, call=Call(DELETE))
    assert "Authorization" not in request.headers
    assert wire.sent == []
