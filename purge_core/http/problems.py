"""What went wrong, as problem documents: all problems of the input at once.

Source: https://www.rfc-editor.org/rfc/rfc9457 (Problem Details for HTTP APIs)
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from purge_core.errors import (
    AccessDenied,
    InputError,
    JournalError,
    NotFound,
    OutboxError,
    PlanRefused,
    Problem,
    PurgeError,
    RegistryError,
    SettingsError,
    SnapshotIncomplete,
    UseUnknown,
)
from purge_core.http.exchange import PROBLEM, Answer
from purge_core.reviewing.reading import NoSuchRecord
from purge_core.service.applying import NotApplicable, PlanTooOld, UnknownRun

_LOG: Final = logging.getLogger(__name__)

_STATUSES: Final[tuple[tuple[type[PurgeError], HTTPStatus, str], ...]] = (
    (SettingsError, HTTPStatus.SERVICE_UNAVAILABLE, "The app is not set up rightly"),
    (InputError, HTTPStatus.BAD_REQUEST, "The request has problems"),
    (UnknownRun, HTTPStatus.NOT_FOUND, "There is no such run"),
    (NoSuchRecord, HTTPStatus.NOT_FOUND, "It is not in the journal"),
    (NotApplicable, HTTPStatus.CONFLICT, "The plan cannot be applied"),
    (UseUnknown, HTTPStatus.CONFLICT, "It is not known which images are in use"),
    (PlanRefused, HTTPStatus.CONFLICT, "The plan was altered"),
    (PlanTooOld, HTTPStatus.GONE, "The plan is too old"),
    (NotFound, HTTPStatus.NOT_FOUND, "It is not in the registry"),
    (AccessDenied, HTTPStatus.BAD_GATEWAY, "The registry refuses the app"),
    (RegistryError, HTTPStatus.BAD_GATEWAY, "The registry does not answer usably"),
    (SnapshotIncomplete, HTTPStatus.BAD_GATEWAY, "The registry does not answer usably"),
    (JournalError, HTTPStatus.SERVICE_UNAVAILABLE, "The app's storage does not answer"),
    (OutboxError, HTTPStatus.SERVICE_UNAVAILABLE, "The app's storage does not answer"),
)
"""By kind of error, the particular before the general."""


def answer_of(error: PurgeError) -> Answer:
    """Give the answer for an expected error."""
    for kind, status, title in _STATUSES:
        if isinstance(error, kind):
            return _answer(status, title, error)
    raise error


def _answer(status: HTTPStatus, title: str, error: PurgeError) -> Answer:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("%s: %s", title, error)
    problems = error.problems if isinstance(error, InputError) else ()
    document = problem(status, title, str(error), problems)
    return Answer(status, document, media_type=PROBLEM)


def problem(
    status: HTTPStatus, title: str, detail: str, problems: Iterable[Problem] = ()
) -> dict[str, object]:
    """Write a problem document."""
    document: dict[str, object] = {
        "type": "about:blank",
        "title": title,
        "status": int(status),
        "detail": detail,
    }
    listed = [
        {"path": each.path, "found": each.found, "expected": each.expected} for each in problems
    ]
    return document | ({"problems": listed} if listed else {})


def missing(title: str, detail: str) -> Answer:
    """Answer that there is no such thing."""
    document = problem(HTTPStatus.NOT_FOUND, title, detail)
    return Answer(HTTPStatus.NOT_FOUND, document, media_type=PROBLEM)
