"""What a run itself has changed in a repository, so that it is not taken for a surprise."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from purge_core.instants import Instant
from purge_core.model import OPEN, Lock
from purge_core.plans.steps import Step, TagStep, Target, target_of


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier part of the same run did: the steps it has ``begun``, and those ``over``.

    What was begun may have been changed, and is done to its end. What is over has its end on
    record: nothing more is sent for it, and nothing that is seen of it is taken for ours.
    """

    begun: AbstractSet[Target] = frozenset()
    over: AbstractSet[Target] = frozenset()


NOTHING_EARLIER: Final = Earlier()


class Effects:
    """The run's own changes to the items of one plan.

    An unlock, and a tag that goes, may renew the update time of the item or of the tag's
    manifest. The first new time that is seen after such a change is taken for its effect;
    any later one is somebody else's. ``gone`` is what went; ``left_open`` are the items
    whose lock an earlier part of the run may have opened without locking them again, ``over``
    are those that it has ended with: what is seen of them since is somebody else's doing.
    """

    def __init__(self) -> None:
        """Begin with nothing changed."""
        self.gone: set[Target] = set()
        self.left_open: set[Target] = set()
        self.over: set[Target] = set()
        self._opened: set[Target] = set()
        self._renewable: set[Target] = set()
        self._renewed: dict[Target, Instant] = {}

    def expect_renewal(self, target: Target) -> None:
        """Note a change of our own that may renew the time of ``target``."""
        self._renewable.add(target)

    def opens(self, target: Target) -> None:
        """Note that the lock of ``target`` is being opened.

        Only once it surely is, that may explain a new time: one that is seen after an unlock
        without an answer may as well be that of what somebody pushed again.
        """
        self._opened.add(target)

    def opened_not(self, target: Target) -> None:
        """Note that nothing was sent that could have opened the lock of ``target``.

        A new time of it is then somebody else's, even where another change could explain it.
        """
        self._opened.discard(target)
        self._renewable.discard(target)

    def resumes(self, step: Step, earlier: Earlier) -> None:
        """Note what an earlier part of the same run may have done by this step."""
        target = target_of(step)
        if target in earlier.over:
            self.over.add(target)
        elif target not in earlier.begun:
            return
        elif step.lock.closed:
            self.opens(target)
            self.left_open.add(target)
        if isinstance(step, TagStep):
            self.expect_renewal(step.digest)

    def ends(self, target: Target, *, gone: bool) -> None:
        """Note that the work on ``target`` is over: nothing of ours changes it from now on."""
        self._renewable.discard(target)
        if gone:
            self.gone.add(target)
        else:
            self.gone.discard(target)

    def fits_time(self, target: Target, planned: Instant, seen: Instant | None) -> bool:
        """Whether ``seen`` is the planned update time, or one that we caused."""
        if seen is None or target in self.over:
            return False
        if seen in (planned, self._renewed.get(target)):
            return True
        if target not in self._renewable or seen < planned:
            return False
        self._renewable.discard(target)
        self._renewed[target] = seen
        return True

    def fits_lock(self, target: Target, planned: Lock, seen: Lock | None) -> bool:
        """Whether ``seen`` is the planned lock, or open because we opened it."""
        return seen == planned or (target in self._opened and seen == OPEN)
