"""Whether what a deletion was about is gone: when no answer came, and when one says so."""

from http import HTTPStatus
from typing import Final

from purge_core.errors import NotSent, RegistryError, Unavailable
from purge_core.execution.attempts import Attempt
from purge_core.execution.looking import Looking
from purge_core.execution.verify import Views
from purge_core.plans.steps import TagStep, target_of

_DID_NOTHING: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.NOT_FOUND)


class Absence:
    """Looks after the requests that change one repository. The caller holds a slot."""

    def __init__(self, looking: Looking, views: Views) -> None:
        """Look with ``looking``; what was seen before in ``views`` does not count any more."""
        self._looking = looking
        self._views = views

    async def is_sure(self, attempt: Attempt) -> bool:
        """Whether the item is surely not there any more."""
        attempt.gone = attempt.gone or await self._looking.is_gone(attempt.step)
        return attempt.gone

    async def require(self, attempt: Attempt, *, last: bool = False) -> None:
        """Look for what is said to be gone, where more depends on its being gone.

        What an index lists goes after it; and a lock that this run has opened must not stay so.
        What was seen before does not count any more: it shows something that may be gone. With
        ``last`` there is no other attempt where this one gets no answer.

        Raises:
            Unavailable: it is there, or nobody can tell.

        """
        self._views.forget()
        attempt.missed = True
        said = f"{target_of(attempt.step)} is said to be gone"
        try:
            attempt.gone = not await self._looking.is_there(attempt.step)
        except RegistryError as error:
            why = f"{said}; not confirmed: {error}"
            raise Unavailable(why, status=404, repeated=last) from error
        if not attempt.gone:
            raise Unavailable(f"{said}, and is there", status=404)

    async def is_likely(self, attempt: Attempt, error: Unavailable) -> bool:
        """Find out whether a manifest is gone after a deletion without an answer.

        Where something else goes once it is gone, one answer is not enough.
        """
        if isinstance(error, NotSent) or error.status in _DID_NOTHING:
            return False
        attempt.unanswered = error
        self._views.forget()
        step = attempt.step
        if isinstance(step, TagStep) or not await self.is_sure(attempt):
            return False
        if step.digest in self._looking.awaited:
            attempt.gone = await self._looking.is_gone(step)
        return attempt.gone
