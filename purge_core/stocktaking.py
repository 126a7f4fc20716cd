"""What a registry stores, blob by blob; and by a policy, what keeps what could be freed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from heapq import nlargest
from typing import Final

from purge_core.bounded import map_bounded
from purge_core.costs import Price, cost_of
from purge_core.instants import Instant
from purge_core.measuring import Holdings, Place, list_holdings
from purge_core.model import Digest, Manifest, Unread
from purge_core.pace.quotas import Sku
from purge_core.records.results import RepositoryResult
from purge_core.records.stock import Pin, RepositoryStock, Stock
from purge_core.registry import MeasurableRegistry
from purge_core.sizes import Parts

_MOST_PINS: Final = 10
_SHARED: Final = -1


class _Stock:
    """What is known so far. ``stale`` are the parts of what goes; ``sizeless``: see ``Parts``."""

    def __init__(self) -> None:
        self.sizes: dict[Digest, int] = {}
        self.owner: dict[Digest, int] = {}
        self.held: list[int] = []
        self.stale: set[Digest] = set()
        self.keepers: dict[Digest, Place | None] = {}
        self.pins: dict[Place, set[Digest]] = {}
        self.unread = 0
        self.sizeless: set[Digest] = set()

    def note(self, parts: Parts) -> None:
        """Remember the sizes."""
        for blob in parts.blobs:
            if blob.size is not None:
                self.sizes[blob.digest] = blob.size
                self.sizeless.discard(blob.digest)
            elif blob.digest not in self.sizes:
                self.sizes[blob.digest] = 0
                self.sizeless.add(blob.digest)

    def own(self, number: int, blobs: set[Digest]) -> None:
        """Note what repository ``number`` needs."""
        self.held[number] = sum(self.sizes[blob] for blob in blobs)
        for blob in blobs:
            self.owner[blob] = number if self.owner.get(blob, number) == number else _SHARED

    def keep(self, image: Place, parts: Parts) -> None:
        """Note that an image that stays needs parts of what goes, if it does."""
        pinned = {blob.digest for blob in parts.blobs if blob.digest in self.stale}
        if pinned:
            self.pins.setdefault(image, set()).update(pinned)
        for blob in pinned:
            self.keepers[blob] = image if self.keepers.get(blob, image) == image else None

    def total(self, blobs: set[Digest]) -> int:
        """Give the bytes of these blobs."""
        return sum(self.sizes[blob] for blob in blobs)

    def pin(self, image: Place, manifest: Manifest) -> Pin:
        """Say what an image keeps."""
        blobs = self.pins[image]
        only = {blob for blob in blobs if self.keepers[blob] == image}
        repository, digest = image
        return Pin(
            repository,
            digest,
            manifest.tags,
            manifest.updated,
            self.total(blobs),
            self.total(only),
        )


async def take_stock(
    registry: MeasurableRegistry,
    host: str,
    now: Instant,
    limit: int,
    tell: Callable[[int], None],
    planned: Sequence[RepositoryResult] | None = None,
) -> Stock:
    """Look at every manifest of the registry; ``planned``: what a policy would delete.

    ``tell`` is given the number of manifests that will be read, but for those remembered.

    Raises:
        RegistryError: the catalogue could not be read.

    """
    results = {result.repository: result for result in planned or ()}
    names = sorted({*results, *[name async for name in registry.repositories()]})

    async def one(number: int) -> Holdings | None:
        name = names[number]
        return await list_holdings(registry, name, results.get(name))

    found = await map_bounded(one, range(len(names)), limit)
    holdings = [each for each in found if each is not None]
    tell(sum(len(each.manifests) for each in holdings))
    stock = _Stock()
    stock.unread = found.count(None)
    await _look(registry, holdings, stock, limit)
    return _told(stock, holdings, host, now, is_planned=planned is not None)


async def _look(
    registry: MeasurableRegistry, holdings: Sequence[Holdings], stock: _Stock, limit: int
) -> None:
    stock.held = [0] * len(holdings)

    async def going(each: Holdings) -> None:
        async for _, parts in registry.parts(each.repository, each.going):
            if isinstance(parts, Parts):
                stock.note(parts)
                stock.stale.update(blob.digest for blob in parts.blobs)

    async def all_of(number: int) -> None:
        each, blobs = holdings[number], set[Digest]()
        listed = {manifest.digest: manifest for manifest in each.manifests}
        async for digest, parts in registry.parts(each.repository, listed):
            if isinstance(parts, Unread):
                stock.unread += parts is not Unread.GONE
                continue
            stock.note(parts)
            blobs.update(blob.digest for blob in parts.blobs)
            if digest not in each.going:
                stock.keep((each.repository, each.whole(digest)), parts)
        stock.own(number, blobs)

    await map_bounded(going, holdings, limit)
    await map_bounded(all_of, range(len(holdings)), limit)


def _told(
    stock: _Stock, holdings: Sequence[Holdings], host: str, now: Instant, *, is_planned: bool
) -> Stock:
    alone = [0] * len(holdings)
    for blob, number in stock.owner.items():
        if number != _SHARED:
            alone[number] += stock.sizes[blob]
    parts = (
        RepositoryStock(each.repository, len(each.manifests), held, own)
        for each, held, own in zip(holdings, stock.held, alone, strict=True)
    )
    missing = stock.unread + len(stock.sizeless)
    return Stock(
        registry=host,
        now=now,
        bytes=sum(stock.sizes.values()),
        manifests=sum(len(each.manifests) for each in holdings),
        unread=missing,
        repositories=tuple(sorted(parts, key=lambda part: (-part.bytes, part.repository))),
        freed=stock.total(stock.stale - stock.keepers.keys())
        if is_planned and not missing
        else None,
        pins=tuple(_largest(stock, holdings)),
    )


def _largest(stock: _Stock, holdings: Sequence[Holdings]) -> list[Pin]:
    """Give what keeps the most."""
    manifests = {(each.repository, m.digest): m for each in holdings for m in each.manifests}
    pins = (stock.pin(image, manifests[image]) for image in stock.pins)
    return nlargest(_MOST_PINS, pins, key=lambda pin: (pin.only, pin.bytes, pin.digest))


def with_cost(stock: Stock, sku: Sku, price: Price) -> Stock:
    """Add what it costs, where that is known."""
    stored = None if stock.unread else stock.bytes
    return replace(stock, cost=cost_of(sku, price, stored, stock.freed))
