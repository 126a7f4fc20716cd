"""One step: verified, unlocked where need be, deleted, and ended with one outcome."""

import logging
from typing import Final, assert_never

from purge_core.errors import AccessDenied, NotFound, RegistryError, Unavailable
from purge_core.execution.absence import Absence
from purge_core.execution.attempts import Attempt
from purge_core.execution.brakes import Brakes, Ending, Right
from purge_core.execution.expectations import Expectations
from purge_core.execution.findings import Found
from purge_core.execution.locking import Locks
from purge_core.execution.looking import Looking
from purge_core.execution.pacing import Slots, Traffic
from purge_core.execution.verify import Views
from purge_core.execution.view import View
from purge_core.pace.limiter import Ticket
from purge_core.pace.patience import Patience
from purge_core.plans.steps import ManifestStep, TagStep, target_of
from purge_core.records.outcomes import Outcome, StepOutcome
from purge_core.registry import Answer, Deletion, RegistryWriter

_LOG: Final = logging.getLogger(__name__)
_VERIFICATIONS: Final = 4
"""How often a step is verified when each time the view is too old before the delete is sent."""

Deletable = TagStep | ManifestStep

_NOT_REACHED: Final = (Outcome.NOT_REACHED, "the run was ended first")


class Deleter:
    """Carries out the steps of one repository, each in a slot of the run's traffic."""

    def __init__(
        self,
        writer: RegistryWriter,
        traffic: Traffic,
        looking: Looking,
        views: Views,
        expectations: Expectations,
    ) -> None:
        """Delete through ``writer`` what ``expectations`` allow in the light of ``views``."""
        self._writer = writer
        self._traffic = traffic
        self._looking = looking
        self._views = views
        self._expectations = expectations
        self._brakes = Brakes()
        self._absence = Absence(looking, views)
        self._locks = Locks(
            looking.repository, writer, traffic, views, self._absence, expectations.effects
        )

    async def carry_out(self, step: Deletable, slots: Slots | None = None) -> StepOutcome:
        """Do one step, holding ``slots``. Raises nothing: what goes wrong is its outcome."""
        attempt = Attempt(step)
        async with slots or self._traffic.slots:
            outcome, detail = attempt.honest(*await self._confirmed(attempt))
            detail += await self._locks.close_again(attempt, outcome)
        effects = self._expectations.effects
        effects.ends(target_of(step), gone=outcome.is_gone)
        if isinstance(step, TagStep):
            effects.expect_renewal(step.digest)
        return StepOutcome(step, outcome, detail)

    async def _confirmed(self, attempt: Attempt) -> Ending:
        """Do it; what is said to be gone is looked for, where others or a lock depend on it."""
        outcome, detail = await self._guarded(attempt)
        matters = target_of(attempt.step) in self._looking.awaited or self._locks.is_opened(attempt)
        if outcome is Outcome.ALREADY_GONE and matters and not await self._absence.is_sure(attempt):
            return Outcome.FAILED, "it is said to be gone, and that could not be confirmed"
        return outcome, detail

    async def _guarded(self, attempt: Attempt) -> Ending:
        try:
            return await self._tried(attempt)
        except Unavailable as error:
            if self._traffic.halt.is_set:
                return _NOT_REACHED
            return self._brakes.fail(f"not verified: {error}")
        except AccessDenied as error:
            return self._brakes.deny(Right.READ, f"not verified: {error}")
        except RegistryError as error:
            return Outcome.FAILED, str(error)
        except Exception as error:  # noqa: BLE001 - a defect ends its own step, and no other
            _LOG.exception("%s of %s", target_of(attempt.step), self._looking.repository)
            return Outcome.FAILED, f"{type(error).__name__}: {error}"

    async def _tried(self, attempt: Attempt) -> Ending:
        """Verify and delete; again after a pause, while no answer comes."""
        patience = Patience()
        while True:
            ending = self._known(attempt)
            if ending is not None:
                return ending
            async with self._traffic.permit() as ticket:
                ending = await self._cleared(attempt, ticket)
                if ending is not None:
                    return ending
                try:
                    return await self._delete(attempt, ticket)
                except Unavailable as error:
                    if await self._absence.is_likely(attempt, error):
                        return Outcome.ALREADY_GONE, ""
                    pause = patience.after(error)
                    if pause is None:
                        return self._brakes.fail(str(error))
            await self._traffic.rest(pause)

    def _known(self, attempt: Attempt) -> Ending | None:
        """Tell how the step ends, where that is known without a request."""
        held, view = self._held(attempt), self._views.at_hand
        if held is not None or view is None:
            return held
        return self._judged(attempt, view)

    def _held(self, attempt: Attempt) -> Ending | None:
        if self._traffic.halt.is_set:
            return _NOT_REACHED
        return self._brakes.hold(*attempt.rights)

    async def _cleared(self, attempt: Attempt, ticket: Ticket) -> Ending | None:
        """Verify and unlock; ``None`` when a delete may be sent in this very moment."""
        for _ in range(_VERIFICATIONS):
            held = self._held(attempt)
            if held is not None:
                return held
            view = await self._views.fresh()
            ending = self._judged(attempt, view)
            if ending is None and attempt.step.lock.closed and attempt.unlocked is None:
                ending = await self._unlocked(attempt, view)
            if ending is not None:
                return ending
            await self._traffic.until_good(ticket)
            if self._views.is_fresh(view) and not self._traffic.halt.is_set:
                return None
        return Outcome.FAILED, "no delete could be sent soon enough after its verification"

    def _judged(self, attempt: Attempt, view: View) -> Ending | None:
        finding = self._expectations.judge(attempt.step, view)
        attempt.judged_by(view)
        if attempt.is_shut(view):
            attempt.unlocks = 0
            self._expectations.effects.left_open.discard(target_of(attempt.step))
        match finding.found:
            case Found.AS_PLANNED:
                return None
            case Found.GONE:
                return Outcome.ALREADY_GONE, finding.detail
            case Found.CHANGED:
                return Outcome.SKIPPED_CHANGED, finding.detail
            case _:
                assert_never(finding.found)

    async def _unlocked(self, attempt: Attempt, view: View) -> Ending | None:
        """Open the lock of the item about to go; the ending, when that is not possible."""
        try:
            await self._locks.open(attempt, view)
        except AccessDenied as error:
            return self._brakes.deny(Right.UNLOCK, str(error))
        except NotFound:
            return Outcome.ALREADY_GONE, ""
        return None

    async def _delete(self, attempt: Attempt, ticket: Ticket) -> Ending:
        """Send one delete.

        Raises:
            Unavailable: it got no usable answer, and may have been carried out or not.

        """
        step = attempt.step
        try:
            deletion = await self._traffic.delete(ticket, lambda: self._request(attempt))
        except AccessDenied as error:
            return self._brakes.deny(attempt.delete, str(error))
        except NotFound:
            deletion = Deletion(Answer.GONE)
        tagged = isinstance(step, TagStep) and not self._locks.is_opened(attempt)
        if deletion.answer is Answer.GONE and not tagged:
            await self._absence.require(attempt)
        self._brakes.answered()
        return _ending(step, deletion)

    async def _request(self, attempt: Attempt) -> Deletion:
        repository, step = self._looking.repository, attempt.step
        age = attempt.age(self._traffic.seconds())
        if isinstance(step, ManifestStep):
            return await self._writer.delete_manifest(repository, step.digest, age=age)
        self._expectations.effects.expect_renewal(step.digest)
        return await self._writer.delete_tag(repository, step.tag, age=age)


def _ending(step: Deletable, deletion: Deletion) -> Ending:
    match deletion.answer:
        case Answer.GONE:
            return Outcome.ALREADY_GONE, ""
        case Answer.LOCKED:
            return Outcome.LOCKED, ""
        case Answer.ACCEPTED:
            if deletion.digest in (None, step.digest):
                return Outcome.DELETED, ""
            return Outcome.HAD_MOVED, f"pointed at {deletion.digest}, expected {step.digest}"
        case _:
            assert_never(deletion.answer)
