"""What the readers of the formats hand over: command lines, schedules, remarks, problems."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from purge_core.errors import Problem
from purge_core.policies.importing.variables import Values

_MENTION: Final = re.compile(r"acr\S*\s+purge\b|acr-cli\b", re.IGNORECASE)


NOT_READ: Final = "is not read: import it by itself"
"""Of a file that a text only names."""

MAX_DEPTH: Final = 20
"""How deep texts may stand within texts, and values within values."""


@dataclass(frozen=True, slots=True)
class Around:
    """What holds where a text stands: the values of variables, and why others have none.

    ``doubt``: why it perhaps does not run. ``depth``: how many texts it stands within.
    ``unix`` and ``zone``: how a schedule beside it is meant. ``files``: those that are written
    by here-documents, which are read by themselves.
    """

    values: Values = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    registry: str | None = None
    doubt: str | None = None
    depth: int = 0
    unix: bool = False
    zone: str | None = None
    files: frozenset[str] = frozenset()


NOWHERE: Final = Around()


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One command line in which ``acr purge`` runs.

    ``words`` are those after ``purge``, as a shell splits them; ``registry`` is the one that
    the surrounding command or task names, ``reasons`` why a variable in it has no value.
    ``doubt``: why it perhaps does not run.
    """

    words: tuple[str, ...]
    where: str
    registry: str | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class FoundSchedule:
    """A cron schedule. ``unix``: a day needs to fit only one of its two day fields.

    ``zone``: the time zone that it is meant in, where one is named.
    """

    text: str
    where: str
    unix: bool = False
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a text holds, in its order."""

    lines: list[FoundLine] = field(default_factory=list)
    schedules: list[FoundSchedule] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    off: list[str] = field(default_factory=list)
    """What was left out, and why."""

    @property
    def size(self) -> int:
        """How much was found."""
        return len(self.lines) + len(self.schedules) + len(self.problems) + len(self.off)

    def add(self, more: "Findings") -> None:
        """Take over what was found elsewhere."""
        self.lines.extend(more.lines)
        self.schedules.extend(more.schedules)
        self.problems.extend(more.problems)
        self.off.extend(more.off)
        for text in more.notes:
            self.note(text)

    def note(self, text: str) -> None:
        """Remark something, once."""
        if text not in self.notes:
            self.notes.append(text)

    def leave_out(self, what: str, why: str = "is off") -> None:
        """Remark something that is not read: because it is switched off, mostly."""
        self.off.append(f"{what} {why}")
        self.note(f"{what} {why}" + ("" if why == NOT_READ else ", and left out"))

    def wrong(self, where: str, found: str, expected: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(where, found, expected))


def mentions_purge(text: str) -> bool:
    """Whether ``text`` seems to run ``acr purge``, or anything else of that image."""
    return _MENTION.search(text) is not None
