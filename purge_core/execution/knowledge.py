"""What was known of a repository when its plan was made, so that news stands out."""

from purge_core.execution.view import View
from purge_core.instants import Instant
from purge_core.model import Digest, Manifest, RepositorySnapshot, Tag, TagName
from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import TagStep


class Knowledge:
    """The entries that a plan has taken into account.

    With the plan's snapshot that is exactly what it lists. A stored plan has none: then
    what is not newer than the plan's marks counts as known, until ``learn`` is called.
    """

    def __init__(self, plan: PurgePlan, snapshot: RepositorySnapshot | None) -> None:
        """Know what the plan and, if there is one, its snapshot tell."""
        self.tags_mark = plan.tags_mark
        self.manifests_mark = plan.manifests_mark
        self._steps = {s.tag: s for s in plan.steps if isinstance(s, TagStep)}
        self._tags: dict[TagName, Tag] | None = None
        self._manifests: frozenset[Digest] | None = None
        if snapshot is not None:
            self._tags = {tag.name: tag for tag in snapshot.tags}
        if snapshot is not None and snapshot.manifests is not None:
            self._manifests = frozenset(m.digest for m in snapshot.manifests)

    def learn(self, view: View) -> None:
        """Take everything in a whole listing, which has been compared, for known."""
        self.tags_mark = view.tags_mark
        self.manifests_mark = view.manifests_mark
        self._tags = dict(view.tags)
        self._manifests = frozenset(view.manifests)

    def is_news(self, tag: Tag) -> bool:
        """Whether the tag was pushed or moved since."""
        if tag.updated is None:
            return True
        if self._tags is not None:
            known = self._tags.get(tag.name)
            return known is None or (known.digest, known.updated) != (tag.digest, tag.updated)
        step = self._steps.get(tag.name)
        if step is not None:
            return (step.digest, step.updated) != (tag.digest, tag.updated)
        return self.tags_mark is None or tag.updated > self.tags_mark

    def updated(self, name: TagName) -> Instant | None:
        """When a tag was last pushed or moved, where that is known."""
        known = (self._tags or {}).get(name)
        return known.updated if known is not None else None

    def is_new(self, manifest: Manifest) -> bool:
        """Whether the manifest, which no step is about, may have been pushed since.

        One at the very mark may be older or newer; it counts as new.
        """
        if self._manifests is not None:
            return manifest.digest not in self._manifests
        mark = self.manifests_mark
        return mark is None or manifest.updated is None or manifest.updated >= mark
