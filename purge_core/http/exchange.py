"""A request and its answer, as plain values."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from purge_core.service.ports import Service

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: the values in the route, those of the query, and the body."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: ``document`` becomes JSON."""

    status: HTTPStatus
    document: object
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON

    @property
    def body(self) -> str:
        """The document as text, in ASCII."""
        return json.dumps(self.document) + "\n"


HEALTHY: Final = Answer(HTTPStatus.OK, {"status": "ok"})
"""What is answered to whoever asks for nothing more than that."""

Handler = Callable[[Service, Request], Awaitable[Answer]]
