"""What holds of a purge whatever others do and whatever fails: on the fake and on the wire."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from purge_core.model import Body, TagName
from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import CascadeStep, ManifestStep, Step, TagStep, Target, target_of
from purge_core.policies.policy import Dialect, Policy
from purge_core.records.outcomes import Outcome, StepOutcome
from tests.fake_state import FakeRepository
from tests.fakes import Call
from tests.property.cases import Case
from tests.property.claims import WINDOW, Loss
from tests.property.others import Others
from tests.property.strategies import MANIFESTS
from tests.property.troubles import Trouble
from tests.purges import MemoryJournal

_BELIEVED: Final = 2
"""So many answers in a row that something is not there are believed."""
_OF_TAGS: Final = {"delete_tag", "lock_tag"}
_OF_MANIFESTS: Final = {"delete_manifest", "lock_manifest"}


class Watched(Protocol):
    """A registry that has watched a purge."""

    first_state: FakeRepository
    calls: list[Call]
    losses: list[Loss]
    others: Others
    absent: dict[Target, float]
    """Since when an item of the plan is not there, or was not when it last was away."""
    troubles: list[tuple[Call, Trouble]]
    opened: dict[Target, list[float]]
    """When requests were sent that set the lock of an item."""


@dataclass(frozen=True, slots=True)
class Done:
    """A plan that was carried out."""

    registry: Watched
    plan: PurgePlan
    outcomes: dict[Target, StepOutcome]
    journal: MemoryJournal

    @property
    def steps(self) -> dict[Target, Step]:
        """The steps by target."""
        return {target_of(step): step for step in self.plan.steps}

    @property
    def lost(self) -> set[Target]:
        """All that our requests took away."""
        return {name for loss in self.registry.losses for name in loss.manifests | loss.tags}


def require_respect(done: Done) -> None:
    """What others did more than two seconds before a request was sent is not lost by it."""
    assert [text for loss in done.registry.losses for text in _wronged(done, loss)] == []


def _wronged(done: Done, loss: Loss) -> list[str]:
    """Give the claims that a loss ignores: older than the window, and still holding.

    Where a lock is opened first, the window begins there: the registry may date that change, and
    the first new time that is seen after it is taken for its date.
    """
    return [
        f"{claim.item} by {loss.call.method} of {loss.call.target}: {claim.kind.value}"
        for claim in done.registry.others.claims
        if claim.item in loss.manifests | loss.tags
        and claim.since < min((loss.sent, *done.registry.opened.get(claim.item, ()))) - WINDOW
        and claim.holds(loss.before)
    ]


def require_planned(done: Done) -> None:
    """Requests name the plan's own items; of what was there in the beginning, no other goes."""
    steps, first = done.steps, done.registry.first_state
    for call in done.registry.calls:
        if call.method in _OF_TAGS:
            assert isinstance(steps[TagName(call.target)], TagStep)
        elif call.method in _OF_MANIFESTS:
            assert isinstance(steps[TagName(call.target)], ManifestStep | CascadeStep)
    along = {name for step in steps.values() if not isinstance(step, TagStep) for name in step.tags}
    for loss in done.registry.losses:
        assert loss.manifests & set(first.manifests) <= set(steps)
        kept = {n for n, tag in first.tags.items() if n not in along and n not in steps}
        unmoved = {n for n in kept if loss.before.tags.get(n) == first.tags[n]}
        assert not loss.tags & unmoved


def require_order(done: Done) -> None:
    """No index has lost a child, and what must go first has gone."""
    first = done.registry.first_state
    for loss in done.registry.losses:
        for digest in loss.before.manifests.keys() - loss.manifests:
            body = loss.before.bodies[digest]
            known = loss.before.manifests[digest] == first.manifests.get(digest)
            if known and isinstance(body, Body) and _denials(done, digest) < _BELIEVED:
                assert not loss.manifests & set(body.children)
        step = done.steps[TagName(loss.call.target)]
        for digest in () if isinstance(step, CascadeStep) else step.after:
            same = first.manifests[digest].updated
            there = loss.before.manifests.get(digest)
            went = loss.manifests or loss.tags
            gone = there is None or there.updated != same
            assert not went or gone or _denials(done, digest) >= _BELIEVED


