"""A check: one thing that was looked at, how it is, and what would mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from purge_core.records.journal import Mode


class State(Enum):
    """How a thing is."""

    OK = "ok"
    NOTE = "note"
    """Nothing is wrong, but its owner should know."""
    UNSEEN = "unseen"
    """It cannot be told from here."""
    MISSING = "missing"
    """What is intended will not work."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing. ``subject`` is whose it is, ``mend`` are commands or settings that mend it."""

    subject: str
    topic: str
    state: State
    said: str
    mend: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """What is intended, and so which rights are needed."""

    mode: Mode
    include_locked: bool = False

    @property
    def actions(self) -> tuple[str, ...]:
        """What has to be permitted on every repository that the policy covers."""
        if self.mode is Mode.PLAN:
            return READING
        return (*READING, DELETE, *((METADATA_WRITE,) if self.include_locked else ()))


READING: Final = ("metadata_read", "pull")
DELETE: Final = "delete"
METADATA_WRITE: Final = "metadata_write"


def all_well(checks: Iterable[Check]) -> bool:
    """Whether nothing is missing."""
    return all(check.state is not State.MISSING for check in checks)
