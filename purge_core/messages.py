"""The work of a run, cut into queue messages: small, strictly read, safe to deliver twice."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from purge_core.errors import InputError, Problem
from purge_core.model import RepositoryName
from purge_core.records.journal import RunId
from purge_core.wire import read_value, write_value

MOST_BYTES: Final = 48 * 1024
"""A queue message holds 64 KiB, of which base64 leaves this much."""


class Phase(Enum):
    """What a message asks for."""

    PLAN = "plan"
    """Judge and plan one repository; without one, find the repositories of the run."""
    GATE = "gate"
    """See how far the run is, and let it go on when everything before is done."""
    PURGE = "purge"
    """Carry out the plan of one repository."""
    MEASURE = "measure"
    """Count what the plans of the run free exactly."""
    TELL = "tell"
    """Tell whoever wants to know how the run ended."""


_OF_RUNS: Final = (Phase.GATE, Phase.MEASURE, Phase.TELL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One piece of work.

    ``attempt`` counts how often it was looked at and came to nothing, ``waits`` how often
    it was put back because others were using the registry, or counting what the run frees.
    """

    phase: Phase
    run: RunId
    registry: str
    repository: RepositoryName | None = None
    attempt: int = 0
    waits: int = 0

    @property
    def again(self) -> "Message":
        """The same work, once more."""
        return replace(self, attempt=self.attempt + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A message as its JSON declares it."""

    phase: Phase
    run: str
    registry: str
    repository: RepositoryName | None = None
    attempt: int = 0
    waits: int = 0


def write_message(message: Message) -> str:
    """Give the text of a message.

    Raises:
        InputError: it is larger than a queue message can be.

    """
    form = _Form(
        phase=message.phase,
        run=message.run,
        registry=message.registry,
        repository=message.repository,
        attempt=message.attempt,
        waits=message.waits,
    )
    text = json.dumps(write_value(form))
    if len(text) >= MOST_BYTES:
        found = f"{len(text)} bytes"
        raise InputError([Problem("message", found, f"less than {MOST_BYTES} bytes")])
    return text


def read_message(text: str) -> Message:
    """Read the text of a message back.

    Raises:
        InputError: it is none; with every problem.

    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        found = f"{len(text)} characters that are no JSON"
        raise InputError([Problem("message", found, "a message of this app")]) from None
    form = read_value(_Form, document, "message")
    problems = list(_problems(form))
    if problems:
        raise InputError(problems)
    return Message(
        phase=form.phase,
        run=RunId(form.run),
        registry=form.registry,
        repository=form.repository,
        attempt=form.attempt,
        waits=form.waits,
    )


def _problems(form: _Form) -> Iterator[Problem]:
    """Find what the types of the members do not say."""
    for name, text in (("run", form.run), ("registry", form.registry)):
        if not text:
            yield Problem(f"message.{name}", "nothing", "a name")
    for name, number in (("attempt", form.attempt), ("waits", form.waits)):
        if number < 0:
            yield Problem(f"message.{name}", str(number), "0 or more")
    if form.phase is Phase.PURGE and form.repository is None:
        yield Problem("message.repository", "nothing", "the repository to purge")
    if form.phase in _OF_RUNS and form.repository is not None:
        wanted = f"nothing: a {form.phase.value} is for the whole run"
        yield Problem("message.repository", "a name", wanted)