def require_truth(done: Done, case: Case) -> None:
    """Each step has one outcome, in the order of the plan, that agrees with the registry."""
    assert list(done.outcomes) == [target_of(step) for step in done.plan.steps]
    named = {loss.call.target for loss in done.registry.losses if loss.manifests or loss.tags}
    lied = any(trouble is Trouble.NOT_FOUND for _, trouble in done.registry.troubles)
    for target, end in done.outcomes.items():
        if end.outcome.is_deleted:
            assert target in done.lost or _vanished_unseen(done, case, end.step)
        if end.outcome is Outcome.ALREADY_GONE:
            assert target in done.registry.absent or lied
        if target in named and not isinstance(end.step, CascadeStep):
            assert end.outcome.is_gone or end.outcome is Outcome.FAILED, end


def _vanished_unseen(done: Done, case: Case, step: Step) -> bool:
    """Tell whether somebody deleted what goes along with its subject, and no read showed it.

    The registry tells of no deletion: what is gone is missing in a listing, and of a long one
    only the newest entries are read again. A stored plan begins with a whole one.
    """
    if not isinstance(step, CascadeStep):
        return False
    since = done.registry.absent[step.digest]
    sent = [loss.sent for loss in done.registry.losses if step.root in loss.manifests]
    whole = case.page > MANIFESTS + len(case.schedule) or (case.stored and since == 0)
    return not whole or since >= max(sent) - WINDOW


def require_moves_told(done: Done) -> None:
    """A tag that pointed elsewhere when it went is recorded as such, and no other is."""
    for target, end in done.outcomes.items():
        gone = [loss for loss in done.registry.losses if target in loss.tags]
        if isinstance(end.step, TagStep) and end.outcome.is_deleted:
            (loss,) = gone[-1:]
            moved = loss.before.tags[end.step.tag].digest != end.step.digest
            assert (end.outcome is Outcome.HAD_MOVED) == moved
        else:
            assert end.outcome is not Outcome.HAD_MOVED


def require_record(done: Done) -> None:
    """Each step is opened before its first change, and what was opened is closed once."""
    opened = Counter(done.journal.opened)
    assert set(opened.values()) <= {1}
    assert opened == Counter(target_of(end.step) for end in done.journal.closed)
    assert done.lost & set(done.steps) <= set(opened)
    assert {end for end in done.outcomes.values() if target_of(end.step) in opened} == set(
        done.journal.closed
    )


def require_locks(done: Done, held: FakeRepository) -> None:
    """A lock that was opened for a deletion that did not happen is closed as it was.

    Or somebody is told; but two answers in a row that something is gone are believed.
    """
    locks = {name: item.lock for name, item in (held.tags | held.manifests).items()}
    for target, end in done.outcomes.items():
        if target in locks and "locked again" not in end.detail and locks[target] != end.step.lock:
            assert _denials(done, target) >= _BELIEVED


def _denials(done: Done, target: Target) -> int:
    """Count the answers that may have said in vain that something is not there."""
    wrong = [call.target for call, what in done.registry.troubles if what is Trouble.NOT_FOUND]
    return wrong.count(target) + wrong.count("")


def runs_until_done(policy: Policy) -> int:
    """Tell after how many quiet runs nothing is left to do, at the latest, and one run more.

    A line of ``acr purge`` spares for the next run what a referrer lists that goes, and that may
    itself be one.
    """
    return 2 if policy.dialect is Dialect.DOCUMENT else 1 + MANIFESTS


def require_finished(later: Sequence[dict[Target, StepOutcome]]) -> None:
    """Of the quiet runs afterwards, each does all that it plans, and the last finds nothing."""
    assert [end for run in later for end in run.values() if not end.outcome.is_gone] == []
    assert later[-1] == {}


def require_few(sent: int, quiet: int, case: Case, *, each: int) -> None:
    """What happens costs at most ``each`` requests; ``quiet`` are those when nothing does."""
    assert sent <= quiet + each * len(case.schedule)
