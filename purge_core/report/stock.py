"""What a registry stores, for people and for programs; money only as far as numbers carry it."""

import json
from collections.abc import Iterator
from typing import Final

from purge_core.costs import Cost
from purge_core.records.stock import Pin, Stock
from purge_core.report.text import (
    count,
    moment,
    old,
    paragraph,
    printable,
    short_digest,
    size,
    table,
)
from purge_core.wire import JsonObject, Schemas, codec_of, write_value

_LARGEST: Final = 20
"""So many repositories are told of."""


def stock_lines(stock: Stock) -> Iterator[str]:
    """Tell of it line by line, each at most 80 columns wide."""
    least = "at least " if stock.unread else ""
    yield f"{printable(stock.registry)} at {moment(stock.now)}"
    where = f"{count(len(stock.repositories), 'repository')}"
    yield f"stores {least}{size(stock.bytes)}: {count(stock.manifests, 'manifest')} in {where}."
    if stock.unread:
        text = f"{stock.unread:,} manifests, repositories or sizes could not be read"
        yield from paragraph(f"{text}, and are missing in these numbers.")
    yield from _repositories(stock)
    yield from _pins(stock)
    yield ""
    yield from _freed(stock)
    yield from paragraph(_money(stock.cost))


def _repositories(stock: Stock) -> Iterator[str]:
    shown = [
        (each.repository, f"{each.manifests:,}", size(each.bytes), size(each.alone))
        for each in stock.repositories[:_LARGEST]
    ]
    if not shown:
        return
    yield ""
    yield from table(shown, ("REPOSITORY", "MANIFESTS", "NEEDS", "ALONE"))
    if more := len(stock.repositories) - len(shown):
        yield f"and {count(more, 'repository')} with less"
    yield "ALONE is what no other repository needs as well."


def _pins(stock: Stock) -> Iterator[str]:
    if not stock.pins:
        return
    yield ""
    yield "What stays, and keeps the most of what could be freed:"
    rows = [(_name(pin), _age(pin, stock), size(pin.bytes), size(pin.only)) for pin in stock.pins]
    yield from table(rows, ("IMAGE", "AGE", "KEEPS", "NOTHING ELSE DOES"))


def _name(pin: Pin) -> str:
    tag = f":{pin.tags[0]}" if pin.tags else f"@{short_digest(pin.digest)}"
    more = f" (+{len(pin.tags) - 1})" if len(pin.tags) > 1 else ""
    return f"{pin.repository}{tag}{more}"


def _age(pin: Pin, stock: Stock) -> str:
    return "unknown" if pin.updated is None else old(pin.updated, stock.now).removesuffix(" old")


def _freed(stock: Stock) -> Iterator[str]:
    if stock.freed is not None:
        yield f"The policy would free exactly {size(stock.freed)}."
    elif stock.pins:
        yield "How much the policy would free exactly is not known."


def _money(cost: Cost | None) -> str:
    """Say what storage costs; nothing where that is not known."""
    if cost is None:
        return (
            "What that costs is not known: PURGE_SKU has to name the registry's tier, and every"
            " number above has to be known."
        )
    included = f"The {cost.tier} tier includes {size(cost.included)}"
    if not cost.now:
        return f"{included}: storage costs nothing beyond it, so a purge saves no money."
    price = f"{cost.price} per GiB and day ({printable(cost.price.source)})"
    text = f"{included}; the rest, at {price}, costs {_amount(cost, cost.now)}"
    after = f", and {_amount(cost, cost.after)} after the purge" if cost.after is not None else ""
    return f"{text}{after}. Replicas cost the same again; discounts are not known."


def _amount(cost: Cost, amount: float) -> str:
    return f"{amount:,.2f} {cost.price.currency} a day"


def stock_document(stock: Stock) -> Iterator[str]:
    """Give it as one JSON document."""
    yield json.dumps(write_value(stock), indent=1).replace("\x7f", "\\u007f") + "\n"


def stock_schema() -> JsonObject:
    """Describe the document as JSON Schema (2020-12)."""
    parts: Schemas = {}
    codec_of(Stock).schema(parts)
    body = parts.pop("Stock")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "acr-purge storage",
        "description": "Bytes, every blob once. What could not be read is in no number.",
        **body,
        "$defs": parts,
    }
