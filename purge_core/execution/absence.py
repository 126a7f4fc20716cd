"""Whether what a deletion was about is gone: when no answer came, and when one says so."""

from http import HTTPStatus
from typing import Final

from purge_core.errors import NotSent, Unavailable
from purge_core.execution.attempts import Attempt
from purge_core.execution.looking import Looking
from purge_core.execution.verify import Views
from purge_core.plans.steps import TagStep

_DID_NOTHING: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.NOT_FOUND)


class Absence:
    """Looks after the deletions of one repository. The caller holds a slot."""

    def __init__(self, looking: Looking, views: Views) -> None:
        """Look with ``looking``; what was seen before in ``views`` does not count any more."""
        self._looking = looking
        self._views = views

    async def is_true(self, attempt: Attempt) -> bool:
        """Look again for what a deletion did not find, where more depends on its being gone.

        What an index lists goes after it; and a lock that this run has opened must not stay so.

        Raises:
            RegistryError: the repository could not be read.

        """
        step = attempt.step
        if not isinstance(step, TagStep):
            return await self._looking.is_gone(step.digest)
        if attempt.unlocks == 0:
            return True
        self._views.forget()
        return not (await self._views.fresh()).shows(step)

    async def is_likely(self, attempt: Attempt, error: Unavailable) -> bool:
        """Find out whether a manifest is gone after a deletion without an answer."""
        if isinstance(error, NotSent) or error.status in _DID_NOTHING:
            return False
        attempt.unanswered = error
        self._views.forget()
        step = attempt.step
        return not isinstance(step, TagStep) and await self._looking.is_gone(step.digest)
