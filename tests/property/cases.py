"""Purges among events: what is there, what is wanted of it, and all that happens meanwhile."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from hypothesis import strategies as st

from purge_core.model import RepositorySnapshot
from purge_core.policies.policy import Policy
from tests.builders import DELETE_LOCKED
from tests.property.events import CHANGES, LOCKING, Event, Kind, events
from tests.property.policies import policies
from tests.property.strategies import HONEST, World, repositories
from tests.purges import EVERYTHING, LOCKED_TOO

FAULTY: Final = (*CHANGES, Kind.FAIL, Kind.LOSE)
REMOVING: Final = (Kind.REMOVE_TAG, Kind.REMOVE_MANIFEST)
UNCLAIMED: Final = (*REMOVING, Kind.UNLOCK_TAG, Kind.UNLOCK_MANIFEST, Kind.WAIT)
TROUBLE: Final = (*FAULTY, *(Kind.FAIL, Kind.LOSE, Kind.STOP) * 4)
_PUSHING: Final = (Kind.PUSH_AGAIN, Kind.MOVE_TAG, Kind.TOUCH_TAG)  # what is pushed has no lock
LOCK_SAVING: Final = tuple(kind for kind in TROUBLE if kind not in LOCKING + _PUSHING)


@dataclass(frozen=True, slots=True)
class Case:
    """A repository, what is wanted of it, and what happens meanwhile.

    A ``page`` of a listing has so many entries, ``width`` requests are under way at once, and a
    ``stored`` plan begins with a listing.
    """

    snapshot: RepositorySnapshot
    policy: Policy
    page: int
    stored: bool
    width: int
    schedule: tuple[Event, ...]


@cache
def cases(*kinds: Kind, world: World = HONEST, requests: int = 20) -> st.SearchStrategy[Case]:
    """Purges among such events; most policies find something to do, so that few are in vain."""
    thorough = [st.sampled_from((EVERYTHING, LOCKED_TOO)) for _ in range(4)]
    return st.builds(
        Case,
        st.one_of(repositories(world, least=1), repositories(world, least=6)),
        st.one_of(*thorough, policies()),
        st.sampled_from((1000, 1, 3)),
        st.booleans(),
        st.sampled_from((1, 2, 16)),
        events(*kinds, requests=requests),
    )


def with_locks(case: Case) -> Case:
    """Lock everything, and want it to go all the same."""
    tags = tuple(replace(tag, lock=DELETE_LOCKED) for tag in case.snapshot.tags)
    manifests = tuple(replace(m, lock=DELETE_LOCKED) for m in case.snapshot.manifests or ())
    snapshot = replace(case.snapshot, tags=tags, manifests=manifests)
    return replace(case, snapshot=snapshot, policy=LOCKED_TOO)
