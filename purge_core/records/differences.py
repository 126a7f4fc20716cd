"""What one policy deletes and another does not, item by item, on one reading of a registry."""

from dataclasses import dataclass

from purge_core.instants import Instant
from purge_core.judgement.guards import Refusal, TooManyDeletions
from purge_core.judgement.reasons import DeleteReason, KeepReason
from purge_core.model import Digest, RepositoryName, TagName
from purge_core.policies.policy import Policy


@dataclass(frozen=True, slots=True)
class TagDifference:
    """A tag that one of the policies deletes: why it goes there, and stays by the other."""

    name: TagName
    digest: Digest | None
    goes: tuple[DeleteReason, ...]
    stays: tuple[KeepReason, ...]


@dataclass(frozen=True, slots=True)
class ManifestDifference:
    """The same of a manifest. ``frees_at_most`` is in bytes, ``tags`` as it is listed."""

    digest: Digest
    tags: tuple[TagName, ...]
    platform: str | None
    frees_at_most: int
    goes: tuple[DeleteReason, ...]
    stays: tuple[KeepReason, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What one of the policies deletes alone, in one repository."""

    tags: tuple[TagDifference, ...] = ()
    manifests: tuple[ManifestDifference, ...] = ()

    @property
    def deletions(self) -> int:
        """Tags and manifests together."""
        return len(self.tags) + len(self.manifests)

    @property
    def frees_at_most(self) -> int:
        """Bytes; an upper bound, since images share layers."""
        return sum(manifest.frees_at_most for manifest in self.manifests)


@dataclass(frozen=True, slots=True)
class RepositoryDifference:
    """One repository. ``more`` goes by the new policy alone, ``less`` by the old one alone.

    Verdicts are compared; a policy that refuses the repository deletes nothing all the same,
    and says so. ``deletions`` are those of either policy. ``error`` says why the repository
    could not be read.
    """

    repository: RepositoryName
    more: Part = Part()
    less: Part = Part()
    old_deletions: int = 0
    new_deletions: int = 0
    old_refusals: tuple[Refusal, ...] = ()
    new_refusals: tuple[Refusal, ...] = ()
    error: str | None = None

    @property
    def differs(self) -> bool:
        """Whether the policies do not do the same here."""
        items = self.more.deletions or self.less.deletions
        return bool(items) or bool(self.old_refusals) != bool(self.new_refusals)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two policies on one registry. ``..._held``: the run as a whole is over its limit."""

    registry: str
    now: Instant
    old: Policy
    new: Policy
    repositories: tuple[RepositoryDifference, ...]
    old_held: TooManyDeletions | None = None
    new_held: TooManyDeletions | None = None

    @property
    def differs(self) -> bool:
        """Whether the policies do not do the same."""
        held = (self.old_held is None) != (self.new_held is None)
        return held or any(each.differs for each in self.repositories)

    @property
    def complete(self) -> bool:
        """Whether every repository could be read."""
        return all(each.error is None for each in self.repositories)
