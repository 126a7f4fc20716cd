"""The limits of one registry: by its tier, by what it shows, shared with others."""

import asyncio

import pytest

from purge_core.bootstrap import pace_of
from purge_core.errors import Unavailable
from purge_core.pace.clock import Clock
from purge_core.pace.pace import Pace
from purge_core.pace.quotas import PER_MINUTE, Kind, Share, Sku
from purge_core.settings import Settings
from tests.purges import FakeClock


def test_workers_and_others_get_their_shares() -> None:
    """Workers share evenly, a part of the reads is left alone, bursts hold to the same."""
    share = Share(workers=4, reserve=0.2)
    reads = share.of(Sku.STANDARD, Kind.READ)
    assert (reads.per_second, reads.burst) == pytest.approx((5000 / 60 * 0.8 / 4, 1000))
    deletes = share.of(Sku.PREMIUM, Kind.DELETE)
    assert (deletes.per_second, deletes.burst) == pytest.approx((2000 / 60 / 4, 2000 / 6 / 4))
    assert deletes.share == 0.25
    assert PER_MINUTE[Sku.BASIC] == PER_MINUTE[Sku.STANDARD]


def test_a_process_has_one_pace_per_registry() -> None:
    """Whoever asks for it, with the same settings, shares what may be sent."""
    settings = Settings(sku=Sku.PREMIUM, quota_reserve=0.5, workers_per_registry=2)
    pace = pace_of(settings, "contoso.azurecr.io")
    assert pace is pace_of(settings, "contoso.azurecr.io")
    assert pace is not pace_of(settings, "fabrikam.azurecr.io")
    assert pace[Kind.READ].per_second == pytest.approx(10_000 / 60 * 0.5 / 2)


def test_workers_that_come_and_go_change_the_share() -> None:
    """The rate follows at once; how far it had fallen stays in proportion."""
    clock = FakeClock()
    pace = Pace(Clock(clock.seconds, clock.sleep), Sku.PREMIUM)
    pace[Kind.DELETE].refused(0.0)
    pace.share_among(4)
    pace.share_among(4)
    assert pace[Kind.DELETE].per_second == pytest.approx(2000 / 60 / 2 / 4)
    pace.shown(Kind.DELETE, 800.0)
    assert [pace[Kind.DELETE].ticket().wait > 0 for _ in range(200)].index(True) == 190
    pace.share_among(1)
    assert pace[Kind.DELETE].per_second == pytest.approx(2000 / 60 / 2)
    clock.now += 3_600
    assert pace[Kind.DELETE].per_second == pytest.approx(2000 / 60)
    assert pace[Kind.WRITE].per_second == pytest.approx(2000 / 60)


def test_without_a_quota_there_is_nothing_to_share() -> None:
    """It stays without end, also among many."""
    clock = FakeClock()
    pace = Pace(Clock(clock.seconds, clock.sleep))
    pace.share_among(8)
    assert all(pace[Kind.DELETE].ticket().wait == 0.0 for _ in range(10_000))


def test_a_tier_that_is_not_told_shows_itself() -> None:
    """A registry with more deletions left than Basic ever has is a Premium one, in all kinds."""
    clock = FakeClock()
    pace = Pace(Clock(clock.seconds, clock.sleep), Sku.AUTO)
    assert pace[Kind.DELETE].per_second == pytest.approx(500 / 60)
    pace.shown(Kind.DELETE, 480.0)
    assert pace[Kind.DELETE].per_second == pytest.approx(500 / 60)
    pace.shown(Kind.DELETE, 1999.0)
    assert pace[Kind.DELETE].per_second == pytest.approx(2000 / 60)
    assert pace[Kind.READ].per_second == pytest.approx(10_000 / 60 * 0.8)


def test_a_tier_that_is_told_is_believed() -> None:
    """What the registry shows makes no Premium registry of one that is said to be Standard."""
    clock = FakeClock()
    pace = Pace(Clock(clock.seconds, clock.sleep), Sku.STANDARD)
    pace.shown(Kind.DELETE, 1999.0)
    assert pace[Kind.DELETE].per_second == pytest.approx(500 / 60)


def test_without_a_quota_nobody_waits_until_the_registry_refuses() -> None:
    """A development registry is asked as fast as it answers; one that refuses has a quota."""
    clock = FakeClock()
    pace = Pace(Clock(clock.seconds, clock.sleep))
    pace.shown(Kind.DELETE, 1.0)
    assert all(pace[Kind.DELETE].ticket().wait == 0.0 for _ in range(10_000))
    pace.failed(Kind.DELETE, Unavailable("busy", status=429))
    assert pace[Kind.DELETE].pause == 1.0
    assert pace[Kind.DELETE].per_second == pytest.approx(500 / 60 / 2)
    assert pace[Kind.READ].pause == 0.0


@pytest.mark.parametrize("error", [Unavailable("reset"), Unavailable("down", status=500)])
def test_only_refusals_slow_down(error: Unavailable) -> None:
    """A registry that stumbles says nothing about the quota."""
    clock = FakeClock()
    pace = Pace(Clock(clock.seconds, clock.sleep), Sku.STANDARD)
    pace.failed(Kind.DELETE, error)
    assert pace[Kind.DELETE].pause == 0.0
    assert pace[Kind.DELETE].per_second == pytest.approx(500 / 60)


async def test_the_default_clock_is_the_event_loops() -> None:
    """Without a clock of its own it measures the loop's time."""
    pace = Pace()
    assert pace.clock.seconds() == pytest.approx(asyncio.get_running_loop().time(), abs=60)
    assert pace.clock.chance() == 0.0
