"""Values of a query, read strictly, with all problems at once; and tokens of pages."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeVar

from purge_core.errors import InputError, Problem
from purge_core.http.exchange import Request
from purge_core.instants import Instant, parse_moment
from purge_core.registry_names import REPOSITORY_PATTERN
from purge_core.wording import shown

Choice = TypeVar("Choice", bound=Enum)

MOST: Final = 1000
KEY: Final = "code"
"""Under this name the host takes a function key, if it does not stand in a header."""
_POSITION: Final = re.compile("[0-9]{1,8}")
_NEXT: Final = "the next of this list"
_TOKEN: Final = re.compile("[A-Za-z0-9_-]{1,4000}={0,2}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a value of the query must look like, and how that is said."""

    text: str
    what: str
    longest: int


LATER: Final = "a time to come, such as 2100-12-24 or 2100-12-24T18:00:00Z"
REPOSITORY: Final = Pattern(REPOSITORY_PATTERN, "the name of a repository", 256)
TAG: Final = Pattern(r"^[A-Za-z0-9_][A-Za-z0-9._-]*$", "a tag", 128)
DIGEST: Final = Pattern(r"^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[A-Za-z0-9=_-]{32,}$", "a digest", 600)


@dataclass(frozen=True, slots=True)
class Query:
    """Reads the values of one query; others than the ``known`` ones are errors."""

    values: Mapping[str, str]
    known: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, request: Request, *known: str) -> "Query":
        """Begin to read the query of a request."""
        query = cls(request.query, known)
        names = [name for name in request.query if name not in (*known, KEY)]
        wanted = f"one of {', '.join(known)}" if known else "no parameter at all"
        query.problems.extend(Problem(name, "an unknown parameter", wanted) for name in names)
        return query

    def text(self, name: str) -> str | None:
        """Read a text; an empty one is not given."""
        return self.values.get(name) or None

    def needed(self, name: str, what: str) -> str:
        """Read a text that has to be given."""
        text = self.text(name)
        if text is None:
            self.problems.append(Problem(name, "nothing", what))
        return text or ""

    def fitting(self, name: str, pattern: Pattern) -> str | None:
        """Read a text that has to look like something, where it is given."""
        text = self.text(name)
        if text is not None and not _fits(text, pattern):
            self.problems.append(Problem(name, shown(text), pattern.what))
        return text

    def later(self, name: str, now: Instant) -> Instant | None:
        """Read a time to come, where one is given: a day (its beginning), or RFC 3339."""
        text = self.text(name)
        if text is None:
            return None
        try:
            at = parse_moment(text)
        except ValueError:
            at = now
        if at <= now:
            self.problems.append(Problem(name, shown(text), LATER))
            return None
        return at

    def limit(self, default: int) -> int:
        """Read how many items are wanted."""
        return self.number("limit", default, 1, MOST)

    def number(self, name: str, usual: int, least: int, most: int) -> int:
        """Read a number, where one is given."""
        text = self.text(name)
        if text is None:
            return usual
        if not _POSITION.fullmatch(text) or not least <= int(text) <= most:
            wanted = f"a number from {least} to {most}"
            self.problems.append(Problem(name, shown(text), wanted))
            return usual
        return int(text)

    def choice(self, name: str, kind: type[Choice]) -> Choice | None:
        """Read one of the values of an enumeration, where one is given."""
        text = self.text(name)
        for each in kind:
            if each.value == text:
                return each
        if text is not None:
            wanted = f"one of {', '.join(str(each.value) for each in kind)}"
            self.problems.append(Problem(name, shown(text), wanted))
        return None

    def continuation(self, *lists: str) -> tuple[str, str | None]:
        """Read where to go on: in which of the ``lists``, and behind what."""
        text = self.text("continuation")
        if text is None:
            return lists[0], None
        found = _read(text)
        if found is None or found[0] not in lists:
            self.problems.append(Problem("continuation", shown(text), _NEXT))
            return lists[0], None
        return found

    def check(self) -> None:
        """Raise if anything was wrong.

        Raises:
            InputError: with all problems.

        """
        if self.problems:
            raise InputError(self.problems)


def _fits(text: str, pattern: Pattern) -> bool:
    fits = len(text) <= pattern.longest and not text.endswith("\n")
    return fits and re.match(pattern.text, text) is not None


def token(name: str, after: str | None) -> str:
    """Write where a list goes on."""
    return urlsafe_b64encode(json.dumps([name, after]).encode()).decode().rstrip("=")


def position(text: str) -> int:
    """Read a number in a token.

    Raises:
        InputError: nobody gave that token out.

    """
    if not _POSITION.fullmatch(text):
        raise InputError([Problem("continuation", shown(text), _NEXT)])
    return int(text)


def _read(text: str) -> tuple[str, str | None] | None:
    if not _TOKEN.fullmatch(text):
        return None
    try:
        document = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return None
    match document:
        case [str(name), None | str() as after]:
            return name, after
        case _:
            return None
