"""The look back: whether anything that stays has lost a part, and who lost it.

One listing of the manifests tells what is there. What an index lists is known from the run or
from memory; what is not is read. Only for what seems to be missing, and for what seems to miss
it, is the registry asked once more: listings hide some manifests, and others delete meanwhile.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from purge_core.bounded import map_bounded, unless_stopped
from purge_core.errors import NotFound, RegistryError
from purge_core.model import Body, BodyState, Digest, Manifest, RepositoryName, Shape, Unread
from purge_core.model import shape_of as shape
from purge_core.planning import RunOrder
from purge_core.plans.steps import TagStep
from purge_core.records.journal import Journal, RepositoryVerified
from purge_core.records.losses import NO_PAST, Check, Loss, Past, find_losses, past_of
from purge_core.records.outcomes import Outcome
from purge_core.records.results import RepositoryResult
from purge_core.registry import RegistryReader
from purge_core.sent import counting

_Bodies = Mapping[Digest, BodyState]


async def verify_run(
    reader: RegistryReader,
    order: RunOrder,
    results: Collection[RepositoryResult],
    journal: Journal,
    stop: asyncio.Event,
) -> tuple[RepositoryResult, ...]:
    """Look at every repository of which a run may have deleted manifests; record what is found.

    When ``stop`` is set, no more is looked at: what was deleted is on record by then.

    Raises:
        JournalError: it could not be recorded.

    """

    async def one(result: RepositoryResult) -> RepositoryResult:
        if stop.is_set() or not _is_touched(result):
            return result
        known = {} if result.snapshot is None else result.snapshot.bodies
        deleted = {o.step.digest for o in result.outcomes if _took_manifest(o.outcome, o.step)}
        look = Look(result.repository, past_of(result.snapshot, deleted), known, order.concurrency)
        check = await unless_stopped(look.at(reader), stop)
        if check is None:
            return result
        result = replace(result, verified=check)
        await journal.record(RepositoryVerified(order.run, result))
        return result

    return tuple(await map_bounded(one, results, order.concurrency))


def _took_manifest(outcome: Outcome, step: object) -> bool:
    return outcome.is_deleted and not isinstance(step, TagStep)


def _is_touched(result: RepositoryResult) -> bool:
    """Whether a manifest may have been deleted."""
    if result.plan is None or not result.plan.lists_manifests:
        return False
    return any(end.outcome is not Outcome.NOT_REACHED for end in result.outcomes)


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be looked at, with at most ``limit`` requests at once."""

    repository: RepositoryName
    past: Past = NO_PAST
    known: _Bodies | None = None
    limit: int = 1

    async def at(self, reader: RegistryReader) -> Check:
        """Say what is missing. A failure is in the answer."""
        with counting() as sent:
            try:
                check = await self._check(reader)
            except NotFound:  # what is not there misses nothing
                check = Check(self.repository)
            except RegistryError as error:
                check = Check(self.repository, error=str(error))
        return replace(check, requests=sent.number)

    async def _check(self, reader: RegistryReader) -> Check:
        manifests = (await reader.manifests(self.repository)).items
        bodies = await self._bodies(reader, manifests)
        unread = sum(_is_opaque(each, bodies.get(each.digest)) for each in manifests)
        losses = tuple(find_losses(manifests, bodies, self.past))
        there = await self._there(reader, losses)
        return Check(
            self.repository,
            len(manifests),
            losses=tuple(x for x in losses if there[x.missing] is False and there[x.holder]),
            unread=unread + sum(answer is None for answer in there.values()),
        )

    async def _bodies(self, reader: RegistryReader, manifests: Collection[Manifest]) -> _Bodies:
        known = self.known or {}
        wanted = [each.digest for each in manifests if _may_list(each)]
        unknown = [digest for digest in wanted if not isinstance(known.get(digest), Body)]

        async def read(digest: Digest) -> tuple[Digest, BodyState]:
            return digest, await reader.body(self.repository, digest)

        found = dict(await map_bounded(read, unknown, self.limit))
        return {digest: found[digest] if digest in found else known[digest] for digest in wanted}

    async def _there(
        self, reader: RegistryReader, losses: Collection[Loss]
    ) -> Mapping[Digest, bool | None]:
        """Ask for what seems to be missing and what seems to miss it; ``None``: not known."""

        async def ask(digest: Digest) -> tuple[Digest, bool | None]:
            try:
                return digest, await reader.exists(self.repository, digest)
            except NotFound:
                return digest, False
            except RegistryError:
                return digest, None

        wanted = dict.fromkeys(each for x in losses for each in (x.missing, x.holder))
        return dict(await map_bounded(ask, wanted, self.limit))


def _may_list(manifest: Manifest) -> bool:
    return shape(manifest.media_type) in (Shape.INDEX, Shape.UNKNOWN)


def _is_opaque(manifest: Manifest, body: BodyState | None) -> bool:
    """Whether it may list something that is not known."""
    garbled = body is Unread.GARBAGE and shape(manifest.media_type) is Shape.INDEX
    return garbled or body is Unread.FAILED
