"""Lists of images in use, from files and over https: read wholly and young, or nothing goes."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web

from purge_core.adapters.used_lists import read_used_images
from purge_core.errors import UseUnknown
from purge_core.instants import DAY, Instant, Span, from_datetime
from purge_core.model import RepositoryName, TagName
from purge_core.policies.policy import UsedList
from purge_core.used_images import MAX_BYTES, UsedImages
from tests.https_site import Reply, Site, serving

HOST = "contoso.azurecr.io"
LIST = b"contoso.azurecr.io/shop/web:v1 nginx:1.27"
SHOP = RepositoryName("shop/web")
CLOCK = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW = from_datetime(CLOCK)
FRESH = {"Last-Modified": format_datetime(CLOCK - timedelta(hours=1), usegmt=True)}


@pytest.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """Return a running site, whose certificate is trusted."""
    async with serving(tmp_path, monkeypatch, "/in-use.txt") as running:
        yield running


def says(body: bytes = LIST, status: int = 200, **headers: str) -> Reply:
    """Answer with a body that was written an hour ago; an empty header is left out."""

    async def reply(_request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in {**FRESH, **named}.items() if value}
        return web.Response(body=body, status=status, headers=sent)

    return reply


async def read(
    source: str, *, now: Instant = NOW, limit: float = 30, **options: Path
) -> UsedImages:
    """Read one list that may be a day old."""
    return await read_used_images([UsedList(source, Span(DAY))], HOST, now, limit=limit, **options)


def is_right(found: UsedImages) -> bool:
    """Tell whether what was read is the list of these tests."""
    return set(found.of(SHOP)) == {TagName("v1")} and found.others == 1


# --- https ----------------------------------------------------------------------------------------


async def test_a_list_is_fetched(site: Site) -> None:
    """One request, and what it names is in use."""
    site.replies = [says()]
    assert is_right(await read(site.url))
    assert [request.method for request in site.asked] == ["GET"]


async def test_no_secret_goes_along(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No token, no cookie, no password of the machine, and through no proxy."""
    (tmp_path / "netrc").write_text("machine localhost login admin password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    site.replies = [says(status=503, Set_Cookie="session=1; Path=/"), says()]
    assert is_right(await read(site.url))
    for request in site.asked:
        assert {"Authorization", "Cookie", "Proxy-Authorization"}.isdisjoint(request.headers)


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_an_answer_may_come_later(site: Site, status: int) -> None:
    """A site that is busy is asked again."""
    site.replies = [says(status=status), says()]
    assert is_right(await read(site.url))
    assert len(site.asked) == 2


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (says(status=404), "the answer is 404"),
        (says(status=401), "the answer is 401"),
        (says(status=204, body=b""), "the answer is 204"),
        (says(status=302, Location="https://localhost:9/"), "redirects are not followed"),
        (says(status=307, Location="/other"), "redirects are not followed"),
        (says(b""), "names no image"),
        (says(b" \n,\n"), "names no image"),
        (says(b"[]"), "names no image"),
        (says(LIST + b" https://x"), "https://x"),
        (says(b"<html>Sign in</html>"), "<html>"),
        (says(b"\xff\xfe"), "no text in UTF-8"),
        (says(Content_Encoding="gzip"), "compressed"),
        (says(Last_Modified=""), "has no Last-Modified"),
        (says(Last_Modified="yesterday"), "Last-Modified is no time"),
        (says(Age="90000", Date=format_datetime(CLOCK, usegmt=True)), "old"),
        (says(b"x " * (MAX_BYTES // 2 + 1)), "longer than"),
    ],
)
async def test_what_cannot_be_relied_on(site: Site, reply: Reply, why: str) -> None:
    """The run is refused in words, and the site is not asked again."""
    site.replies = [reply]
    with pytest.raises(UseUnknown, match=why):
        await read(site.url)
    assert len(site.asked) == 1


async def test_a_list_gets_old(site: Site) -> None:
    """It holds up to its max_age, and not a moment longer."""
    site.replies = [says()]
    written = Instant(NOW - DAY // 24)
    assert is_right(await read(site.url, now=Instant(written + DAY)))
    with pytest.raises(UseUnknown, match="old"):
        await read(site.url, now=Instant(written + DAY + 1))


async def test_a_stream_without_end(site: Site) -> None:
    """What says nothing of its length is cut off at the limit, too."""

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=FRESH)
        await response.prepare(request)
        while True:
            await response.write(b"shop/web:v1 " * 10_000)

    site.replies = [endless]
    with pytest.raises(UseUnknown, match="longer than"):
        await read(site.url)


async def test_a_slow_site(site: Site) -> None:
    """Drop by drop does not help: the time for all of it is bounded."""

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=FRESH)
        await response.prepare(request)
        while True:
            await response.write(b"shop/web:v1 ")
            await asyncio.sleep(0.05)

    site.replies = [slow]
    with pytest.raises(UseUnknown, match="no whole answer within"):
        await read(site.url, limit=0.5)


async def test_an_answer_that_breaks_off(site: Site) -> None:
    """Half a list protects half of what runs."""

    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={**FRESH, "Content-Length": "1000"})
        await response.prepare(request)
        await response.write(LIST)
        if request.transport is not None:
            request.transport.abort()
        return response

    site.replies = [half, says()]
    assert is_right(await read(site.url))


