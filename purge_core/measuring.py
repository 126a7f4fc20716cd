"""How much a purge frees exactly: what goes keeps parts that nothing else keeps.

A registry stores each blob once, however many manifests of however many repositories name it.
So all manifests have to be looked at: those that go, for what they consist of, and those that
stay, for what of it they need, too. Most are remembered from earlier runs.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from purge_core.bounded import map_bounded
from purge_core.errors import NotFound, RegistryError
from purge_core.model import Body, Digest, Manifest, RepositoryName, Shape, Unread, shape_of
from purge_core.plans.steps import Step, TagStep
from purge_core.records.journal import Mode
from purge_core.records.results import Exact, RepositoryResult, RunResult, State
from purge_core.registry import MeasurableRegistry, RegistryReader
from purge_core.sizes import Parts

Place = tuple[RepositoryName, Digest]


@dataclass(frozen=True, slots=True)
class Holdings:
    """The manifests of one repository, and which of them go.

    ``indexes`` leads from what an index lists to that index, as far as indexes were read.
    """

    repository: RepositoryName
    manifests: tuple[Manifest, ...] = ()
    going: frozenset[Digest] = frozenset()
    indexes: Mapping[Digest, Digest] = field(default_factory=dict)

    def whole(self, digest: Digest) -> Digest:
        """Give the image that a manifest is a part of: the index at the top, or itself."""
        seen = {digest}
        while (above := self.indexes.get(digest)) is not None and above not in seen:
            digest = above
            seen.add(digest)
        return digest

    @property
    def staying(self) -> set[Digest]:
        """All others."""
        return {m.digest for m in self.manifests} - self.going

    @property
    def consisting(self) -> set[Digest]:
        """What stays and keeps more than itself. What an index lists is listed as well."""
        indexes = {m.digest for m in self.manifests if shape_of(m.media_type) is Shape.INDEX}
        return self.staying - indexes


class Gauge:
    """What goes, part by part, and which of these parts something that stays needs.

    ``unread`` are manifests, and repositories, that could not be looked at: then it is not
    known what is freed.
    """

    def __init__(self) -> None:
        """Know of nothing."""
        self.needed: set[Digest] = set()
        self.looked_at = 0
        self.unread = 0
        self._going: dict[Place, tuple[Digest, ...]] = {}
        self._sizes: dict[Digest, int | None] = {}

    def need(self, blobs: Collection[Digest]) -> None:
        """Take note that something that stays needs these."""
        self.needed.update(blob for blob in blobs if blob in self._sizes)

    def note_going(self, place: Place, parts: Parts | Unread) -> None:
        """Take note of a manifest that goes; one that went meanwhile frees nothing."""
        self.looked_at += 1
        if isinstance(parts, Unread):
            self.unread += parts is not Unread.GONE
            return
        self._going[place] = tuple(blob.digest for blob in parts.blobs)
        self._sizes.update((blob.digest, blob.size) for blob in parts.blobs)

    def note_staying(self, parts: Parts | Unread) -> None:
        """Take note of what a manifest that stays needs."""
        self.looked_at += 1
        if isinstance(parts, Unread):
            self.unread += parts is not Unread.GONE
            return
        self.need([blob.digest for blob in parts.blobs])

    def exact(self, gone: Collection[Place]) -> Exact:
        """Say what is freed when exactly these of the manifests go."""
        left = {blob for place, parts in self._going.items() if place not in gone for blob in parts}
        freed = {blob for place in gone for blob in self._going.get(place, ())} - left - self.needed
        sizes = [self._sizes[blob] for blob in freed]
        known = [size for size in sizes if size is not None]
        whole = not self.unread and len(known) == len(sizes)
        return Exact(sum(known) if whole else None, self.looked_at, self.unread)


async def measure(
    registry: MeasurableRegistry,
    planned: Iterable[RepositoryResult],
    limit: int,
    tell: Callable[[int], None],
) -> Gauge:
    """Look at every manifest of the registry before anything goes.

    ``tell`` is given the number of manifests that will be read, but for those remembered.
    Whatever cannot be read keeps nothing from going on: then it is not known what is freed.
    """
    results = {result.repository: result for result in planned}

    async def list_one(name: RepositoryName) -> Holdings | None:
        return await list_holdings(registry, name, results.get(name))

    going = {name: frozenset(_going(result)) for name, result in results.items()}
    return await _measure(registry, going, list_one, limit, tell)


async def measure_going(
    registry: MeasurableRegistry,
    going: Mapping[RepositoryName, frozenset[Digest]],
    limit: int,
    tell: Callable[[int], None],
) -> Gauge:
    """Look at every manifest of the registry, of which these are about to go; see ``measure``.

    Every repository is listed: what was judged is known by its digests only.
    """

    async def list_one(name: RepositoryName) -> Holdings | None:
        found = await list_holdings(registry, name)
        return found and replace(found, going=going.get(name, frozenset()))

    return await _measure(registry, going, list_one, limit, tell)


def manifests_of(steps: Iterable[Step]) -> frozenset[Digest]:
    """Name the manifests that the steps of a plan delete."""
    return frozenset(step.digest for step in steps if not isinstance(step, TagStep))


async def _measure(
    registry: MeasurableRegistry,
    going: Mapping[RepositoryName, frozenset[Digest]],
    list_one: Callable[[RepositoryName], Awaitable[Holdings | None]],
    limit: int,
    tell: Callable[[int], None],
) -> Gauge:
    gauge = Gauge()
    if not any(going.values()):
        tell(0)
        return gauge
    names = set(going)
    try:
        names |= {name async for name in registry.repositories()}
    except RegistryError:
        gauge.unread += 1
    found = await map_bounded(list_one, sorted(names), limit)
    gauge.unread += found.count(None)
    holdings = [each for each in found if each is not None]
    tell(len({digest for each in holdings for digest in (*each.going, *each.consisting)}))
    await _look(registry, holdings, gauge, limit)
    return gauge


def _going(result: RepositoryResult) -> tuple[Digest, ...]:
    """Name the manifests that the plan of a repository deletes."""
    if result.state is not State.PLANNED or result.decisions is None:
        return ()
    return result.decisions.deleted_manifests


async def list_holdings(
    registry: RegistryReader, name: RepositoryName, result: RepositoryResult | None = None
) -> Holdings | None:
    """List a repository, unless its ``result`` did; ``None``: it cannot be."""
    listed = None if result is None or result.snapshot is None else result.snapshot.manifests
    if listed is None:
        try:
            listed = (await registry.manifests(name)).items
        except NotFound:
            return Holdings(name)
        except RegistryError:
            return None
    going = frozenset(() if result is None else _going(result))
    bodies = {} if result is None or result.snapshot is None else result.snapshot.bodies
    indexes = {
        child: manifest.digest
        for manifest in listed
        if manifest.digest not in going and isinstance(body := bodies.get(manifest.digest), Body)
        for child in body.children
    }
    return Holdings(name, listed, going, indexes)


async def _look(
    registry: MeasurableRegistry, holdings: Iterable[Holdings], gauge: Gauge, limit: int
) -> None:
    """Read what goes, and then what of all that stays may need a part of it."""
    seen: set[Digest] = set()

    async def going(each: Holdings) -> None:
        async for digest, parts in registry.parts(each.repository, each.going):
            gauge.note_going((each.repository, digest), parts)

    async def staying(each: Holdings) -> None:
        gauge.need(each.staying)
        fresh = each.consisting - seen
        seen.update(fresh)
        async for digest, parts in registry.parts(each.repository, fresh):
            gauge.note_staying(parts)
            if parts is Unread.GONE:
                seen.discard(digest)

    await map_bounded(going, holdings, limit)
    await map_bounded(staying, holdings, limit)


def gone_manifests(result: RunResult, mode: Mode) -> Iterator[Place]:
    """Name the manifests that a run deleted, or that a plan would."""
    for each in result.repositories:
        if mode is Mode.PLAN and result.held is None:
            yield from ((each.repository, digest) for digest in _going(each))
        for outcome in each.outcomes:
            if outcome.outcome.is_deleted and not isinstance(outcome.step, TagStep):
                yield each.repository, outcome.step.digest
