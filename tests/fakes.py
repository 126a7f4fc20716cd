"""A registry in memory behind the engine's ports: a fake that keeps state.

It obeys the registry's own rules: deleting a manifest takes its tags and its referrers along and
leaves its children; the last manifest takes the repository along; what is locked answers 405.
Faults, lost answers and changes by others between two calls can be arranged.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from purge_core.errors import NotFound, RegistryError
from purge_core.instants import TICKS_PER_SECOND, Instant
from purge_core.model import (
    OPEN,
    PLAIN_BODY,
    BodyState,
    Digest,
    Lock,
    Manifest,
    RepositoryName,
    RepositorySnapshot,
    Tag,
    TagName,
    Unread,
)
from purge_core.registry import Answer, Changes, Deletion, Listing
from purge_core.sent import note_request
from tests.fake_state import FakeRepository, changes_of, digest_of, listing_of

NOW = Instant(1_780_000_000 * TICKS_PER_SECOND)
"""What a fake registry's clock shows at first."""
OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a port; ``target`` is the tag or digest, where there is one."""

    method: str
    repository: str = ""
    target: str = ""


@dataclass(slots=True)
class Fault:
    """An error that the next calls that fit will raise.

    ``repository`` and ``target`` fit everything when ``None``. ``times`` counts down, ``None``
    lasts. With ``lost_answer`` the call takes effect and only its answer is an error.
    """

    method: str
    error: RegistryError
    repository: str | None = None
    target: str | None = None
    times: int | None = 1
    lost_answer: bool = False

    def strikes(self, call: Call) -> bool:
        """Whether ``call`` meets this fault; counts it."""
        fits = (
            self.times != 0
            and self.method == call.method
            and self.repository in {None, call.repository}
            and self.target in {None, call.target}
        )
        if fits and self.times is not None:
            self.times -= 1
        return fits


class FakeRegistry:
    """A registry in memory. Implements ``purge_core.registry.Registry``.

    ``calls`` records what was asked, in order; ``before`` is called with each call before it is
    answered and may change the registry; ``peak`` is the largest number of calls in flight.
    ``clock`` moves on by one second with each push or tag. ``page`` entries make a page.
    """

    def __init__(
        self, *snapshots: RepositorySnapshot, now: Instant = NOW, page: int = 1000
    ) -> None:
        self.clock = now
        self.page = page
        self.repos: dict[RepositoryName, FakeRepository] = {}
        self.calls: list[Call] = []
        self.ages: list[float | None] = []
        self.faults: list[Fault] = []
        self.before: Callable[[Call], None] | None = None
        self.peak = 0
        self._in_flight = 0
        for snapshot in snapshots:
            self.repos.setdefault(snapshot.name, FakeRepository()).load(snapshot)

    # --- what others do to it: seeds, and changes between two calls -----------------------------

    def push(
        self,
        repository: str,
        *tags: str,
        digest: Digest | None = None,
        media_type: str | None = OCI_IMAGE,
        body: BodyState = PLAIN_BODY,
        at: Instant | None = None,
        lock: Lock | None = OPEN,
        size: int = 0,
        platform: str | None = None,
    ) -> Digest:
        """Push a manifest and point ``tags`` at it, now or as if ``at``; return its digest."""
        repo = self.repos.setdefault(RepositoryName(repository), FakeRepository())
        moment = self._tick(at)
        digest = digest or digest_of(f"{repository} {tags} {media_type} {body} {moment}")
        repo.manifests[digest] = Manifest(digest, media_type, moment, (), lock, size, platform)
        repo.bodies[digest] = body
        for name in tags:
            self.tag(repository, name, digest, at=moment)
        return digest

    def tag(
        self,
        repository: str,
        name: str,
        digest: Digest | None,
        *,
        at: Instant | None = None,
        lock: Lock | None = OPEN,
    ) -> None:
        """Point a tag at a manifest, now or as if ``at``."""
        tag = Tag(TagName(name), digest, self._tick(at), lock)
        self.repos[RepositoryName(repository)].tags[tag.name] = tag

    def remove(self, repository: str, target: str) -> None:
        """Delete a tag or a digest, whatever its lock, as another client would."""
        repo = self.repos[RepositoryName(repository)]
        if Digest(target) in repo.manifests:
            repo.remove(Digest(target))
            self._drop_if_empty(RepositoryName(repository))
        else:
            repo.tags.pop(TagName(target), None)

    def fail(
        self,
        method: str,
        error: RegistryError,
        *,
        repository: str | None = None,
        target: str | None = None,
        times: int | None = 1,
        lost_answer: bool = False,
    ) -> None:
        """Arrange a fault; see ``Fault``."""
        self.faults.append(Fault(method, error, repository, target, times, lost_answer))

    def snapshot(self, repository: str) -> RepositorySnapshot | None:
        """Return all that a repository holds, or ``None`` when it does not exist."""
        repo = self.repos.get(RepositoryName(repository))
        if repo is None:
            return None
        return RepositorySnapshot(
            RepositoryName(repository),
            tuple(repo.tag_listing()),
            tuple(repo.manifest_listing()),
            dict(repo.bodies),
        )

    # --- RegistryReader ---------------------------------------------------------------------------

    async def repositories(self) -> AsyncIterator[RepositoryName]:
        """All repositories, in lexical order."""
        async with self._answering("repositories"):
            names = sorted(self.repos)
        for name in names:
            yield name

    async def tags(self, repository: RepositoryName) -> Listing[Tag]:
        """All tags, in lexical order."""
        async with self._answering("tags", repository):
            return listing_of(self._existing(repository).tag_listing())

    async def manifests(self, repository: RepositoryName) -> Listing[Manifest]:
        """All manifests, in lexical order."""
        async with self._answering("manifests", repository):
            return listing_of(self._existing(repository).manifest_listing())

    async def body(self, repository: RepositoryName, digest: Digest) -> BodyState:
        """What was pushed as the body; ``GONE`` when the manifest does not exist."""
        async with self._answering("body", repository, digest):
            return self.repos.get(repository, FakeRepository()).bodies.get(digest, Unread.GONE)

    async def exists(self, repository: RepositoryName, digest: Digest) -> bool:
        """Whether the manifest exists."""
        async with self._answering("exists", repository, digest):
            return digest in self.repos.get(repository, FakeRepository()).bodies

    async def has_tag(self, repository: RepositoryName, tag: TagName) -> bool:
        """Whether there is such a tag."""
        async with self._answering("has_tag", repository, tag):
            return tag in self.repos.get(repository, FakeRepository()).tags

    async def tags_since(self, repository: RepositoryName, mark: Instant | None) -> Changes[Tag]:
        """Tags, newest first, down to the first that is older than ``mark``."""
        async with self._answering("tags_since", repository):
            return changes_of(self._existing(repository).tag_listing(), mark, self.page)

    async def manifests_since(
        self, repository: RepositoryName, mark: Instant | None
    ) -> Changes[Manifest]:
        """Manifests, newest first, down to the first that is older than ``mark``."""
        async with self._answering("manifests_since", repository):
            return changes_of(self._existing(repository).manifest_listing(), mark, self.page)

    # --- RegistryWriter ---------------------------------------------------------------------------

    async def delete_tag(
        self, repository: RepositoryName, tag: TagName, *, age: float = 0.0
    ) -> Deletion:
        """Delete one tag; its manifest stays."""
        self.ages.append(age)
        async with self._answering("delete_tag", repository, tag):
            return self.repos.get(repository, FakeRepository()).delete_tag(tag)

    async def delete_manifest(
        self, repository: RepositoryName, digest: Digest, *, age: float = 0.0
    ) -> Deletion:
        """Delete one manifest, with all its tags and all its referrers."""
        self.ages.append(age)
        async with self._answering("delete_manifest", repository, digest):
            answer = self.repos.get(repository, FakeRepository()).delete_manifest(digest)
            if answer.answer is Answer.ACCEPTED:
                self._drop_if_empty(repository)
            return answer

    async def lock_tag(
        self, repository: RepositoryName, tag: TagName, lock: Lock, *, age: float | None = None
    ) -> None:
        """Set both lock attributes of a tag; its time stays."""
        self.ages.append(age)
        async with self._answering("lock_tag", repository, tag):
            tags = self._existing(repository).tags
            if tag not in tags:
                raise NotFound(f"{repository}:{tag} does not exist")
            tags[tag] = replace(tags[tag], lock=lock)

    async def lock_manifest(
        self, repository: RepositoryName, digest: Digest, lock: Lock, *, age: float | None = None
    ) -> None:
        """Set both lock attributes of a manifest; its time stays."""
        self.ages.append(age)
        async with self._answering("lock_manifest", repository, digest):
            manifests = self._existing(repository).manifests
            if digest not in manifests:
                raise NotFound(f"{repository}@{digest} does not exist")
            manifests[digest] = replace(manifests[digest], lock=lock)

    # --- inside -----------------------------------------------------------------------------------

    @asynccontextmanager
    async def _answering(
        self, method: str, repository: str = "", target: str = ""
    ) -> AsyncIterator[None]:
        call = Call(method, repository, target)
        self.calls.append(call)
        note_request()
        self._in_flight += 1
        self.peak = max(self.peak, self._in_flight)
        try:
            await asyncio.sleep(0)  # others get their turn, as on a network
            if self.before is not None:
                self.before(call)
            fault = next((fault for fault in self.faults if fault.strikes(call)), None)
            if fault is not None and not fault.lost_answer:
                raise fault.error
            yield
            if fault is not None:
                raise fault.error
        finally:
            self._in_flight -= 1

    def _existing(self, repository: RepositoryName) -> FakeRepository:
        repo = self.repos.get(repository)
        if repo is None:
            raise NotFound(f"repository {repository} does not exist")
        return repo

    def _drop_if_empty(self, repository: RepositoryName) -> None:
        if not self.repos[repository].manifests:
            del self.repos[repository]

    def _tick(self, at: Instant | None) -> Instant:
        if at is not None:
            return at
        self.clock = Instant(self.clock + TICKS_PER_SECOND)
        return self.clock
