"""What a plan expects of a repository, compared with what is seen just before a delete.

The run's own changes are part of what it expects. Whatever else differs leaves a step undone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import assert_never

from purge_core.execution.effects import Effects
from purge_core.execution.findings import Finding, Found, first_of
from purge_core.execution.knowledge import Knowledge
from purge_core.execution.usage import steps_in_use
from purge_core.execution.view import View
from purge_core.model import OPEN, Digest, Manifest, Shape, Tag, TagName, UsedNames, shape_of
from purge_core.plans.plan import PurgePlan
from purge_core.plans.steps import CascadeStep, ManifestStep, Step, TagStep, Target, target_of

_GONE = Finding(Found.GONE)
_Whole = ManifestStep | CascadeStep


class Expectations:
    """What must be true of each step of one plan."""

    def __init__(
        self,
        plan: PurgePlan,
        knowledge: Knowledge,
        *,
        locks_cover_tags: bool,
        in_use: UsedNames | None = None,
    ) -> None:
        """Expect what ``plan`` says, and of what is ``in_use`` now that it stays.

        ``locks_cover_tags``: a locked manifest keeps its tags.
        """
        self._held = steps_in_use(plan, in_use or {})
        self.effects = Effects()
        self.knowledge = knowledge
        self._locks_cover_tags = locks_cover_tags
        self._at_first: dict[Target, Finding] = {}
        self._tag_steps: dict[TagName, TagStep] = {}
        self._wholes: dict[Digest, _Whole] = {}
        self._alone: defaultdict[Digest, list[TagStep]] = defaultdict(list)
        self._cascades: defaultdict[Digest, list[CascadeStep]] = defaultdict(list)
        for step in plan.steps:
            self._expect(step)

    def _expect(self, step: Step) -> None:
        match step:
            case TagStep():
                self._tag_steps[step.tag] = step
                self._alone[step.digest].append(step)
            case ManifestStep():
                self._wholes[step.digest] = step
            case CascadeStep():
                self._wholes[step.digest] = step
                self._cascades[step.root].append(step)
            case _:
                assert_never(step)

    def is_new(self, manifest: Manifest) -> bool:
        """Whether what the manifest names is not in the plan, so that its body counts."""
        if shape_of(manifest.media_type) is Shape.PLAIN:
            return False
        planned = self._wholes.get(manifest.digest)
        if planned is not None:
            return not self.effects.fits_time(planned.digest, planned.updated, manifest.updated)
        return self.knowledge.is_new(manifest)

    def compare_all(self, steps: Iterable[Step], view: View) -> None:
        """Compare every step with a whole listing, and keep what later views cannot tell."""
        for step in steps:
            finding = self._absence(step, view) or first_of(self._differences(step, view))
            if finding is not None:
                self._at_first[target_of(step)] = finding
        self.knowledge.learn(view)

    def judge(self, step: Step, view: View) -> Finding:
        """Say whether ``step`` may be carried out, as far as ``view`` tells."""
        finding = self._absence(step, view)
        if finding is None:
            for member in () if isinstance(step, TagStep) else self._family(step)[1:]:
                self._absence(member, view)  # what is gone by now does not go along
            finding = first_of(chain(self._unfinished(step, view), self._differences(step, view)))
        return finding or Finding(Found.AS_PLANNED)

    def _absence(self, step: Step, view: View) -> Finding | None:
        """Tell what is gone, or was found different in the beginning."""
        known = self._at_first.get(target_of(step))
        if view.lost or (target_of(step) in self.effects.over and not view.shows(step)):
            self.effects.ends(target_of(step), gone=True)
            return _GONE
        if known is not None and (known.found is Found.CHANGED or not view.shows(step)):
            return known
        if not view.lacks(step):
            return None
        self.effects.ends(target_of(step), gone=True)
        if isinstance(step, TagStep):
            return _GONE
        moved = [name for name in step.tags if name in view.tags]
        if moved:
            return Finding(Found.CHANGED, f"it is gone, and tag {moved[0]} points elsewhere")
        return _GONE

    def _unfinished(self, step: Step, view: View) -> Iterator[str]:
        """Give what had to be gone before and is not."""
        for digest in () if isinstance(step, CascadeStep) else step.after:
            if digest not in self.effects.gone:
                yield f"{digest} stays"
            elif self._is_back(digest, view):
                yield f"{digest} was pushed again"
        if not isinstance(step, TagStep):
            yield from self._tags_left(step, view)

    def _tags_left(self, step: _Whole, view: View) -> Iterator[str]:
        """Give the tags that would go without having been judged for it."""
        going = self._going(step)
        for tag_step in (each for m in self._family(step) for each in self._alone[m.digest]):
            if going.isdisjoint(tag_step.after):
                if tag_step.tag not in self.effects.gone:
                    yield f"tag {tag_step.tag} of {tag_step.digest} stays"
            elif self._is_relocked(tag_step, view):
                yield f"the lock of tag {tag_step.tag} of {tag_step.digest} changed"

    def _going(self, step: _Whole) -> set[Digest]:
        """Give what is gone together with a step; a tag that waits for it goes along, as it is.

        What has stayed behind its root goes alone.
        """
        root = self._root(step.digest)
        return {root, *(m.digest for m in self._family(step) if step.digest == root)}

    def _is_relocked(self, step: TagStep, view: View) -> bool:
        seen = view.tags.get(step.tag)
        return seen is not None and not self.effects.fits_lock(step.tag, step.lock, seen.lock)

    def _is_back(self, digest: Digest, view: View) -> bool:
        """Whether what was gone is there anew, and not only in a listing that is behind."""
        seen, planned = view.manifests.get(digest), self._wholes.get(digest)
        if seen is None or planned is None:
            return False
        return not self.effects.fits_time(digest, planned.updated, seen.updated)

    def _root(self, digest: Digest) -> Digest:
        planned = self._wholes[digest]
        return planned.root if isinstance(planned, CascadeStep) else digest

    def _family(self, step: _Whole) -> tuple[_Whole, ...]:
        """Give the step and all that the registry deletes along with it."""
        others = (c for c in self._cascades[self._root(step.digest)] if c.digest != step.digest)
        return (step, *others)

    def _differences(self, step: Step, view: View) -> Iterator[str]:
        """Give in words all that is not as planned."""
        yield from self._uses(target_of(step))
        if isinstance(step, TagStep):
            yield from self._tag_differences(step, view)
            holder = self._wholes.get(step.digest)
            if holder is not None:
                yield from self._whole_differences(holder, view)
            elif self._locks_cover_tags and view.shows_locked(step.digest):
                yield f"{step.digest} was locked"
            return
        if view.unreadable is not None:
            yield f"{view.unreadable} is new and cannot be read: it may name anything"
        for member in self._family(step):
            of = "" if member.digest == step.digest else f"{member.digest}, which goes along: "
            for text in self._whole_differences(member, view):
                yield of + text

    def _tag_differences(self, step: TagStep, view: View) -> Iterator[str]:
        seen = view.tags.get(step.tag)
        if seen is None:
            return
        if step.tag in self.effects.over:
            yield "it is there, though this run ended with it before"
        if seen.digest != step.digest:
            yield f"it points at {seen.digest} now"
        if not self.effects.fits_time(step.tag, step.updated, seen.updated):
            yield "it was pushed again"
        if not self.effects.fits_lock(step.tag, step.lock, seen.lock):
            yield "its lock changed"

    def _uses(self, target: Target) -> Iterator[str]:
        if target in self._held:
            yield f"it is in use now: {self._held[target]}"

    def _whole_differences(self, whole: _Whole, view: View) -> Iterator[str]:
        digest = whole.digest
        yield from self._uses(digest)
        seen = view.manifests.get(digest)
        if seen is not None:
            yield from self._entry_differences(whole, seen)
        for name in whole.tags:
            yield from self._expected_tag_differences(name, digest, view)
        for tag in view.pointing.get(digest, ()):
            if tag.name not in whole.tags and not self._is_ours(tag):
                yield f"tag {tag.name} points at it now"
        for tag in view.signing.get(digest, ()):
            if self.knowledge.is_news(tag):
                yield f"it was signed: tag {tag.name}"
        if digest in view.named:
            yield f"{view.named[digest]} was pushed and names it"

    def _entry_differences(self, whole: _Whole, seen: Manifest) -> Iterator[str]:
        if whole.digest in self.effects.over:
            yield "it is there, though this run ended with it before"
        if not self.effects.fits_time(whole.digest, whole.updated, seen.updated):
            yield "it was pushed again"
        if not self.effects.fits_lock(whole.digest, whole.lock, seen.lock):
            yield "its lock changed"
        alone = {step.tag for step in self._alone[whole.digest]}
        for name in seen.tags:
            if name not in whole.tags and name not in alone:
                yield f"tag {name} points at it now"

    def _expected_tag_differences(self, name: TagName, digest: Digest, view: View) -> Iterator[str]:
        tag = view.tags.get(name)
        if tag is None:
            updated = self.knowledge.updated(name)
            if view.all_tags or (updated is not None and view.lacks_tag(name, updated)):
                yield f"tag {name} is gone"
        elif tag.digest != digest:
            yield f"tag {name} points elsewhere now"
        elif self.knowledge.is_news(tag):
            yield f"tag {name} was pushed again"
        elif tag.lock != OPEN:
            yield f"tag {name} was locked"

    def _is_ours(self, tag: Tag) -> bool:
        """Whether a tag step is about exactly this tag: it goes, or its step says why not."""
        step = self._tag_steps.get(tag.name)
        return (
            step is not None
            and step.digest == tag.digest
            and self.effects.fits_time(step.tag, step.updated, tag.updated)
        )