async def test_the_certificate_of_a_stranger(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a site that is trusted is believed."""
    monkeypatch.delenv("SSL_CERT_FILE")
    site.replies = [says()]
    with pytest.raises(UseUnknown, match="CertificateError"):
        await read(site.url, limit=20)
    assert site.asked == []


async def test_a_signature_is_not_told(site: Site) -> None:
    """The address is named without its query, which may hold a key."""
    site.replies = [says(status=403)]
    with pytest.raises(UseUnknown, match=r"in-use\.txt") as caught:
        await read(f"{site.url}?sv=1&sig=c2VjcmV0")
    assert "c2VjcmV0" not in str(caught.value)
    assert site.asked[0].query["sig"] == "c2VjcmV0"


# --- files ----------------------------------------------------------------------------------------


def written(path: Path, content: bytes = LIST, age: timedelta = timedelta(hours=1)) -> Path:
    """Write a file that is so old."""
    path.write_bytes(content)
    moment = (CLOCK - age).timestamp()
    os.utime(path, (moment, moment))
    return path


async def test_a_file(tmp_path: Path) -> None:
    """Below the folder, or anywhere by its whole path; a BOM does not matter."""
    path = written(tmp_path / "in-use.txt", b"\xef\xbb\xbf" + LIST)
    assert is_right(await read("in-use.txt", folder=tmp_path))
    assert is_right(await read(str(path)))


@pytest.mark.parametrize(
    ("content", "age", "why"),
    [
        (None, 0, "No such file"),
        (b"", 1, "names no image"),
        (LIST, 25, "old"),
        (LIST + b" $IMAGE", 1, "IMAGE"),
        (b"x" * (MAX_BYTES + 1), 1, "longer than"),
    ],
)
async def test_a_bad_file(tmp_path: Path, content: bytes | None, age: int, why: str) -> None:
    """The same as for an address."""
    if content is not None:
        written(tmp_path / "in-use.txt", content, timedelta(hours=age))
    with pytest.raises(UseUnknown, match=why):
        await read("in-use.txt", folder=tmp_path)


async def test_what_is_no_file(tmp_path: Path) -> None:
    """Neither a folder nor a pipe, which could block for ever."""
    os.mkfifo(tmp_path / "pipe")
    for source in (".", "pipe"):
        with pytest.raises(UseUnknown, match="no ordinary file"):
            await read(source, folder=tmp_path)


async def test_all_bad_lists_are_told(tmp_path: Path) -> None:
    """One good list does not make up for a bad one."""
    written(tmp_path / "good")
    lists = [UsedList(name, Span(DAY)) for name in ("good", "missing", "lost")]
    with pytest.raises(UseUnknown, match=r"(?s)missing.*lost"):
        await read_used_images(lists, HOST, NOW, folder=tmp_path)
    assert (await read_used_images([], HOST, NOW, folder=tmp_path)).references == 0
