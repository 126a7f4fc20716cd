"""What a registry stores, what keeps it, and what it costs: as numbers and in words."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from purge_core.costs import GIB, INCLUDED, LISTED, cost_of, parse_price
from purge_core.errors import AccessDenied
from purge_core.model import RepositoryName, Unread
from purge_core.pace.quotas import Sku
from purge_core.planning import plan_repositories
from purge_core.policies.policy import Policy
from purge_core.records.stock import RepositoryStock, Stock
from purge_core.report.stock import stock_document, stock_lines, stock_schema
from purge_core.stocktaking import take_stock, with_cost
from tests.builders import NOW, days, image, index, repository
from tests.unit.parted import APP, BASE, FAR, KEPT, OLD, OLDER, OTHER, OWN, Parted, stage
from tests.unit.planned import POLICY, Deaf, order


async def stock(registry: Parted, policy: Policy | None = None) -> Stock:
    """Take stock, by a policy perhaps."""
    told: list[int] = []
    planned = None
    if policy is not None:
        planned = await plan_repositories(registry, order(policy), Deaf())
    found = await take_stock(registry, "contoso", NOW, 4, told.append, planned)
    assert told == [found.manifests]
    return found


def text(found: Stock) -> str:
    """Tell of it; every line must fit."""
    lines = list(stock_lines(found))
    assert all(len(line) <= 80 and line.isprintable() for line in lines)
    return "\n".join(lines)


def document(found: Stock) -> Any:  # noqa: ANN401 - JSON
    """Write it and read the JSON, which must fit the schema."""
    document = json.loads("".join(stock_document(found)))
    jsonschema.validate(document, stock_schema())
    return document


async def test_every_blob_once() -> None:
    """In all, by repository, and what no other repository needs."""
    found = await stock(stage(old=(BASE, APP), older=(BASE,), far=(BASE, OTHER)))
    assert (found.bytes, found.manifests, found.unread) == (1_320 + 4 * OWN, 4, 0)
    assert [(r.repository, r.bytes, r.alone) for r in found.repositories] == [
        ("lab", 1_300 + OWN, 300 + OWN),
        ("shop", 1_020 + 3 * OWN, 20 + 3 * OWN),
    ]
    assert (found.freed, found.pins) == (None, ())
    assert "stores 1.3 KiB: 4 manifests in 2 repositories." in text(found)


async def test_what_stays_and_keeps_what_could_be_freed() -> None:
    """By a policy: what it frees, and which images keep the rest, the most first."""
    found = await stock(
        stage(old=(BASE, APP), older=(OTHER,), kept=(BASE,), far=(BASE, APP)), POLICY
    )
    assert found.freed == 300 + 2 * OWN
    assert [(pin.digest, pin.bytes, pin.only) for pin in found.pins] == [
        (FAR.digest, 1_020, 20),
        (KEPT.digest, 1_000, 0),
    ]
    told = text(found)
    assert "lab:latest 1 day 1,020 B 20 B" in " ".join(told.split())
    assert "The policy would free exactly 310 B." in told
    assert document(found)["pins"][0]["tags"] == ["latest"]


async def test_an_index_keeps_what_its_platforms_need() -> None:
    """Platform images count as the image that they are a part of, nested ones too."""
    amd, arm = image("amd", age=days(90)), image("arm", age=days(90))
    multi = index("multi", index("inner", amd, age=days(90)), arm, tags=["latest"], age=days(90))
    registry = Parted(repository("shop", OLD, OLDER, multi), layers={})
    registry.layers = {OLD.digest: (BASE, APP), amd.digest: (BASE,), arm.digest: (BASE, APP)}
    (pin,) = (await stock(registry, POLICY)).pins
    assert (pin.digest, pin.tags, pin.bytes, pin.only) == (
        multi.digest,
        ("latest",),
        1_020,
        1_020,
    )


async def test_what_cannot_be_read_is_missing_and_said() -> None:
    """Numbers are lower bounds then, and nothing is said of what is freed."""
    registry = stage(old=(BASE,), far=(APP,))
    registry.unread[FAR.digest] = Unread.FAILED
    found = await stock(registry, POLICY)
    assert (found.bytes, found.unread, found.freed) == (1_000 + 3 * OWN, 1, None)
    assert "stores at least 1,015 B" in text(found)
    assert with_cost(found, Sku.BASIC, LISTED).cost is None
    registry = stage(old=(BASE,))
    registry.fail("manifests", AccessDenied("no"), repository="lab")
    assert (await stock(registry)).unread == 1
    registry = stage(old=(BASE,))
    registry.unread[OLDER.digest] = Unread.GONE
    assert (await stock(registry)).unread == 0


async def test_a_size_that_is_told_elsewhere() -> None:
    """Docker's oldest form names layers without a size; another manifest may tell it."""
    registry = stage(old=(BASE,), far=(APP,))
    registry.sizes[BASE] = None
    assert (await stock(registry)).unread == 1
    registry.sizes[BASE] = 1_000
    assert (await stock(registry)).unread == 0


