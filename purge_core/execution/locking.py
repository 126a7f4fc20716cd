"""Locks of what is about to go: opened for its deletion, and closed again when that fails."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from purge_core.errors import AccessDenied, NotFound, NotSent
from purge_core.execution.absence import Absence
from purge_core.execution.attempts import Attempt
from purge_core.execution.effects import Effects
from purge_core.execution.pacing import Traffic
from purge_core.execution.verify import Views
from purge_core.execution.view import View
from purge_core.model import OPEN, Lock, RepositoryName
from purge_core.plans.steps import ManifestStep, TagStep, target_of
from purge_core.records.outcomes import Outcome
from purge_core.registry import RegistryWriter

_LOG: Final = logging.getLogger(__name__)


class Locks:
    """Sets the locks in one repository. The caller holds a slot."""

    def __init__(
        self,
        repository: RepositoryName,
        writer: RegistryWriter,
        traffic: Traffic,
        views: Views,
        absence: Absence,
        effects: Effects,
    ) -> None:
        """Set them through ``writer``, and note in ``effects`` what that changes."""
        self._repository = repository
        self._writer = writer
        self._traffic = traffic
        self._views = views
        self._absence = absence
        self._effects = effects

    def is_opened(self, attempt: Attempt) -> bool:
        """Whether this run may have opened the lock, and has not seen it closed since."""
        return attempt.unlocks > 0 or target_of(attempt.step) in self._effects.left_open

    async def open(self, attempt: Attempt, view: View) -> None:
        """Open the lock of the item about to go.

        It is left undone when that would come too late for ``view``: it overwrites whatever lock
        there is, so somebody else's must have had the chance to be seen.

        Raises:
            AccessDenied: this identity may not.
            NotFound: the item is gone.
            RegistryError: it failed.

        """

        async def unlock() -> None:
            if self._views.is_fresh(view):
                await self._open(attempt)

        try:
            await self._insist(attempt, unlock)
        except NotFound:
            attempt.unlocks = 0
            raise
        if attempt.unlocked is None:
            self._views.forget()

    async def close_again(self, attempt: Attempt, outcome: Outcome) -> str:
        """Lock as it was, also when the run is ending; say so when that is not done."""
        if outcome.is_gone or not self.is_opened(attempt):
            return ""
        step, target = attempt.step, target_of(attempt.step)
        if attempt.replaced and (attempt.may_have_gone or target in self._effects.left_open):
            return "; its lock was not set again: the tag is another one now"
        try:
            await self._insist(attempt, lambda: self._set(step, step.lock), even_halted=True)
        except NotFound:
            return ""
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody must know
            _LOG.exception("locking %s again", target)
            return f"; it could not be locked again as it was: {error}"
        return ""

    async def _insist(
        self, attempt: Attempt, change: Callable[[], Awaitable[None]], *, even_halted: bool = False
    ) -> None:
        """Send a change until it is answered. Raises NotFound for what surely is gone."""

        async def send() -> None:
            try:
                await self._traffic.write(change)
            except NotFound:
                await self._absence.require(attempt, last=self._traffic.halt.is_set)
                raise

        await self._traffic.insist(send, even_halted=even_halted)

    async def _open(self, attempt: Attempt) -> None:
        effects, target = self._effects, target_of(attempt.step)
        attempt.unlocks += 1
        effects.opens(target)
        try:
            await self._set(attempt.step, OPEN, age=attempt.age(self._traffic.seconds()))
        except (AccessDenied, NotFound, NotSent):  # it did nothing; an earlier one may have
            attempt.unlocks -= 1
            if attempt.unlocks == 0 and target not in effects.left_open:
                effects.opened_not(target)
            raise
        attempt.unlocked = self._traffic.seconds()
        effects.expect_renewal(target)

    async def _set(
        self, step: TagStep | ManifestStep, lock: Lock, *, age: float | None = None
    ) -> None:
        if isinstance(step, TagStep):
            await self._writer.lock_tag(self._repository, step.tag, lock, age=age)
        else:
            await self._writer.lock_manifest(self._repository, step.digest, lock, age=age)
