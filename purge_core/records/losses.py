"""What stays and has lost a part, told apart by who lost it; found by comparing, not guessing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from purge_core.judgement.references import signed_image
from purge_core.model import Body, BodyState, Digest, Manifest, RepositoryName, TagName
from purge_core.model import RepositorySnapshot as Snapshot


class Bond(Enum):
    """What the missing manifest is to the one that is there."""

    CHILD = "child"
    """It is listed by this index."""
    REFERRER = "referrer"
    """It referred to this image, or was its signature by the name of a tag."""


class Cause(Enum):
    """Who lost it."""

    THIS_RUN = "this-run"
    """The run that is verified has deleted it."""
    ANOTHER_RUN = "another-run"
    """Another run that is on record has deleted it."""
    BEFORE = "before"
    """It was missing already when the run began, and no run on record deleted it."""
    OTHERS = "others"
    """It was there when the run began, and somebody else has deleted it since."""
    UNKNOWN = "unknown"
    """Nothing is on record of it."""


@dataclass(frozen=True, slots=True)
class Loss:
    """``holder``, which has these ``tags``, is there, and ``missing`` is not.

    ``run`` has deleted it, where that is on record.
    """

    bond: Bond
    holder: Digest
    tags: tuple[TagName, ...]
    missing: Digest
    cause: Cause
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A repository as it was found after a purge.

    ``manifests`` were listed, with so many ``requests``, sign-in left out. ``unread`` manifests
    may have lost something, too: they could not be read, or not be looked for. ``error`` says
    why nothing could be found out. ``more`` losses are left out of a record.
    """

    repository: RepositoryName
    manifests: int = 0
    requests: int = 0
    losses: tuple[Loss, ...] = ()
    unread: int = 0
    error: str | None = None
    more: int = 0

    @property
    def is_damage(self) -> bool:
        """Whether the run itself has broken something."""
        return any(loss.cause is Cause.THIS_RUN for loss in self.losses)

    @property
    def is_trouble(self) -> bool:
        """Whether somebody should look: damage by the run, or not known to be none."""
        return self.is_damage or self.unread > 0 or self.error is not None


MOST_KEPT: Final = 200
"""So many losses of a repository are recorded."""
MOST_TAGS: Final = 8
"""So many tags of what has lost something are recorded: one that is pushed every night has many."""


def recordable(check: Check) -> Check:
    """Give what fits into a record: damage by the run itself first, and no more than that."""
    ordered = sorted(check.losses, key=lambda loss: loss.cause is not Cause.THIS_RUN)
    kept = tuple(replace(loss, tags=loss.tags[:MOST_TAGS]) for loss in ordered[:MOST_KEPT])
    return replace(check, losses=kept, more=check.more + len(ordered) - len(kept))


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a repository when a run began, and of what that run deleted.

    ``listed`` are the manifests of that time; ``None``: not known. ``subjects`` leads from each
    referrer to what it referred to.
    """

    listed: frozenset[Digest] | None = None
    subjects: Mapping[Digest, Digest] = field(default_factory=dict)
    deleted: frozenset[Digest] = frozenset()

    def cause(self, missing: Digest) -> Cause:
        """Say who lost a manifest, as far as this is known."""
        if missing in self.deleted:
            return Cause.THIS_RUN
        if self.listed is None:
            return Cause.UNKNOWN
        return Cause.OTHERS if missing in self.listed else Cause.BEFORE


NO_PAST = Past()


def past_of(snapshot: Snapshot | None, deleted: Iterable[Digest]) -> Past:
    """Take from a snapshot what it tells of the time when it was made."""
    if snapshot is None or snapshot.manifests is None:
        return Past(deleted=frozenset(deleted))
    listed = frozenset(manifest.digest for manifest in snapshot.manifests)
    subjects = {
        digest: body.subject
        for digest, body in snapshot.bodies.items()
        if digest in listed and isinstance(body, Body) and body.subject is not None
    }
    for tag in snapshot.tags:
        image = signed_image(tag.name)
        if image is not None and tag.digest in listed and tag.digest is not None:
            subjects.setdefault(tag.digest, image)
    return Past(listed, subjects, frozenset(deleted))


def find_losses(
    manifests: Sequence[Manifest], bodies: Mapping[Digest, BodyState], past: Past
) -> Iterator[Loss]:
    """Compare what is there now with what it names, and with what was there.

    A child may be there all the same, hidden from listings: whoever reads looks for it.
    """
    there = {manifest.digest: manifest for manifest in manifests}
    for holder in manifests:
        body = bodies.get(holder.digest)
        if isinstance(body, Body):
            for child in dict.fromkeys(body.children):
                if child not in there:
                    yield _loss(Bond.CHILD, holder, child, past)
    for referrer, subject in past.subjects.items():
        if subject in there and referrer not in there:
            yield _loss(Bond.REFERRER, there[subject], referrer, past)


def _loss(bond: Bond, holder: Manifest, missing: Digest, past: Past) -> Loss:
    return Loss(bond, holder.digest, holder.tags, missing, past.cause(missing))
