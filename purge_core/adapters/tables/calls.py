"""Single calls to the table service: repeated within bounds, and told as ``JournalError``.

The service answers 503 or 500 when it is asked too much, so these are tried again; so is
whatever got no answer. A write whose answer was lost is told from one that somebody else
beat by the mark that every write carries.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeVar

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from purge_core.errors import JournalError

Answer = TypeVar("Answer")

TABLE_NOT_FOUND: Final = "TableNotFound"

_AGAIN: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a call is tried, and how long to wait, in seconds; doubled each time."""

    tries: int = 6
    first_wait: float = 0.25
    longest_wait: float = 8.0

    def wait_after(self, tries: int) -> float:
        """Give the wait after so many tries: somewhere in its upper half."""
        longest = min(self.first_wait * 2.0 ** (tries - 1), self.longest_wait)
        return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads callers, hides nothing


async def call(attempt: Callable[[], Awaitable[Answer]], patience: Patience, what: str) -> Answer:
    """Make one call, again while that may help. Answers that decide something are raised.

    Raises:
        JournalError: no usable answer. ``what`` was called; no secret is in the text.
        HttpResponseError: an answer of the 4xx kind.

    """
    for tries in range(1, patience.tries + 1):
        try:
            return await attempt()
        except (AzureError, AttributeError) as raised:
            error = _azure_error(raised)
            if _is_answer(error):
                raise
            if isinstance(error, ClientAuthenticationError) or tries == patience.tries:
                raise JournalError(f"{what}: {_why(error)}") from None
        await asyncio.sleep(patience.wait_after(tries))
    raise AssertionError("the last try neither returned nor raised")


def _azure_error(error: AzureError | AttributeError) -> AzureError:
    """Find what really happened.

    azure-data-tables 12.7 looks for the answer in every error, and breaks on one without:
    that of an identity that is not there.
    """
    if isinstance(error, AzureError):
        return error
    if isinstance(error.__context__, AzureError):
        return error.__context__
    raise error


def _is_answer(error: AzureError) -> bool:
    """Whether the service understood the call and said no."""
    status = status_of(error)
    client_error = range(HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR)
    return status in client_error and status not in _AGAIN


def status_of(error: AzureError) -> int | None:
    """Give the status that was answered."""
    return error.status_code if isinstance(error, HttpResponseError) else None


def code_of(error: AzureError) -> str:
    """Give the service's own code of an error; empty when it gave none."""
    code = getattr(error, "error_code", None)
    if code:
        return str(getattr(code, "value", code))
    response = getattr(error, "response", None)
    headers: Mapping[str, Any] = getattr(response, "headers", None) or {}
    inner = getattr(getattr(error, "error", None), "code", None)
    return str(headers.get("x-ms-error-code") or inner or "")


def refused(error: AzureError, what: str) -> JournalError:
    """Make the error for an answer that nobody here expects."""
    return JournalError(f"{what}: {_why(error)}")


def _why(error: AzureError) -> str:
    """Say what went wrong, without the words of the client: they repeat addresses."""
    status = status_of(error)
    if isinstance(error, ClientAuthenticationError) and status is None:
        return "no identity of Azure was found (az login, or a managed identity)"
    if status is None:
        return f"no answer ({type(error).__name__})"
    code = code_of(error)
    return f"answered {status}{' ' if code else ''}{code}"
