"""From decisions to an ordered plan.

Tags that go alone come first, then roots and images (one request for an image with all
its tags), then children, an index always before what it lists: whenever a run stops,
no index that stays has lost a child.
"""

from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter

from purge_core.judgement.decision import Decisions, Delete
from purge_core.judgement.reasons import SignatureOfDeleted
from purge_core.judgement.references import inverse, read_references
from purge_core.model import (
    OPEN,
    Digest,
    Manifest,
    RepositorySnapshot,
    Tag,
    TagName,
)
from purge_core.plans.plan import PurgePlan, Stage, hash_lines
from purge_core.plans.steps import CascadeStep, ManifestStep, Step, TagStep, target_of
from purge_core.policies.policy import Policy


def make_plan(snapshot: RepositorySnapshot, policy: Policy, decisions: Decisions) -> PurgePlan:
    """Order what ``decisions`` (made on this snapshot with this policy) delete."""
    return PurgePlan(
        repository=snapshot.name,
        stages=_Planner(snapshot, decisions).stages(),
        tags_mark=snapshot.tags_mark,
        manifests_mark=snapshot.manifests_mark,
        lists_manifests=snapshot.manifests is not None,
        policy_hash=hash_lines([repr(policy)]),
        snapshot_hash=hash_lines(_lines(snapshot)),
    ).sealed()


def _lines(snapshot: RepositorySnapshot) -> Iterator[str]:
    for tag in sorted(snapshot.tags, key=lambda t: t.name):
        yield f"{tag.name} {tag.digest} {tag.updated} {tag.lock}"
    for manifest in sorted(snapshot.manifests or (), key=lambda m: m.digest):
        body = snapshot.bodies.get(manifest.digest)
        yield f"{manifest.digest} {manifest.updated} {manifest.lock} {body}"
    for name, reference in sorted(snapshot.in_use.items()):
        yield f"{name} in use: {reference}"


class _Planner:
    """Lays the steps of one repository out in stages."""

    def __init__(self, snapshot: RepositorySnapshot, decisions: Decisions) -> None:
        self._edges = read_references(snapshot)
        self._decisions = decisions
        going = decisions.manifests
        self._manifests = {
            m.digest: m for m in snapshot.manifests or () if isinstance(going[m.digest], Delete)
        }
        self._tags = [t for t in snapshot.tags if isinstance(decisions.tags[t.name], Delete)]
        self._ahead = self._find_ahead()
        self._depth = self._depths()

    def stages(self) -> tuple[Stage, ...]:
        """Manifests at odd places, tags that wait for them at the even ones between."""
        staged: defaultdict[int, list[Step]] = defaultdict(list)
        for tag in filter(self._needs_own_step, self._tags):
            step = self._tag_step(tag)
            staged[2 + max((2 * self._level(d) for d in step.after), default=-2)].append(step)
        along = self._tags_going_along()
        for digest in sorted(self._manifests):
            names = along.get(digest, ())
            deletion = self._manifest_step(self._manifests[digest], names)
            staged[1 + 2 * self._level(digest)].append(deletion)
        return tuple(_ordered(staged[n]) for n in sorted(staged))

    def _tags_going_along(self) -> dict[Digest, tuple[TagName, ...]]:
        """Give each manifest's tags without a step of their own.

        The usual single tag shares the listing's tuple: there may be a million of them.
        """
        names: dict[Digest, tuple[TagName, ...]] = {}
        more: defaultdict[Digest, list[TagName]] = defaultdict(list)
        for tag in self._tags:
            if tag.digest is None or self._needs_own_step(tag):
                continue
            if tag.digest in names:
                more[tag.digest].append(tag.name)
            else:
                listed = self._manifests[tag.digest].tags
                names[tag.digest] = listed if listed == (tag.name,) else (tag.name,)
        for digest, others in more.items():
            names[digest] = tuple(sorted((*names[digest], *others)))
        return names

    def _needs_own_step(self, tag: Tag) -> bool:
        """Whether the tag is not simply deleted along with its manifest."""
        return tag.digest not in self._manifests or tag.lock != OPEN

    def _level(self, digest: Digest) -> int:
        return self._depth.get(self._edges.root(digest), 0)

    def _find_ahead(self) -> dict[Digest, set[Digest]]:
        """Give per family what must be gone before it: its indexes, and what it signs."""
        held = self._edges.signatures.items()
        signed = inverse((image, holder) for image, holders in held for holder in holders)
        ahead: defaultdict[Digest, set[Digest]] = defaultdict(set)
        for member in self._manifests:
            root = self._edges.root(member)
            for other in (*self._edges.parents.get(member, ()), *signed.get(member, ())):
                if other in self._manifests and self._edges.root(other) != root:
                    ahead[root].add(other)
        return ahead

    def _depths(self) -> dict[Digest, int]:
        """Give each family's depth: one below the deepest that must be gone before it."""
        before = {r: {self._edges.root(d) for d in ds} for r, ds in self._ahead.items()}
        depth: dict[Digest, int] = {}
        for root in TopologicalSorter(before).static_order():
            depth[root] = 1 + max((depth[other] for other in before.get(root, ())), default=-1)
        return depth

    def _tag_step(self, tag: Tag) -> TagStep:
        if tag.digest is None or tag.updated is None or tag.lock is None:
            raise AssertionError(f"{tag.name} goes, though it is not known well enough")
        reasons = self._decisions.tags[tag.name].reasons
        images = {r.image for r in reasons if isinstance(r, SignatureOfDeleted)}
        after = tuple(sorted(images & self._manifests.keys()))
        return TagStep(tag.name, tag.digest, tag.updated, tag.lock, after)

    def _manifest_step(
        self, manifest: Manifest, names: tuple[TagName, ...]
    ) -> ManifestStep | CascadeStep:
        digest, updated, lock = manifest.digest, manifest.updated, manifest.lock
        if updated is None or lock is None:
            raise AssertionError(f"{digest} goes, though it is not known well enough")
        root = self._edges.root(digest)
        if root != digest:
            return CascadeStep(digest, names, updated, lock, root)
        after = tuple(sorted(self._ahead.get(digest, ())))
        return ManifestStep(digest, names, updated, lock, after)


def _ordered(steps: list[Step]) -> Stage:
    """Put cascades behind what causes them; manifests come sorted already."""
    if any(isinstance(step, TagStep) for step in steps):
        return tuple(sorted(steps, key=target_of))
    return tuple(sorted(steps, key=lambda step: isinstance(step, CascadeStep)))
