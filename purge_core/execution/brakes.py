"""When a repository's remaining steps are not worth another request."""

from enum import Enum
from typing import Final

from purge_core.records.outcomes import Outcome

_MOST_SILENCE: Final = 10
"""So many steps in a row may fail for want of an answer."""


class Right(Enum):
    """What an identity may be allowed to do in a repository."""

    READ = "read"
    UNLOCK = "unlock"
    DELETE_TAG = "delete tags"
    DELETE_MANIFEST = "delete manifests"


Ending = tuple[Outcome, str]
"""How a step ends, and the detail."""


class Brakes:
    """Remembers what a repository has refused.

    What was denied once is not asked for hundreds of times more, and a registry that does
    not answer is left alone after a while; the steps that remain say so.
    """

    def __init__(self) -> None:
        """Begin with everything allowed."""
        self._denied: dict[Right, str] = {}
        self._silence = 0

    def deny(self, right: Right, why: str) -> Ending:
        """Remember a refusal, and give the ending of the step that met it."""
        self._denied.setdefault(right, why)
        return Outcome.DENIED, why

    def fail(self, why: str) -> Ending:
        """Count a step that failed for want of an answer, and give its ending."""
        self._silence += 1
        return Outcome.FAILED, why

    def answered(self) -> None:
        """Note that the registry answered a delete."""
        self._silence = 0

    def hold(self, *rights: Right) -> Ending | None:
        """Give the ending of a step that needs ``rights``, if it is not worth a request."""
        for right in rights:
            if right in self._denied:
                why = self._denied[right]
                return Outcome.DENIED, f"not sent: may not {right.value} here ({why})"
        if self._silence >= _MOST_SILENCE:
            return Outcome.FAILED, f"not sent: {self._silence} steps before got no answer"
        return None
