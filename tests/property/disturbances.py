"""A registry in which others go on working, and which watches what is done to it.

Between any two requests others push, move, lock and delete, and requests fail. Each change by
others makes claims: what must not be lost any more, two seconds later.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, TypeVar

from purge_core.instants import Instant
from purge_core.model import (
    OPEN,
    Body,
    Digest,
    Lock,
    RepositoryName,
    RepositorySnapshot,
    Tag,
    TagName,
)
from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import CascadeStep, TagStep, Target, target_of
from purge_core.registry import Deletion
from tests.builders import OCI_IMAGE, OCI_INDEX
from tests.fake_state import FakeRepository
from tests.fakes import Call, FakeRegistry, Fault
from tests.property.claims import WINDOW, Claim, Loss, copied, is_from, same_as
from tests.property.events import CHANGES, EARLY, FAULTS, Event, Kind, pick
from tests.purges import FakeClock

Name = TypeVar("Name", bound=str)

_OF_TAGS: Final = frozenset({Kind.MOVE_TAG, Kind.TOUCH_TAG, Kind.REMOVE_TAG})
_LOCKING: Final = frozenset({Kind.LOCK_TAG, Kind.LOCK_MANIFEST})


class DisturbedRegistry(FakeRegistry):
    """A fake registry in which a schedule of events takes place during a purge."""

    def __init__(self, snapshot: RepositorySnapshot, now: Instant, page: int) -> None:
        """Hold ``snapshot``; a page of a listing has ``page`` entries."""
        super().__init__(snapshot, now=now, page=page)
        self.name = snapshot.name
        self.universe = sorted(m.digest for m in snapshot.manifests or ())
        self.first_state = copied(self.repos[self.name])
        self.losses: list[Loss] = []
        self.claims: list[Claim] = []
        self.absent: dict[Target, float] = {}
        """Since when an item of the plan is not there, or was not when it last was away."""
        self._away: set[Target] = set()

    def disturb(
        self, plan: PurgePlan, schedule: Iterable[Event], clock: FakeClock, stop: Callable[[], None]
    ) -> None:
        """Let ``schedule`` take place from the next request on, in view of ``plan``."""
        self._steps = {target_of(step): step for step in plan.steps}
        along = (t for s in plan.steps if not isinstance(s, TagStep) for t in s.tags)
        self._items: set[str] = {*self._steps, *along}
        self._clock = clock
        self._stop = stop
        self._due: defaultdict[int, list[Event]] = defaultdict(list)
        for event in schedule:
            self._due[event.at].append(event)
        self._requests = 0
        for event in self._due[EARLY]:
            if event.kind in CHANGES and event.kind is not Kind.WAIT:
                self._change(event)
        self._note_absences()
        clock.now += 2 * WINDOW
        self.before = self._happen

    def calm(self) -> None:
        """Let nothing happen any more."""
        self.before = None
        self.faults.clear()

    # --- watching ---------------------------------------------------------------------------------

    async def delete_tag(
        self, repository: RepositoryName, tag: TagName, *, age: float = 0.0
    ) -> Deletion:
        """Delete a tag, and see what is lost."""
        loss = Loss(Call("delete_tag", repository, tag), self._clock.now)
        try:
            return await super().delete_tag(repository, tag, age=age)
        finally:
            self._see(loss)

    async def delete_manifest(
        self, repository: RepositoryName, digest: Digest, *, age: float = 0.0
    ) -> Deletion:
        """Delete a manifest, and see what is lost."""
        loss = Loss(Call("delete_manifest", repository, digest), self._clock.now)
        try:
            return await super().delete_manifest(repository, digest, age=age)
        finally:
            self._see(loss)

    async def lock_tag(
        self, repository: RepositoryName, tag: TagName, lock: Lock, *, age: float | None = None
    ) -> None:
        """Set a tag's lock, and see what that overwrites."""
        sent = self._clock.now
        try:
            await super().lock_tag(repository, tag, lock, age=age)
        finally:
            there = self.repos.get(repository, FakeRepository()).tags.get(tag)
            if there is not None and there.lock == lock:
                self._withdraw(tag, sent - WINDOW)

    async def lock_manifest(
        self, repository: RepositoryName, digest: Digest, lock: Lock, *, age: float | None = None
    ) -> None:
        """Set a manifest's lock, and see what that overwrites."""
        sent = self._clock.now
        try:
            await super().lock_manifest(repository, digest, lock, age=age)
        finally:
            there = self.repos.get(repository, FakeRepository()).manifests.get(digest)
            if there is not None and there.lock == lock:
                self._withdraw(digest, sent - WINDOW)

    def _see(self, loss: Loss) -> None:
        """Compare with the state right before the request took effect: nothing came between."""
        now = self.repos.get(self.name, FakeRepository())
        loss.before = self._just_before
        loss.manifests = set(loss.before.manifests) - set(now.manifests)
        loss.tags = set(loss.before.tags) - set(now.tags)
        self.losses.append(loss)
        self._note_absences()

    def _note_absences(self) -> None:
        there = self.repos.get(self.name, FakeRepository())
        present: set[Target] = {*there.tags, *there.manifests}
        away = set(self._steps) - present
        self.absent |= dict.fromkeys(away - self._away, self._clock.now)
        self._away = away

    # --- disturbing -------------------------------------------------------------------------------

    def _happen(self, call: Call) -> None:
        for event in self._due.get(self._requests, ()):
            self._apply(event, call)
        self._requests += 1
        self._note_absences()
        self._just_before = copied(self.repos.get(self.name, FakeRepository()))

    def _apply(self, event: Event, call: Call) -> None:
        match event.kind:
            case Kind.WAIT:
                self._clock.now += (0.7, 1.5, 2.5)[event.first % 3]
            case Kind.STOP:
                self._stop()
            case Kind.FAIL | Kind.LOSE:
                self._fail(event, call)
            case _:
                self._change(event)

    def _fail(self, event: Event, call: Call) -> None:
        lost = event.kind is Kind.LOSE
        error = FAULTS[0] if lost else FAULTS[event.first % len(FAULTS)]
        fault = Fault(call.method, error, call.repository, call.target, lost_answer=lost)
        self.faults.insert(0, fault)

    def _change(self, event: Event) -> None:
        """Let somebody else change the repository, and remember what must stay from then on."""
        repo = self.repos.get(self.name, FakeRepository())
        digest = pick(self._likely(repo.manifests, event), event.first)
        tag = repo.tags.get(pick(self._likely(repo.tags, event), event.first) or TagName(""))
        if event.kind is Kind.PUSH_AGAIN:
            self._push_again(self.universe[event.first % len(self.universe)], event.kind)
        elif event.kind in _LOCKING:
            self._lock(event, digest, tag)
        elif tag is not None and event.kind in _OF_TAGS:
            self._change_tag(event, tag, pick(sorted(repo.manifests), event.second))
        elif digest is not None and event.kind not in _OF_TAGS:
            self._change_manifest(event, digest)

    def _likely(self, there: Iterable[Name], event: Event) -> list[Name]:
        """Three times of four what the plan is about, where there is any of it."""
        items = sorted(there)
        planned = [item for item in items if item in self._items]
        return planned if planned and event.second % 4 else items

    def _change_tag(self, event: Event, tag: Tag, other: Digest | None) -> None:
        if event.kind is Kind.REMOVE_TAG:
            self.remove(self.name, tag.name)
        else:
            digest = other if event.kind is Kind.MOVE_TAG else tag.digest
            self._point(tag.name, digest, event.kind)

    def _change_manifest(self, event: Event, digest: Digest) -> None:
        if event.kind is Kind.REMOVE_MANIFEST:
            self.remove(self.name, digest)
        elif event.kind is Kind.PUSH_TAG:
            self._point(f"new-{self.clock}", digest, event.kind)
        elif event.kind is Kind.PUSH_INDEX:
            self._name(OCI_INDEX, Body(children=(digest,), bare=(digest,)), digest, event.kind)
        else:
            self._name(OCI_IMAGE, Body(subject=digest), digest, event.kind)

    def _point(self, name: str, digest: Digest | None, kind: Kind) -> None:
        if digest is None:
            return
        self.tag(self.name, name, digest)
        made = self.repos[self.name].tags[TagName(name)]
        self._claim(kind, lambda repo: repo.tags.get(made.name) == made, made.name, digest)

    def _name(self, media_type: str, body: Body, named: Digest, kind: Kind) -> None:
        namer = self.push(self.name, media_type=media_type, body=body)
        self._claim(kind, lambda repo: namer in repo.manifests, named, namer)

    def _push_again(self, digest: Digest, kind: Kind) -> None:
        first = self.first_state.manifests[digest]
        body = self.first_state.bodies[digest]
        self.push(self.name, digest=digest, media_type=first.media_type, body=body)
        made = self.repos[self.name].manifests[digest]
        named = (*body.children, body.subject) if isinstance(body, Body) else ()
        there = [d for d in named if d in self.repos[self.name].manifests]
        items = there if self._we_touch(digest) else [*there, digest]
        self._claim(kind, lambda repo: is_from(repo, digest, made.updated), *items)

    def _lock(self, event: Event, digest: Digest | None, tag: Tag | None) -> None:
        """Lock an item. The registry dates no lock: one that came late is seen by chance."""
        lock = Lock(delete_enabled=False, write_enabled=bool(event.second % 2))
        repo = self.repos.get(self.name, FakeRepository())
        target: Target
        if event.kind is Kind.LOCK_TAG and tag is not None:
            target, there, repo.tags[tag.name] = tag.name, tag.lock, replace(tag, lock=lock)
        elif event.kind is Kind.LOCK_MANIFEST and digest is not None:
            target, there = digest, repo.manifests[digest].lock
            repo.manifests[digest] = replace(repo.manifests[digest], lock=lock)
        else:
            return
        step = self._steps.get(target)
        own = step is not None and not isinstance(step, CascadeStep) and not step.lock.closed
        if step is not None and lock == step.lock and there != OPEN:
            self._withdraw(target)  # it is locked as it was when it was planned to go
        elif own or self.page > len(repo.tags) + len(repo.manifests):
            self._claim(event.kind, same_as(repo, target), target)

    def _withdraw(self, target: Target, since: float = 0.0) -> None:
        """Forget what locks claimed for an item: they were overwritten."""
        self.claims = [
            c for c in self.claims if c.item != target or c.kind not in _LOCKING or c.since < since
        ]

    def _claim(self, kind: Kind, holds: Callable[[FakeRepository], bool], *items: Target) -> None:
        self.claims += [Claim(item, self._clock.now, kind, holds) for item in items]

    def _we_touch(self, digest: Digest) -> bool:
        """Whether a change of our own may renew a manifest's time, and so hide a push."""
        step = self._steps.get(digest)
        locked = step is not None and step.lock.closed
        alone = any(isinstance(s, TagStep) and s.digest == digest for s in self._steps.values())
        return locked or alone
