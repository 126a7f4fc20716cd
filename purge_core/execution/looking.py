"""Reads of one repository for the verification of its plan."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from purge_core.bounded import both, map_bounded
from purge_core.errors import NotFound, RegistryError, Unavailable
from purge_core.execution.expectations import Expectations
from purge_core.execution.pacing import Traffic
from purge_core.execution.view import Part, View, view_of
from purge_core.model import Body, BodyState, Digest, Manifest, Shape, Tag, Unread, shape_of
from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import ManifestStep, TagStep, awaited
from purge_core.registry import Changes, Listing, RegistryReader

Item = TypeVar("Item", Tag, Manifest)

_NOTHING: Final[Part[Manifest]] = (Changes((), complete=False), None)


class Looking:
    """Looks at the repository of one plan. Every request passes the run's traffic."""

    def __init__(
        self,
        plan: PurgePlan,
        bodies: Mapping[Digest, BodyState],
        expectations: Expectations,
        reader: RegistryReader,
        traffic: Traffic,
    ) -> None:
        """Begin with the ``bodies`` that are known already.

        ``awaited`` is what has to be gone before others may go.
        """
        self.repository = plan.repository
        self.awaited = awaited(plan.steps)
        self._lists_manifests = plan.lists_manifests
        self._bodies = dict(bodies)
        self._expectations = expectations
        self._reader = reader
        self._traffic = traffic
        self._answers = True

    async def changes(self, spare: Callable[[], int]) -> View:
        """Read what changed since the marks. The caller holds a slot.

        ``spare`` tells how many slots are held by others who wait for this view meanwhile.

        Raises:
            RegistryError: a listing could not be read.

        """

        async def look() -> View:
            return await self._traffic.insist(
                lambda: self._view(self._new_tags, self._new_manifests)
            )

        return await self._with_names(await look(), look, lambda: 1 + spare())

    async def everything(self) -> View:
        """List everything, and read what is new in it. The caller holds no slot.

        Raises:
            RegistryError: a listing could not be read.

        """

        async def look() -> View:
            async with self._traffic.two_slots():
                return await self._traffic.insist(
                    lambda: self._view(self._all_tags, self._all_manifests)
                )

        async def learn(digest: Digest) -> None:
            async with self._traffic.slots:
                await self._learn(digest)

        view = await look()
        await map_bounded(learn, self._unread(self._new(view)), self._traffic.limit)
        return await self._with_names(view, look, lambda: 1)

    async def listing(self) -> Mapping[Digest, Manifest]:
        """List the manifests that there are. The caller holds a slot.

        Raises:
            RegistryError: the listing could not be read.

        """
        try:
            entries, _ = await self._traffic.insist(self._all_manifests)
        except NotFound:
            return {}
        return {manifest.digest: manifest for manifest in entries.items}

    async def bodies(self, digests: Sequence[Digest], limit: int) -> Mapping[Digest, BodyState]:
        """Give what manifests name, with ``limit`` reads at once; each is read once in a run."""
        await map_bounded(self._learn, self._unread(digests), limit)
        found = {digest: self._bodies.get(digest, Unread.GONE) for digest in digests}
        for digest, state in found.items():
            if state is Unread.GONE:  # it may come back
                self._bodies.pop(digest, None)
        return found

    async def body(self, digest: Digest) -> BodyState:
        """Read one body anew; a failure is repeated a few times. The caller holds a slot."""
        try:
            return await self._traffic.insist(lambda: self._answered(digest))
        except NotFound:
            return Unread.GONE
        except RegistryError:
            return Unread.FAILED

    async def is_gone(self, step: TagStep | ManifestStep) -> bool:
        """Whether the item of a step is surely not there any more. The caller holds a slot."""
        try:
            return not await self._traffic.insist(lambda: self.is_there(step))
        except RegistryError:
            return False

    async def is_there(self, step: TagStep | ManifestStep) -> bool:
        """Ask once whether the item of a step is there. The caller holds a slot.

        Raises:
            RegistryError: there is no answer.

        """

        async def ask() -> bool:
            if isinstance(step, TagStep):
                return await self._reader.has_tag(self.repository, step.tag)
            return await self._reader.exists(self.repository, step.digest)

        try:
            return await self._traffic.read(ask)
        except NotFound:
            return False

    async def _answered(self, digest: Digest) -> BodyState:
        state = await self._traffic.read(lambda: self._reader.body(self.repository, digest))
        if state is Unread.FAILED:
            raise Unavailable(f"the body of {digest} could not be read", repeated=True)
        return state

    async def _learn(self, digest: Digest) -> None:
        self._bodies[digest] = await self.body(digest)

    def _unread(self, digests: Iterable[Digest]) -> list[Digest]:
        return [digest for digest in digests if digest not in self._bodies]

    def _new(self, view: View) -> list[Digest]:
        return [m.digest for m in view.manifests.values() if self._expectations.is_new(m)]

    async def _with_names(
        self, view: View, look: Callable[[], Awaitable[View]], limit: Callable[[], int]
    ) -> View:
        """Add what the new manifests of the view name.

        One that was listed a moment ago and is said not to be there is listed again, once: what
        it names is not given up for one wrong answer.
        """
        found = await self.bodies(self._new(view), limit())
        if Unread.GONE in found.values():
            view = await look()
            found = await self.bodies(self._new(view), limit())
        named = {d: namer for namer, body in found.items() for d in _names(body)}
        opaque = (d for d, body in found.items() if _is_opaque(view.manifests[d], body))
        return replace(view, named=named, unreadable=next(opaque, None))

    async def _view(
        self,
        read_tags: Callable[[], Awaitable[Part[Tag]]],
        read_manifests: Callable[[], Awaitable[Part[Manifest]]],
    ) -> View:
        since = self._traffic.seconds()
        tags, manifests = await self._parts(read_tags, read_manifests)
        if tags is None and (manifests is None or not self._lists_manifests):
            return View(since, lost=True)
        if tags is None or manifests is None:
            raise Unavailable(f"{self.repository} comes or goes in this moment")
        return view_of(since, tags, manifests)

    async def _parts(
        self,
        read_tags: Callable[[], Awaitable[Part[Tag]]],
        read_manifests: Callable[[], Awaitable[Part[Manifest]]],
    ) -> tuple[Part[Tag] | None, Part[Manifest] | None]:
        """Read both at once: one after the other, a slow registry would make them too old.

        A registry that did not answer the last time is asked one thing at a time.
        """
        if not self._lists_manifests:
            return await _unless_gone(read_tags), _NOTHING
        at_once, self._answers = self._answers and self._traffic.limit > 1, False
        if at_once:
            parts = await both(_unless_gone(read_tags), _unless_gone(read_manifests))
        else:
            parts = await _unless_gone(read_tags), await _unless_gone(read_manifests)
        self._answers = True
        return parts

    async def _new_tags(self) -> Part[Tag]:
        mark = self._expectations.knowledge.tags_mark
        reader, name = self._reader, self.repository
        return await self._traffic.read(lambda: reader.tags_since(name, mark)), mark

    async def _new_manifests(self) -> Part[Manifest]:
        mark = self._expectations.knowledge.manifests_mark
        reader, name = self._reader, self.repository
        return await self._traffic.read(lambda: reader.manifests_since(name, mark)), mark

    async def _all_tags(self) -> Part[Tag]:
        return _whole(await self._traffic.read(lambda: self._reader.tags(self.repository)))

    async def _all_manifests(self) -> Part[Manifest]:
        return _whole(await self._traffic.read(lambda: self._reader.manifests(self.repository)))


async def _unless_gone(read: Callable[[], Awaitable[Part[Item]]]) -> Part[Item] | None:
    try:
        return await read()
    except NotFound:
        return None


def _whole(listing: Listing[Item]) -> Part[Item]:
    return Changes(listing.items, complete=True), listing.mark


def _names(body: BodyState) -> tuple[Digest, ...]:
    if not isinstance(body, Body):
        return ()
    return body.children if body.subject is None else (*body.children, body.subject)


def _is_opaque(manifest: Manifest, body: BodyState) -> bool:
    """Whether the manifest may name anything, as far as could be read."""
    garbled = body is Unread.GARBAGE and shape_of(manifest.media_type) is Shape.INDEX
    return garbled or body is Unread.FAILED
