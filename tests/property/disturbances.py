"""A registry in which others go on working, and which watches what is done to it.

Between any two requests others push, move, lock and delete, and requests fail.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from purge_core.instants import Instant
from purge_core.model import Body, Digest, Lock, RepositoryName, RepositorySnapshot, TagName
from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import Target, target_of
from purge_core.registry import Answer, Deletion
from tests.fake_state import FakeRepository
from tests.fakes import Call, FakeRegistry, Fault
from tests.property.claims import WINDOW, Loss, copied
from tests.property.events import CHANGES, EARLY, WAITS, Event, Kind
from tests.property.others import Others
from tests.property.troubles import Refused405, Trouble, as_error, seconds_of
from tests.purges import FakeClock


class FakeGround:
    """A repository of a fake registry, which others can change."""

    def __init__(self, registry: FakeRegistry, name: RepositoryName) -> None:
        self.page = registry.page
        self._registry = registry
        self._name = name
        self._first = registry.snapshot(name)

    @property
    def held(self) -> FakeRepository:
        """What it holds now."""
        return copied(self._registry.repos.get(self._name, FakeRepository()))

    def point(self, name: TagName, digest: Digest) -> None:
        """Point a tag at a manifest."""
        self._registry.tag(self._name, name, digest)

    def push(self, media_type: str, body: Body) -> Digest:
        """Push a new manifest."""
        return self._registry.push(self._name, media_type=media_type, body=body)

    def push_again(self, digest: Digest) -> None:
        """Push a manifest that was there in the beginning."""
        assert self._first is not None
        (first,) = (m for m in self._first.manifests or () if m.digest == digest)
        body = self._first.bodies[digest]
        self._registry.push(self._name, digest=digest, media_type=first.media_type, body=body)

    def remove(self, target: Target) -> None:
        """Delete a tag or a manifest."""
        self._registry.remove(self._name, target)

    def set_lock(self, target: Target, lock: Lock) -> None:
        """Lock a tag or a manifest, or open it."""
        repo = self._registry.repos[self._name]
        if TagName(target) in repo.tags:
            repo.tags[TagName(target)] = replace(repo.tags[TagName(target)], lock=lock)
        else:
            found = repo.manifests[Digest(target)]
            repo.manifests[found.digest] = replace(found, lock=lock)


class DisturbedRegistry(FakeRegistry):
    """A fake registry in which a schedule of events takes place during a purge."""

    def __init__(self, snapshot: RepositorySnapshot, now: Instant, page: int) -> None:
        """Hold ``snapshot``; a page of a listing has ``page`` entries."""
        super().__init__(snapshot, now=now, page=page)
        self.name = snapshot.name
        self.first_state = copied(self.repos[self.name])
        self.losses: list[Loss] = []
        self.absent: dict[Target, float] = {}
        """Since when an item of the plan is not there, or was not when it last was away."""
        self.opened: dict[Target, list[float]] = {}
        self.troubles: list[tuple[Call, Trouble]] = []
        self._away: set[Target] = set()

    def disturb(
        self, plan: PurgePlan, schedule: Iterable[Event], clock: FakeClock, stop: Callable[[], None]
    ) -> None:
        """Let ``schedule`` take place from the next request on, in view of ``plan``."""
        self.others = Others(FakeGround(self, self.name), plan, clock.seconds)
        self._planned: set[Target] = {target_of(step) for step in plan.steps}
        self._clock = clock
        self._stop = stop
        self._due: defaultdict[int, list[Event]] = defaultdict(list)
        for event in schedule:
            self._due[event.at].append(event)
        self._requests = 0
        for event in self._due[EARLY]:
            if event.kind in CHANGES and event.kind is not Kind.WAIT:
                self.others.change(event)
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
        except Refused405:
            return Deletion(Answer.LOCKED)
        finally:
            self._see(loss)

    async def delete_manifest(
        self, repository: RepositoryName, digest: Digest, *, age: float = 0.0
    ) -> Deletion:
        """Delete a manifest, and see what is lost."""
        loss = Loss(Call("delete_manifest", repository, digest), self._clock.now)
        try:
            return await super().delete_manifest(repository, digest, age=age)
        except Refused405:
            return Deletion(Answer.LOCKED)
        finally:
            self._see(loss)

    async def lock_tag(
        self, repository: RepositoryName, tag: TagName, lock: Lock, *, age: float | None = None
    ) -> None:
        """Set a tag's lock, and see what that overwrites."""
        sent = self._clock.now
        self.opened.setdefault(tag, []).append(sent)
        try:
            await super().lock_tag(repository, tag, lock, age=age)
        finally:
            there = self.repos.get(repository, FakeRepository()).tags.get(tag)
            if there is not None and there.lock == lock:
                self.others.overwrote_lock(tag, sent - WINDOW)

    async def lock_manifest(
        self, repository: RepositoryName, digest: Digest, lock: Lock, *, age: float | None = None
    ) -> None:
        """Set a manifest's lock, and see what that overwrites."""
        sent = self._clock.now
        self.opened.setdefault(digest, []).append(sent)
        try:
            await super().lock_manifest(repository, digest, lock, age=age)
        finally:
            there = self.repos.get(repository, FakeRepository()).manifests.get(digest)
            if there is not None and there.lock == lock:
                self.others.overwrote_lock(digest, sent - WINDOW)

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
        away = self._planned - present
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
                self._clock.now += WAITS[event.first % len(WAITS)]
            case Kind.STOP:
                self._stop()
            case Kind.FAIL | Kind.LOSE:
                self._fail(event, call)
            case _:
                self.others.change(event)

    def _fail(self, event: Event, call: Call) -> None:
        trouble, lost = event.trouble, event.kind is Kind.LOSE
        self._clock.now += seconds_of(trouble)
        self.troubles.append((call, trouble))
        error = as_error(trouble)
        if error is not None:
            fault = Fault(call.method, error, call.repository, call.target, lost_answer=lost)
            self.faults.insert(0, fault)
