"""What went wrong at the registry, in the engine's words: one line, told by status and type."""

import json
import math
from ssl import SSLCertVerificationError
from typing import Final, cast

from aiohttp import ClientSSLError
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
)
from azure.core.pipeline.policies import RetryPolicy

from purge_core.adapters.acr_pipeline import INSUFFICIENT, UNAUTHORIZED, Call, Received
from purge_core.errors import (
    AccessDenied,
    Malformed,
    NotFound,
    NotSent,
    RegistryError,
    Unavailable,
    Untrusted,
)

CLIENT_FAILURES: Final = (
    AzureError,
    TimeoutError,
    OSError,
    # What the client lets through when an answer is not what it expects:
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    ArithmeticError,
)
"""All that a call of the client may raise for what a registry did."""

_LONGEST: Final = 300
_ROLES: Final = {
    "catalog": ("AcrPull", "Container Registry Repository Catalog Lister"),
    "metadata_read": ("AcrPull", "Container Registry Repository Reader"),
    "pull": ("AcrPull", "Container Registry Repository Reader"),
    "delete": ("AcrDelete", "Container Registry Repository Contributor"),
    "metadata_write": (
        "a role that may write metadata",
        "Container Registry Repository Contributor",
    ),
}
"""The role for an action, in a registry with plain RBAC and in one with repository permissions.

Source: https://learn.microsoft.com/azure/container-registry/container-registry-rbac-built-in-roles-overview
"""
_BUSY: Final = frozenset({408, 429})
_SERVER: Final = 500
_RETRY_AFTER: Final = RetryPolicy()


class Unauthorized(AccessDenied):
    """401, and not for want of a permission: the tokens may be too old."""


def translate(error: Exception, call: Call, host: str) -> RegistryError:
    """Give the engine's error for what the client raised during ``call``."""
    if isinstance(error, IncompleteReadError):
        return Unavailable(f"{host}: an answer broke off")
    if isinstance(error, HttpResponseError):
        return _from_answer(error, call, host)
    if isinstance(error, ServiceRequestTimeoutError) and call.begun is not None:
        return NotSent(f"{host}: no connection soon enough; nothing was sent")
    if isinstance(error, TimeoutError):
        return Unavailable(f"{host} did not answer in time")
    if isinstance(error, ServiceRequestError | ServiceResponseError | OSError):
        cause = getattr(error, "inner_exception", None) or error
        if isinstance(cause, ClientSSLError):
            return _untrusted(cause, host)
        why = one_line(str(cause)) or type(cause).__name__
        return Unavailable(f"{host} cannot be reached: {why}")
    return Malformed(f"{host}: an answer makes no sense ({type(error).__name__})")


def _untrusted(error: ClientSSLError, host: str) -> Untrusted:
    cause = getattr(error, "certificate_error", None)  # not a member of every kind
    if isinstance(cause, SSLCertVerificationError):
        why = f"its certificate is not trusted ({cause.verify_message})"
        hint = "SSL_CERT_FILE can name a file with the certificates to trust"
        return Untrusted(f"{host} cannot be reached: {why}; {hint}")
    return Untrusted(f"{host} cannot be reached: {one_line(str(error)) or type(error).__name__}")


def _from_answer(error: HttpResponseError, call: Call, host: str) -> RegistryError:
    """Tell by the status: of the call itself, or of the token request that it needed."""
    answer = call.response or cast("Received | None", error.response)
    if answer is None:
        return Malformed(f"{host}: an answer makes no sense ({type(error).__name__})")
    status = answer.status_code
    said = _said(answer)
    what = f"{call.scope.action} on {call.scope.repository or 'the registry'}"
    if status in {UNAUTHORIZED, 403}:
        return _denied(answer, f"{host} denies {what} ({status}){said}", call.scope.action)
    if status == 404:  # noqa: PLR2004 - as everybody knows it
        return NotFound(f"{host}: {call.scope.repository or 'the catalogue'} is not there{said}")
    if status in _BUSY or status >= _SERVER:
        wait = _retry_after(answer)
        return Unavailable(f"{host} answers {status}{said}", status=status, retry_after=wait)
    elsewhere = answer.headers.get("Location")
    if elsewhere is not None:
        return Malformed(
            f"{host} answers {status} and points to {one_line(elsewhere)}: not followed"
        )
    return Malformed(f"{host} answers {status} to {what}{said}")


def _denied(answer: Received, message: str, action: str) -> AccessDenied:
    challenge = answer.headers.get("WWW-Authenticate") or ""
    if INSUFFICIENT in challenge:
        return AccessDenied(f"{message}; {_missing(action)}")
    return Unauthorized(message) if answer.status_code == UNAUTHORIZED else AccessDenied(message)


def _missing(action: str) -> str:
    """Say which role would permit an action. A 403 is none for want of a role: a firewall, say."""
    plain, of_repositories = _ROLES.get(action, ("a role", "a role"))
    return f"the identity lacks {plain} (with repository permissions: {of_repositories})"


def _said(answer: Received) -> str:
    """Quote the registry's own code and message, where there is one."""
    try:
        first = json.loads(answer.body())["errors"][0]
        return ": " + one_line(f"{first['code']}: {first['message']}")
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


def _retry_after(answer: Received) -> float | None:
    """Read Retry-After, in seconds; ``None`` when there is none that makes sense."""
    text = answer.headers.get("Retry-After")
    try:
        wait = _RETRY_AFTER.parse_retry_after(text) if text else math.inf
    except (ValueError, OverflowError):
        return None
    return wait if math.isfinite(wait) else None


def one_line(text: str) -> str:
    """Make one short line of printable characters: the first that is not empty."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return "".join(char for char in line.strip() if char.isprintable())[:_LONGEST]
