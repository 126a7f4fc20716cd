"""Sends a notice to a webhook: once, in limited time, and without saying where it goes.

The address is a secret. So no error of this module holds it, nor the error of the client that it
came from, whose text may; and whoever is told of a failure is told what kind it was.
"""

import asyncio
import ssl
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import aiohttp

from purge_core.adapters.bare_session import bare_session
from purge_core.instants import TICKS_PER_SECOND, Span
from purge_core.notices.notice import Notice
from purge_core.notices.sending import NotTaken, body_of
from purge_core.notices.webhook import Webhook, is_reference

TIME_LIMIT: Final = 20.0
"""Seconds that a notice may take in all."""
_HEADERS: Final = {"Content-Type": "application/json; charset=utf-8"}
_LATER: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
"""Answers below 500 that may be others the next time."""


async def post_notice(webhook: Webhook, notice: Notice, *, limit: float = TIME_LIMIT) -> None:
    """Send a notice. Nothing is sent where nobody is to be told.

    Raises:
        NotTaken: it was not taken, as far as is known.
        SettingsError: ``SSL_CERT_FILE`` names no certificates.

    """
    if webhook.url is None:
        return
    if is_reference(webhook.url):
        why = "PURGE_WEBHOOK_URL is a Key Vault reference that Azure has not resolved"
        raise NotTaken(why, final=False)
    body = body_of(notice, webhook.format)
    try:
        async with asyncio.timeout(limit), bare_session(_HEADERS) as session:
            await _post(session, webhook.url, body)
    except TimeoutError:
        why = f"the webhook did not answer within {limit:g} seconds"
    except (aiohttp.ClientError, ssl.SSLError, OSError, ValueError) as error:
        why = f"the webhook could not be reached ({type(error).__name__})"
    else:
        return
    # Outside of the handlers: a traceback must not show the error that it came from.
    raise NotTaken(why, final=False)


async def _post(session: aiohttp.ClientSession, url: str, body: bytes) -> None:
    """Send once; no redirect is followed, and the body of the answer is not read."""
    async with session.post(url, data=body, allow_redirects=False) as response:
        status = response.status
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        said = f"the webhook answered {status}"
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            raise NotTaken(f"{said}, and redirects are not followed", final=True)
        final = status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _LATER
        raise NotTaken(said, final=final, wait=_wait(response.headers.get("Retry-After", "")))


def _wait(text: str) -> Span:
    """Read Retry-After: seconds or a time; nothing where it makes no sense.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    if text.isascii() and text.isdigit():
        seconds = min(int(text[:9]), 10**9)
    else:
        try:
            seconds = int(parsedate_to_datetime(text).timestamp() - time.time())
        except (ValueError, OverflowError):
            return Span(0)
    return Span(max(0, seconds) * TICKS_PER_SECOND)
