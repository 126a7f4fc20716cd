"""Every error this package raises on purpose, from the general to the particular.

A caller that catches ``PurgeError`` has caught everything that is expected to go
wrong; anything else is a defect and may crash.
"""

from collections.abc import Iterable
from dataclasses import dataclass


class PurgeError(Exception):
    """Root of all expected errors."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in an input.

    ``path`` says where (``rules[2].older_than``, ``--ago``), ``found`` what stands
    there and ``expected`` what would be right.
    """

    path: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Give the problem on one line."""
        return f"{self.path}: found {self.found}; expected {self.expected}"


class InputError(PurgeError):
    """Input that cannot be used. Carries all problems at once, never only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep ``problems``, in the order in which they were found."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PolicyError(InputError):
    """A policy document, a command line or a filter that is not a valid policy."""


class SettingsError(InputError):
    """Configuration that is missing or malformed."""


class SnapshotIncomplete(PurgeError):
    """The repository could not be read wholly, so nothing in it may be deleted."""


class PlanRefused(PurgeError):
    """A plan that must not be executed: altered, too old, or over a limit."""


class UseUnknown(PlanRefused):
    """It is not surely known which images are in use, so nothing of the registry may go."""


class RegistryError(PurgeError):
    """The registry answered something other than success."""


class NotFound(RegistryError):
    """404: the repository, tag or manifest does not exist (any more)."""


class AccessDenied(RegistryError):
    """401 after authentication (``insufficient_scope``) or 403."""


class Unavailable(RegistryError):
    """No usable answer: 408, 429, 5xx, a reset, a time-out, or a truncated body."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        repeated: bool = False,
    ) -> None:
        """Keep the ``status``, ``None`` without an answer, and the wait asked for, in seconds.

        ``repeated``: it has been tried as often as makes sense; who repeats it multiplies.
        """
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.repeated = repeated


class NotSent(Unavailable):
    """It was not sent at all: what it relies on would have been too old by then."""


class Untrusted(Unavailable):
    """The registry's certificate is not trusted; asking again does not help."""


class Malformed(RegistryError):
    """An answer that was received whole and makes no sense."""


class JournalError(PurgeError):
    """The record of the purge could not be written or read."""


class AlteredRecord(JournalError):
    """A part of the record is there and makes no sense: reading it again does not help."""


class MemoryLost(PurgeError):
    """What is remembered from run to run cannot be read or written; all works without it."""


class OutboxError(PurgeError):
    """Work could not be handed on to another worker."""