async def test_names_are_harmless() -> None:
    """Of images without a tag, and of repositories with names that are none."""
    odd = image("odd", age=days(1))
    registry = Parted(
        repository("shop", OLD, KEPT), repository("x\x1b[31m", odd), layers={OLD.digest: (BASE,)}
    )
    registry.layers[odd.digest] = (BASE,)
    assert f"x\\x1b[31m@{odd.digest[:19]}" in text(await stock(registry, POLICY))


async def test_an_empty_registry() -> None:
    """It stores nothing, and costs nothing."""
    found = with_cost(await stock(Parted(layers={})), Sku.BASIC, LISTED)
    assert "stores 0 B: 0 manifests in 0 repositories." in text(found)
    assert "a purge saves no money" in " ".join(text(found).split())


@pytest.mark.parametrize(
    ("stored", "freed", "now", "after"),
    [
        (0, None, 0.0, None),
        (100 * GIB, 0, 0.0, 0.0),
        (101 * GIB, 2 * GIB, 0.003, 0.0),
        (600 * GIB, 100 * GIB, 1.5, 1.2),
    ],
)
def test_cost(stored: int, freed: int | None, now: float, after: float | None) -> None:
    """Nothing up to what the tier includes, the price for what is above."""
    found = cost_of(Sku.STANDARD, LISTED, stored, freed)
    assert found is not None
    assert found.now == pytest.approx(now)
    assert found.after == (after if after is None else pytest.approx(after))
    assert found.included == INCLUDED[Sku.STANDARD]


@pytest.mark.parametrize("sku", [Sku.AUTO, Sku.NONE])
def test_no_cost_without_a_tier(sku: Sku) -> None:
    """What a tier includes is not guessed; nor is what is stored."""
    assert cost_of(sku, LISTED, 10 * GIB, None) is None
    assert cost_of(Sku.BASIC, LISTED, None, None) is None


def test_money_in_words() -> None:
    """The tier, the price with its source, and what is not known."""
    found = Stock("contoso", NOW, 600 * GIB, 3, 0, ())
    priced = with_cost(replace(found, freed=100 * GIB), Sku.STANDARD, LISTED)
    told = " ".join(text(priced).split())
    assert "The standard tier includes 100.0 GiB; the rest, at 0.003 USD per GiB and day" in told
    assert "March 2026), costs 1.50 USD a day, and 1.20 USD a day after the purge." in told
    assert "Replicas cost the same again; discounts are not known." in told
    assert document(priced)["cost"]["price"]["currency"] == "USD"
    assert "PURGE_SKU" in text(found)


def test_price() -> None:
    """A number and a currency; it says that it is yours."""
    price = parse_price("0.1 EUR")
    assert (price.amount, price.currency, str(price)) == (0.1, "EUR", "0.1 EUR")
    assert price.source == "PURGE_STORAGE_PRICE"
    assert str(LISTED) == "0.003 USD"
    for wrong in ("0.1", "EUR", "-1 EUR", "0.1 eur", "0,1 EUR", "1e3 EUR", "0.1 EUR "):
        with pytest.raises(ValueError, match=r"such as 0\.003 USD"):
            parse_price(wrong)


def test_long_lists_are_cut() -> None:
    """The twenty largest repositories are told of."""
    parts = tuple(RepositoryStock(RepositoryName(f"r{n}"), 1, 1, 1) for n in range(23))
    assert "and 3 repositories with less" in text(Stock("contoso", NOW, 23, 23, 0, parts))
