"""The body of a request: JSON, checked as a whole, every problem told at once."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from pydantic import ValidationError

from purge_core.errors import InputError, Problem
from purge_core.http.models import LONGEST_WAIT, SOURCES, PurgeRequest
from purge_core.wire.codec import described

MOST_BYTES: Final = 1024 * 1024
_BODY: Final = "body"
_ONE: Final = f"exactly one of {', '.join(SOURCES)}"
_EXPECTED: Final[Mapping[str, str]] = {
    "registry": "the name of a registry",
    "repositories": "a list of 1 to 1000 repository names such as shop/cart",
    "mode": "plan or purge",
    "wait": f"a number of seconds from 0 to {LONGEST_WAIT}",
    "policy": "a policy document",
    "policyName": "default, which is the deployed policy",
    "command": "a line that starts with acr purge",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A body as far as it could be read.

    ``request`` is ``None`` where there are ``problems``. The members that have the right type
    are there all the same, so that what is wrong with them can be told, too.
    """

    request: PurgeRequest | None = None
    problems: tuple[Problem, ...] = ()
    registry: str | None = None
    document: dict[str, Any] | None = None
    command: str | None = None


def read_purge(body: bytes) -> Draft:
    """Read what is asked for, or say what is wrong with it."""
    try:
        document = _parsed(body)
    except InputError as error:
        return Draft(problems=error.problems)
    request, problems = None, list(_sources(document))
    try:
        request = PurgeRequest.model_validate(document)
    except ValidationError as error:
        problems = [*_misfits(error, document), *problems]
    members = document if isinstance(document, dict) else {}
    registry, policy, command = map(members.get, ("registry", "policy", "command"))
    return Draft(
        request=None if problems else request,
        problems=tuple(problems),
        registry=registry if isinstance(registry, str) else None,
        document=policy if isinstance(policy, dict) else None,
        command=command if isinstance(command, str) else None,
    )


def _parsed(body: bytes) -> object:
    if len(body) > MOST_BYTES:
        raise InputError([Problem(_BODY, f"{len(body)} bytes", f"at most {MOST_BYTES} bytes")])
    try:
        return json.loads(body, parse_constant=_no_number, object_pairs_hook=_distinct)
    except (ValueError, RecursionError) as error:
        found = f"no JSON ({str(error)[:200]})"
        raise InputError([Problem(_BODY, found, "a JSON object")]) from None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice: nobody knows which one is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _sources(document: object) -> Iterator[Problem]:
    if not isinstance(document, dict):
        return
    given = [source for source in SOURCES if source in document]
    if len(given) != 1:
        yield Problem(_BODY, " and ".join(given) or f"none of {', '.join(SOURCES)}", _ONE)


def _misfits(error: ValidationError, document: object) -> Iterator[Problem]:
    for details in error.errors(include_url=False):
        location = details["loc"]
        if not location:
            yield Problem(_BODY, described(document), "a JSON object")
            continue
        name = str(location[0])
        if details["type"] == "extra_forbidden":
            yield Problem(_path(location), "an unknown member", f"one of {', '.join(_EXPECTED)}")
        elif details["type"] == "missing":
            yield Problem(name, "nothing", _EXPECTED[name])
        else:
            yield Problem(_path(location), described(details["input"]), _EXPECTED[name])


def _path(location: tuple[str | int, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path
