"""Lists of the images in use, from files and https URLs, each read whole and young, or not.

A URL is asked without any credential: no Azure token, no password, no cookie. The answer may be
neither long nor slow, and its ``Last-Modified`` says how old the list is.
"""

import asyncio
import os
import ssl
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiohttp

from purge_core.adapters.bare_session import bare_session
from purge_core.bounded import map_bounded
from purge_core.errors import UseUnknown
from purge_core.instants import TICKS_PER_SECOND, Instant, from_datetime
from purge_core.policies.policy import UsedList
from purge_core.policies.used_lists import is_url, source_shown
from purge_core.used_images import (
    MAX_BYTES,
    NOTHING_USED,
    UsedImages,
    merged,
    parse_used_images,
    require_young,
)

TIME_LIMIT: Final = 30.0
"""Seconds that a URL may take in all, repetitions included."""

_PAUSES: Final = (1.0, 3.0)
"""Seconds before a URL that did not answer is asked again."""
_PIECE: Final = 64 * 1024
_AT_ONCE: Final = 4


class _NoAnswer(Exception):
    """A URL gave no answer to go by; another attempt may."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The bytes of a list, and when it was written."""

    content: bytes
    written: Instant


async def read_used_images(
    lists: Sequence[UsedList],
    host: str,
    now: Instant,
    *,
    folder: Path = Path(),
    limit: float = TIME_LIMIT,
) -> UsedImages:
    """Read what is in use of the registry at ``host``; a relative path is below ``folder``.

    Raises:
        UseUnknown: a list cannot be read wholly, is empty, or is too old; with what is wrong
            with each of them.
        SettingsError: ``SSL_CERT_FILE`` names no certificates.

    """
    if not lists:
        return NOTHING_USED
    results = await map_bounded(
        partial(_read, host=host, now=now, folder=folder, limit=limit), lists, _AT_ONCE
    )
    troubles = [result for result in results if isinstance(result, str)]
    if troubles:
        raise UseUnknown("nothing is deleted: " + "; ".join(troubles))
    return merged(result for result in results if isinstance(result, UsedImages))


async def _read(
    used: UsedList, *, host: str, now: Instant, folder: Path, limit: float
) -> UsedImages | str:
    """Read one list, or say what is wrong with it."""
    try:
        if is_url(used.source):
            found = await _fetched(used.source, now, limit)
        else:
            found = _file(folder / used.source)
        require_young(found.written, used.max_age, now)
        text = found.content.decode("utf-8-sig")
        return await asyncio.to_thread(parse_used_images, text, host)
    except UnicodeDecodeError:
        why = "it is no text in UTF-8"
    except OSError as error:
        why = error.strerror or str(error)
    except ValueError as error:
        why = str(error)
    return f"the list of images in use {source_shown(used.source)} cannot be relied on: {why}"


# --- files -----------------------------------------------------------------------


def _file(path: Path) -> _Found:
    """Read a file whole; its time is when it was last written.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no ordinary file, too long, or changes while it is read.

    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is no ordinary file")
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        content = file.read(MAX_BYTES + 1)
        after = os.fstat(file.fileno())
    _require_short(len(content))
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, len(content)):
        raise ValueError("it changes while it is read; write it elsewhere and move it here")
    return _Found(content, Instant(after.st_mtime_ns // 100))


def _require_short(size: int) -> None:
    if size > MAX_BYTES:
        raise ValueError(f"it is longer than {MAX_BYTES:,} bytes")


# --- URLs ------------------------------------------------------------------------


async def _fetched(url: str, now: Instant, limit: float) -> _Found:
    """Fetch a list; ask again after a pause when no answer comes.

    Raises:
        ValueError: there is none that can be relied on.

    """
    try:
        async with asyncio.timeout(limit), bare_session() as session:
            for pause in _PAUSES:
                try:
                    return await _answer(session, url, now)
                except _NoAnswer:
                    await asyncio.sleep(pause)
            return await _answer(session, url, now)
    except TimeoutError:
        raise ValueError(f"no whole answer within {limit:g} seconds") from None
    except _NoAnswer as error:
        raise ValueError(str(error)) from None


async def _answer(session: aiohttp.ClientSession, url: str, now: Instant) -> _Found:
    """Ask once; no redirect is followed.

    Raises:
        _NoAnswer: there is none, or one that may be another the next time.
        ValueError: the answer is no list that can be relied on.

    """
    try:
        async with session.get(url, allow_redirects=False) as response:
            _require_good(response)
            written = _written(response, now)
            return _Found(await _content(response), written)
    except TimeoutError:
        raise
    except (aiohttp.ClientError, ssl.SSLError, OSError) as error:
        raise _NoAnswer(f"no whole answer ({type(error).__name__})") from None


def _require_good(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) or (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        raise _NoAnswer(f"the answer is {status}")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise ValueError(f"the answer is {status}, and redirects are not followed")
    if status != HTTPStatus.OK:
        raise ValueError(f"the answer is {status}")
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise ValueError("the answer is compressed, though that was not asked for")


async def _content(response: aiohttp.ClientResponse) -> bytes:
    _require_short(response.content_length or 0)
    content = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        content += piece
        _require_short(len(content))
    return bytes(content)


def _written(response: aiohttp.ClientResponse, now: Instant) -> Instant:
    """Say when a list was written, or earlier where the clocks disagree.

    ``Date`` and ``Age`` tell when an answer was sent, not when the list was made. So the age
    is not known without ``Last-Modified``.

    Source: https://www.rfc-editor.org/rfc/rfc9111#section-4.2.3
    """
    modified = _time(response, "Last-Modified")
    if modified is None:
        raise ValueError("the answer has no Last-Modified, so that its age is not known")
    sent = _time(response, "Date")
    if sent is None:
        return modified
    age = response.headers.get("Age", "0")
    in_caches = int(age) * TICKS_PER_SECOND if age.isascii() and age.isdigit() else 0
    return Instant(min(modified, now - (sent - modified) - in_caches))


def _time(response: aiohttp.ClientResponse, name: str) -> Instant | None:
    text = response.headers.get(name)
    if text is None:
        return None
    try:
        return from_datetime(parsedate_to_datetime(text))
    except ValueError:
        raise ValueError(f"the answer's {name} is no time") from None
