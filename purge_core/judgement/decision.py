"""Verdicts: one for every tag and every manifest, with at least one reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from purge_core.instants import Instant
from purge_core.judgement.reasons import DeleteReason, KeepReason, Young
from purge_core.model import Digest, RepositoryName, TagName


@dataclass(frozen=True, slots=True)
class Keep:
    """The item stays, for every one of ``reasons`` (at least one)."""

    reasons: tuple[KeepReason, ...]

    @property
    def deletable_from(self) -> Instant | None:
        """When time alone would make the item deletable; ``None`` when it would not."""
        youth = [reason.until for reason in self.reasons if isinstance(reason, Young)]
        return max(youth) if youth and len(youth) == len(self.reasons) else None


@dataclass(frozen=True, slots=True)
class Delete:
    """The item goes, for every one of ``reasons`` (at least one)."""

    reasons: tuple[DeleteReason, ...]


Verdict = Keep | Delete


@dataclass(frozen=True, slots=True)
class Decisions:
    """One verdict for every tag and every listed manifest of one repository.

    ``missing`` are digests that kept indexes list and the registry does not have:
    damage that was there before, for the report.
    """

    repository: RepositoryName
    tags: Mapping[TagName, Verdict]
    manifests: Mapping[Digest, Verdict]
    missing: tuple[Digest, ...] = ()

    @property
    def deleted_tags(self) -> tuple[TagName, ...]:
        """Names of the tags that go, in the order of the mapping."""
        return tuple(name for name, v in self.tags.items() if isinstance(v, Delete))

    @property
    def deleted_manifests(self) -> tuple[Digest, ...]:
        """Digests of the manifests that go, in the order of the mapping."""
        return tuple(d for d, v in self.manifests.items() if isinstance(v, Delete))
