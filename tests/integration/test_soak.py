"""Nights along the quota, on a small scale; `python -m bench soak` is the large one."""

from bench.soak import REFUSED, Soak, run
from purge_core.records.outcomes import Outcome


def test_nights_along_the_quota_lose_nothing() -> None:
    """Each night ends in the middle; the next goes on, none is refused, and each goes once."""
    soak = Soak(repositories=3, images=600, night=60.0)
    found = run(soak)
    found.require_nothing_lost(soak)
    assert found.outcomes == {Outcome.DELETED: 1_800}
    assert soak.least_nights <= found.nights <= soak.least_nights + 1.2
    assert found.share <= REFUSED
    assert found.failures == 0
