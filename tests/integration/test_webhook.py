"""A notice sent to a real https server: taken, refused, too slow; its address is never told."""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import jsonschema
import pytest
from aiohttp import web

from purge_core.adapters.webhook import post_notice
from purge_core.instants import TICKS_PER_SECOND
from purge_core.notices.document import notice_schema
from purge_core.notices.sending import NotTaken
from purge_core.notices.webhook import Format, Webhook
from tests.https_site import Reply, Site, serving
from tests.notices import hostile_notice, notice

PATH = "/hooks/c2VjcmV0?sig=t0p5ecret"
SECRETS = ("c2VjcmV0", "t0p5ecret", "hooks")


@pytest.fixture
async def site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Site]:
    """Return a running receiver; no log line at any level may tell its address."""
    caplog.set_level(logging.DEBUG)
    async with serving(tmp_path, monkeypatch, PATH) as running:
        yield running
    assert not any(secret in caplog.text for secret in SECRETS)


def says(status: int, **headers: str) -> Reply:
    """Answer with a status and headers."""

    async def reply(_request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, headers=named, text="a body that nobody reads")

    return reply


async def hangs(request: web.Request) -> web.StreamResponse:
    """Answer nothing for as long as somebody waits for it."""
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - nothing tells when a client goes away
        await asyncio.sleep(0.02)
    return web.Response()


async def drops(request: web.Request) -> web.StreamResponse:
    """Close the connection instead of answering."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def refusal(url: str, *, limit: float = 20) -> NotTaken:
    """Send a notice that is not taken; nothing of the error tells the address."""
    with pytest.raises(NotTaken) as caught:
        await post_notice(Webhook(url), notice(), limit=limit)
    told = "".join(traceback.format_exception(caught.value))
    assert not any(secret in told for secret in SECRETS)
    assert not any(secret in f"{Webhook(url)!r} {Webhook(url)}" for secret in SECRETS)
    return caught.value


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_a_notice_is_taken(site: Site, status: int) -> None:
    """One request, with the document that the schema describes, to the whole address."""
    site.replies = [says(status)]
    await post_notice(Webhook(site.url), notice())
    [request] = site.asked
    assert (request.method, request.path_qs) == ("POST", PATH)
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    assert not {"Authorization", "Cookie"} & set(request.headers)
    jsonschema.validate(json.loads(site.bodies[0]), notice_schema())


@pytest.mark.parametrize("shape", Format)
async def test_each_shape_arrives(site: Site, shape: Format) -> None:
    """JSON in UTF-8, also when the names of the registry are the worst ones."""
    site.replies = [says(200)]
    await post_notice(Webhook(site.url, shape), hostile_notice())
    assert json.loads(site.bodies[0].decode("utf-8"))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(site: Site, status: int) -> None:
    """What is secret goes to nobody else; it would be no other the next time."""
    site.replies = [says(status, Location=f"{site.url}/elsewhere"), says(200)]
    error = await refusal(site.url)
    assert error.final
    assert str(error) == f"the webhook answered {status}, and redirects are not followed"
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("status", "final"),
    [
        (400, True),
        (401, True),
        (404, True),
        (410, True),
        (413, True),
        (408, False),
        (425, False),
        (429, False),
        (500, False),
        (503, False),
    ],
)
async def test_what_may_be_otherwise_the_next_time(site: Site, status: int, *, final: bool) -> None:
    """A receiver that is down or busy is asked again; one that refuses is not."""
    site.replies = [says(status)]
    error = await refusal(site.url)
    assert (error.final, error.wait) == (final, 0)
    assert str(error) == f"the webhook answered {status}"
    assert len(site.asked) == 1


async def test_retry_after_is_heeded(site: Site) -> None:
    """In seconds or as a time; what makes no sense is nothing."""
    soon = datetime.now(UTC) + timedelta(minutes=10)
    site.replies = [
        says(429, Retry_After="120"),
        says(503, Retry_After=format_datetime(soon, usegmt=True)),
        says(429, Retry_After="soon"),
        says(429, Retry_After="Thu, 01 Jan 1970 00:00:00 GMT"),
        says(429, Retry_After="9" * 400),
    ]
    waits = [(await refusal(site.url)).wait / TICKS_PER_SECOND for _ in range(5)]
    assert waits[0] == 120
    assert 500 < waits[1] <= 600
    assert waits[2:4] == [0, 0]
    assert waits[4] > 10**8


async def test_a_receiver_that_does_not_answer(site: Site) -> None:
    """Its time is limited."""
    site.replies = [hangs]
    error = await refusal(site.url, limit=0.2)
    assert not error.final
    assert str(error) == "the webhook did not answer within 0.2 seconds"


async def test_a_connection_that_breaks(site: Site) -> None:
    """It may hold the next time."""
    site.replies = [drops]
    error = await refusal(site.url)
    assert not error.final
    assert str(error) == "the webhook could not be reached (ServerDisconnectedError)"


async def test_nobody_is_there(unused_tcp_port: int) -> None:
    """No connection is told by its kind alone, not by its address."""
    error = await refusal(f"https://localhost:{unused_tcp_port}{PATH}")
    assert str(error) == "the webhook could not be reached (ClientConnectorError)"


async def test_a_stranger_is_told_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A certificate that nobody vouches for: not a byte of the notice is sent."""
    site.replies = [says(200)]
    async with serving(tmp_path, monkeypatch):  # another authority is trusted from now on
        error = await refusal(site.url)
    assert "CertificateError" in str(error)
    assert site.asked == []


async def test_a_secret_that_azure_could_not_read() -> None:
    """Then the setting holds the reference itself; it is tried again later."""
    reference = "@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/hooks/t0p5ecret)"
    error = await refusal(reference)
    assert not error.final
    assert "Key Vault reference" in str(error)


async def test_nobody_is_to_be_told() -> None:
    """Without an address nothing happens."""
    await post_notice(Webhook(), notice())
