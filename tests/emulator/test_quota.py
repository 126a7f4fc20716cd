"""The request quota."""

import pytest

from acr_emulator import Emulator, Options, RegistryAnswer, Sku
from acr_emulator.kinds import Traffic
from acr_emulator.quota import PER_MINUTE, Quota
from tests.emulator.http import bearer, serving
from tests.emulator.seeds import image, new_registry

LEFT = "X-Ms-Ratelimit-Remaining-Calls-Per-Second"


class Seconds:
    """A clock of seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def drain(quota: Quota, traffic: Traffic, identity: str) -> int:
    """Take until it is refused: how many were given."""
    for taken in range(100_000):
        try:
            quota.take(traffic, identity)
        except RegistryAnswer:
            return taken
    raise AssertionError("never refused")


@pytest.mark.parametrize(
    ("sku", "traffic", "single"),
    [
        (Sku.STANDARD, Traffic.DELETE, 500),
        (Sku.PREMIUM, Traffic.DELETE, 2_000),
        (Sku.BASIC, Traffic.WRITE, 1_000),
        (Sku.STANDARD, Traffic.READ, 5_000),
        (Sku.STANDARD, Traffic.REFERRERS, 250),
        (Sku.STANDARD, Traffic.OAUTH, 10_000),
    ],
)
def test_a_full_bucket_is_a_minute_of_one_identity(sku: Sku, traffic: Traffic, single: int) -> None:
    """What the tier grants per minute can be used at once."""
    quota = Quota(Options(sku=sku), monotonic=Seconds())
    assert drain(quota, traffic, "me") == single


def test_identities_share_the_registrys_bucket() -> None:
    """Two identities use the whole, a third gets nothing."""
    quota = Quota(Options(sku=Sku.STANDARD), monotonic=Seconds())
    whole, single = PER_MINUTE[Sku.STANDARD][Traffic.DELETE]
    assert drain(quota, Traffic.DELETE, "a") == single
    assert drain(quota, Traffic.DELETE, "b") == whole - single
    assert drain(quota, Traffic.DELETE, "c") == 0


def test_kinds_do_not_use_up_each_other() -> None:
    """But listing referrers is a read as well."""
    quota = Quota(Options(sku=Sku.STANDARD), monotonic=Seconds())
    drain(quota, Traffic.DELETE, "me")
    drain(quota, Traffic.REFERRERS, "me")
    assert drain(quota, Traffic.READ, "me") == 5_000 - 250


def test_retry_after_counts_down_and_then_it_gives_again() -> None:
    """The bucket stays closed for the hold, and has filled meanwhile."""
    seconds = Seconds()
    quota = Quota(Options(sku=Sku.STANDARD, hold=6), monotonic=seconds)
    drain(quota, Traffic.DELETE, "me")
    told = []
    for _ in range(3):
        with pytest.raises(RegistryAnswer) as refused:
            quota.take(Traffic.DELETE, "me")
        assert refused.value.status == 429
        told.append(refused.value.headers["Retry-After"])
        seconds.now += 2
    assert told == ["6", "4", "2"]
    assert drain(quota, Traffic.DELETE, "me") == 50


def test_a_bucket_never_holds_more_than_a_minute() -> None:
    """An idle hour saves nothing up."""
    seconds = Seconds()
    quota = Quota(Options(sku=Sku.STANDARD), monotonic=seconds)
    quota.take(Traffic.DELETE, "me")
    seconds.now += 3_600
    assert drain(quota, Traffic.DELETE, "me") == 500


def test_speed_shortens_the_wait() -> None:
    """Ten times the speed, a tenth of the wait, rounded up."""
    quota = Quota(Options(sku=Sku.STANDARD, hold=25, speed=10), monotonic=Seconds())
    drain(quota, Traffic.DELETE, "me")
    with pytest.raises(RegistryAnswer) as refused:
        quota.take(Traffic.DELETE, "me")
    assert refused.value.headers["Retry-After"] == "3"


def test_without_a_tier_nothing_is_refused() -> None:
    """And the headers are those of an unhurried registry."""
    quota = Quota(Options(), monotonic=Seconds())
    for _ in range(2_000):
        assert quota.take(Traffic.DELETE, "me") == {LEFT: "8.000000"}
    assert quota.take(Traffic.READ, "me") == {}


async def test_too_many_deletes_are_told_so_over_http() -> None:
    """429 with Retry-After; the header of what is left falls; another identity still may."""
    registry = new_registry()
    for number in range(4):
        image(registry, f"{number}", tags=[f"t{number}"])
    options = Options(sku=Sku.STANDARD, burst=0.24)
    emulator = Emulator(registry, options, monotonic=Seconds())
    async with serving(emulator) as client:
        scope = "repository:shop/web:delete"
        token = bearer(await client.access_token(scope))
        path = "/acr/v1/shop/web/_tags/t"
        answers = [
            await client.send("DELETE", f"{path}{number}", headers=token) for number in range(3)
        ]
        other = await client.refresh_token("another")
        token = bearer(await client.access_token(scope, refresh_token=other))
        another = await client.send("DELETE", f"{path}3", headers=token)
    assert [answer.status for answer in answers] == [202, 202, 429]
    assert answers[0].headers[LEFT] > answers[1].headers[LEFT]
    assert answers[2].headers["Retry-After"] == "5"
    assert another.status == 202
