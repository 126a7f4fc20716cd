"""Whether what a deletion was about is gone: when no answer came, and when one says so."""

from http import HTTPStatus
from typing import Final

from purge_core.errors import NotSent, Unavailable
from purge_core.execution.attempts import Attempt
from purge_core.execution.looking import Looking
from purge_core.execution.verify import Views
from purge_core.plans.steps import ManifestStep, TagStep, target_of

_DID_NOTHING: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.NOT_FOUND)


class Absence:
    """Looks after the requests that change one repository. The caller holds a slot."""

    def __init__(self, looking: Looking, views: Views) -> None:
        """Look with ``looking``; what was seen before in ``views`` does not count any more."""
        self._looking = looking
        self._views = views

    async def is_sure(self, step: TagStep | ManifestStep) -> bool:
        """Whether the item is surely not there any more."""
        return await self._looking.is_gone(step)

    async def require(self, step: TagStep | ManifestStep) -> None:
        """Look for what is said to be gone, where more depends on its being gone.

        What an index lists goes after it; and a lock that this run has opened must not stay so.

        Raises:
            Unavailable: it is there, or nobody can tell.

        """
        if not await self.is_sure(step):
            raise Unavailable(f"that {target_of(step)} is gone could not be confirmed", status=404)

    async def is_likely(self, attempt: Attempt, error: Unavailable) -> bool:
        """Find out whether a manifest is gone after a deletion without an answer."""
        if isinstance(error, NotSent) or error.status in _DID_NOTHING:
            return False
        attempt.unanswered = error
        self._views.forget()
        step = attempt.step
        return not isinstance(step, TagStep) and await self.is_sure(step)
