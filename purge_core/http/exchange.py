"""A request and its answer, as plain values."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from purge_core.service.ports import Service

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: the values in the route, those of the query, and the body.

    ``accept`` is the header of that name, ``url`` the whole address, as far as it is known.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    accept: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: ``document`` becomes JSON, unless there is a ``text``."""

    status: HTTPStatus
    document: object
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON
    text: str | None = None

    @property
    def body(self) -> str:
        """The text, or the document as text in ASCII."""
        return self.text if self.text is not None else json.dumps(self.document) + "\n"


HEALTHY: Final = Answer(HTTPStatus.OK, {"status": "ok"})
"""What is answered to whoever asks for nothing more than that."""

Handler = Callable[[Service, Request], Awaitable[Answer]]
