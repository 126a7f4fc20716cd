"""The steps of a plan: what is deleted, and what must be true of it just before."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from purge_core.instants import Instant
from purge_core.model import Digest, Lock, TagName


@dataclass(frozen=True, slots=True)
class TagStep:
    """Delete one tag alone; its manifest stays, or goes in a step of its own.

    Expected: the tag points at ``digest`` since ``updated``. ``lock`` is the tag's lock;
    a closed one is opened just before. ``after``: manifests that must be gone first.
    """

    code: ClassVar = "tag"
    tag: TagName
    digest: Digest
    updated: Instant
    lock: Lock
    after: tuple[Digest, ...] = ()


@dataclass(frozen=True, slots=True)
class ManifestStep:
    """Delete one manifest, and with the same request the ``tags`` that name it.

    Expected: exactly these tags name it, it was updated at ``updated``, and nothing
    that was pushed since refers to it or lists it. ``lock`` and ``after`` as for a tag.
    """

    code: ClassVar = "manifest"
    digest: Digest
    tags: tuple[TagName, ...]
    updated: Instant
    lock: Lock
    after: tuple[Digest, ...] = ()


@dataclass(frozen=True, slots=True)
class CascadeStep:
    """See one referrer go along with ``root``, without a request of its own.

    ``root`` is the manifest at the end of its chain of subjects. The same is expected
    of the referrer as of a manifest that is deleted.
    """

    code: ClassVar = "cascade"
    digest: Digest
    tags: tuple[TagName, ...]
    updated: Instant
    lock: Lock
    root: Digest


Step = TagStep | ManifestStep | CascadeStep
Target = TagName | Digest


def target_of(step: Step) -> Target:
    """Give the name or the digest that a step is about; unique within a plan."""
    return step.tag if isinstance(step, TagStep) else step.digest


def deletions(step: Step) -> int:
    """Count the tags and manifests that a step makes go."""
    return 1 if isinstance(step, TagStep) else 1 + len(step.tags)


def awaited(steps: Iterable[Step]) -> frozenset[Target]:
    """Give the manifests that have to be gone before something else may go, or is looked for."""
    return frozenset(
        digest
        for step in steps
        for digest in ((step.root,) if isinstance(step, CascadeStep) else step.after)
    )
