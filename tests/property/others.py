"""What others do to a repository while a purge is under way, on whatever ground it stands.

Each change makes claims: what must not be lost any more, two seconds later.
"""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Final, Protocol, TypeVar

from purge_core.model import OPEN, Body, Digest, Lock, Manifest, Tag, TagName
from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import CascadeStep, TagStep, Target, target_of
from tests.builders import OCI_IMAGE, OCI_INDEX
from tests.fake_state import FakeRepository
from tests.property.claims import Claim, is_from, same_as
from tests.property.events import LOCKING, Event, Kind, pick

Name = TypeVar("Name", bound=str)

_OF_TAGS: Final = frozenset({Kind.MOVE_TAG, Kind.TOUCH_TAG, Kind.REMOVE_TAG})


class Ground(Protocol):
    """A repository that others can change. A ``page`` of its listings has so many entries."""

    page: int

    @property
    def held(self) -> FakeRepository:
        """What it holds now. Not to be changed."""
        ...

    def point(self, name: TagName, digest: Digest) -> None:
        """Point a tag, new or not, at a manifest."""
        ...

    def push(self, media_type: str, body: Body) -> Digest:
        """Push a new manifest that names others."""
        ...

    def push_again(self, digest: Digest) -> None:
        """Push a manifest that was there in the beginning, whether or not it is gone."""
        ...

    def remove(self, target: Target) -> None:
        """Delete a tag or a manifest, whatever its lock."""
        ...

    def set_lock(self, target: Target, lock: Lock) -> None:
        """Lock a tag or a manifest, or open it."""
        ...


class Others:
    """Everybody else who uses the repository; ``claims`` is what they may expect to stay."""

    def __init__(self, ground: Ground, plan: PurgePlan, seconds: Callable[[], float]) -> None:
        """Change ``ground`` in view of ``plan``; ``seconds`` is the time of whoever purges."""
        self.claims: list[Claim] = []
        self.first_state = ground.held
        self._ground = ground
        self._seconds = seconds
        self._universe = sorted(self.first_state.manifests)
        self._steps = {target_of(step): step for step in plan.steps}
        along = (t for s in plan.steps if not isinstance(s, TagStep) for t in s.tags)
        self._items: set[str] = {*self._steps, *along}
        self._names = count(1)

    def change(self, event: Event) -> None:
        """Do something, and remember what must stay from then on."""
        repo = self._ground.held
        digest = pick(self._likely(repo.manifests, event), event.first)
        tag = repo.tags.get(pick(self._likely(repo.tags, event), event.first) or TagName(""))
        if event.kind is Kind.PUSH_AGAIN:
            self._push_again(self._universe[event.first % len(self._universe)], event.kind)
        elif event.kind in LOCKING:
            self._set_lock(event, digest, tag)
        elif tag is not None and event.kind in _OF_TAGS:
            self._change_tag(event, tag, pick(sorted(repo.manifests), event.second))
        elif digest is not None and event.kind not in _OF_TAGS:
            self._change_manifest(event, digest)

    def overwrote_lock(self, target: Target, since: float = 0.0) -> None:
        """Forget what locks have claimed for an item from ``since`` on: there is another now."""
        self.claims = [
            c for c in self.claims if c.item != target or c.kind not in LOCKING or c.since < since
        ]

    def _likely(self, there: Iterable[Name], event: Event) -> list[Name]:
        """Three times of four what the plan is about, where there is any of it."""
        items = sorted(there)
        planned = [item for item in items if item in self._items]
        return planned if planned and event.second % 4 else items

    def _change_tag(self, event: Event, tag: Tag, other: Digest | None) -> None:
        if event.kind is Kind.REMOVE_TAG:
            self._ground.remove(tag.name)
        else:
            digest = other if event.kind is Kind.MOVE_TAG else tag.digest
            self._point(tag.name, digest, event.kind)

    def _change_manifest(self, event: Event, digest: Digest) -> None:
        if event.kind is Kind.REMOVE_MANIFEST:
            self._ground.remove(digest)
        elif event.kind is Kind.PUSH_TAG:
            self._point(TagName(f"new-{next(self._names)}"), digest, event.kind)
        elif event.kind is Kind.PUSH_INDEX:
            self._name(OCI_INDEX, Body(children=(digest,), bare=(digest,)), digest, event.kind)
        else:
            self._name(OCI_IMAGE, Body(subject=digest), digest, event.kind)

    def _point(self, name: TagName, digest: Digest | None, kind: Kind) -> None:
        if digest is None:
            return
        self._ground.point(name, digest)
        made = self._ground.held.tags[name]
        self._claim(kind, lambda repo: repo.tags.get(name) == made, name, digest)

    def _name(self, media_type: str, body: Body, named: Digest, kind: Kind) -> None:
        namer = self._ground.push(media_type, body)
        self._claim(kind, lambda repo: namer in repo.manifests, named, namer)

    def _push_again(self, digest: Digest, kind: Kind) -> None:
        body = self.first_state.bodies[digest]
        self._ground.push_again(digest)
        held = self._ground.held
        updated = held.manifests[digest].updated
        named = (*body.children, body.subject) if isinstance(body, Body) else ()
        there = [d for d in named if d in held.manifests]
        items = there if self._we_touch(digest) else [*there, digest]
        self._claim(kind, lambda repo: is_from(repo, digest, updated), *items)

    def _set_lock(self, event: Event, digest: Digest | None, tag: Tag | None) -> None:
        """Lock an item, or open it. The registry dates no lock: a late one is seen by chance."""
        of_tag = event.kind in {Kind.LOCK_TAG, Kind.UNLOCK_TAG}
        item = tag if of_tag else self._ground.held.manifests.get(digest or Digest(""))
        if item is None:
            return
        held, target = self._ground.held, _target(item)
        if event.kind in {Kind.UNLOCK_TAG, Kind.UNLOCK_MANIFEST}:
            self._ground.set_lock(target, OPEN)
            self.overwrote_lock(target)
            return
        lock = Lock(delete_enabled=False, write_enabled=bool(event.second % 2))
        self._ground.set_lock(target, lock)
        step = self._steps.get(target)
        own = step is not None and not isinstance(step, CascadeStep) and not step.lock.closed
        if step is not None and lock == step.lock and item.lock != OPEN:
            self.overwrote_lock(target)  # it is locked as it was when it was planned to go
        elif own or self._ground.page > len(held.tags) + len(held.manifests):
            self._claim(event.kind, same_as(self._ground.held, target), target)

    def _claim(self, kind: Kind, holds: Callable[[FakeRepository], bool], *items: Target) -> None:
        self.claims += [Claim(item, self._seconds(), kind, holds) for item in items]

    def _we_touch(self, digest: Digest) -> bool:
        """Whether a change of our own may renew a manifest's time, and so hide a push."""
        step = self._steps.get(digest)
        locked = step is not None and step.lock.closed
        alone = any(isinstance(s, TagStep) and s.digest == digest for s in self._steps.values())
        return locked or alone


def _target(item: Tag | Manifest) -> Target:
    return item.name if isinstance(item, Tag) else item.digest
