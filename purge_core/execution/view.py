"""What a repository was seen to hold at one moment, arranged for comparison with a plan."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from purge_core.instants import Instant
from purge_core.judgement.references import signed_image
from purge_core.model import Digest, Manifest, Tag, TagName
from purge_core.plans.steps import Step, TagStep
from purge_core.registry import Changes

Item = TypeVar("Item", Tag, Manifest)
Part = tuple[Changes[Item], Instant | None]
"""Entries of one listing, and the mark down to which they reach."""


@dataclass(frozen=True, slots=True)
class View:
    """Entries of the listings: all from the marks on, or all there are.

    ``since`` is the monotonic second in which reading began. ``named`` leads from a digest
    to a manifest that newly lists it or refers to it. ``unreadable`` is a manifest that may
    name anything. ``lost``: the repository does not exist.
    """

    since: float
    tags: Mapping[TagName, Tag] = field(default_factory=dict)
    pointing: Mapping[Digest, tuple[Tag, ...]] = field(default_factory=dict)
    signing: Mapping[Digest, tuple[Tag, ...]] = field(default_factory=dict)
    manifests: Mapping[Digest, Manifest] = field(default_factory=dict)
    all_tags: bool = False
    all_manifests: bool = False
    tags_mark: Instant | None = None
    manifests_mark: Instant | None = None
    named: Mapping[Digest, Digest] = field(default_factory=dict)
    unreadable: Digest | None = None
    lost: bool = False

    def shows(self, step: Step) -> bool:
        """Whether the item of ``step`` was seen."""
        return step.tag in self.tags if isinstance(step, TagStep) else step.digest in self.manifests

    def shows_closed(self, step: Step) -> bool:
        """Whether the item of ``step`` was seen, and locked."""
        item: Tag | Manifest | None
        if isinstance(step, TagStep):
            item = self.tags.get(step.tag)
        else:
            item = self.manifests.get(step.digest)
        return item is not None and item.lock is not None and item.lock.closed

    def shows_locked(self, digest: Digest) -> bool:
        """Whether a manifest was seen whose lock is closed, or is not told."""
        seen = self.manifests.get(digest)
        return seen is not None and (seen.lock is None or seen.lock.closed)

    def lacks(self, step: Step) -> bool:
        """Whether the item of ``step`` is gone: it would have been seen."""
        if isinstance(step, TagStep):
            return self.lacks_tag(step.tag, step.updated)
        return self._lacks_manifest(step.digest, step.updated)

    def lacks_tag(self, name: TagName, updated: Instant) -> bool:
        """Whether a tag last updated at ``updated`` is gone: it would have been seen."""
        mark = self.tags_mark
        told = self.all_tags or (mark is not None and updated >= mark)
        return told and name not in self.tags

    def _lacks_manifest(self, digest: Digest, updated: Instant) -> bool:
        mark = self.manifests_mark
        told = self.all_manifests or (mark is not None and updated >= mark)
        return told and digest not in self.manifests


def view_of(since: float, tags_part: Part[Tag], manifests_part: Part[Manifest]) -> View:
    """Arrange what was read; what new manifests name is added by whoever reads bodies."""
    tags, tags_mark = tags_part
    manifests, manifests_mark = manifests_part
    return View(
        since=since,
        tags={tag.name: tag for tag in tags.items},
        pointing=_grouped((tag.digest, tag) for tag in tags.items),
        signing=_grouped((signed_image(tag.name), tag) for tag in tags.items),
        manifests={manifest.digest: manifest for manifest in manifests.items},
        all_tags=tags.complete,
        all_manifests=manifests.complete,
        tags_mark=tags_mark,
        manifests_mark=manifests_mark,
    )


def _grouped(pairs: Iterable[tuple[Digest | None, Tag]]) -> Mapping[Digest, tuple[Tag, ...]]:
    groups: defaultdict[Digest, list[Tag]] = defaultdict(list)
    for digest, tag in pairs:
        if digest is not None:
            groups[digest].append(tag)
    return {digest: tuple(group) for digest, group in groups.items()}
