"""One request as the handlers see it, and one answer as they give it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from acr_emulator.errors import RegistryAnswer
from acr_emulator.kinds import Kind

JSON: Final = "application/json; charset=utf-8"


@dataclass(slots=True, kw_only=True)
class Call:
    """A request.

    `number` counts from 1; `path` is decoded; `identity` is known once the request was let in.
    """

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    kind: Kind
    repository: str = ""
    reference: str = ""
    body: bytes = b""
    identity: str | None = None

    def json(self) -> object:
        """The body as JSON, None when it is not JSON."""
        try:
            document: object = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return document


@dataclass(slots=True, kw_only=True)
class Reply:
    """An answer. A HEAD sends `body`'s length and not its bytes."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def json_reply(status: int, document: object, headers: Mapping[str, str] | None = None) -> Reply:
    """Compact JSON and a newline, as the real registry writes it."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n"
    return Reply(
        status=status, body=text.encode(), headers={"Content-Type": JSON, **(headers or {})}
    )


def error_reply(answer: RegistryAnswer) -> Reply:
    """The JSON form of an error."""
    entry: dict[str, object] = {"code": answer.code, "message": answer.message}
    if answer.detail is not None:
        entry["detail"] = answer.detail
    return json_reply(answer.status, {"errors": [entry]}, answer.headers)
