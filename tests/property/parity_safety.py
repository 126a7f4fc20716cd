"""Why what ``acr purge`` deletes may stay here: each reason with a check of its own.

What is given as a reason is checked on the snapshot, without the engine's help.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from purge_core.durations import parse_duration
from purge_core.instants import Instant
from purge_core.judgement.decision import Decisions, Delete, Keep
from purge_core.model import (
    ORAS_ARTIFACT,
    Body,
    Digest,
    Manifest,
    RepositorySnapshot,
    Tag,
    TagName,
)
from tests.builders import NOW
from tests.parity.acr_filters import compiled, split_filter
from tests.parity.acr_purge_model import Flags, Purged

_COSIGN: Final = compiled(r"^sha256-[0-9a-f]{64}\.(sig|att|sbom)$")


@dataclass(frozen=True, slots=True)
class Case:
    """One repository, the flags, and what both sides do with it."""

    snapshot: RepositorySnapshot
    flags: Flags
    ours: Decisions
    theirs: Purged

    @property
    def cutoff(self) -> Instant:
        """What is strictly older may go."""
        return Instant(NOW - (parse_duration(self.flags.ago) if self.flags.ago else 0))

    def stays(self, digest: Digest | None) -> bool:
        """Whether we keep a manifest; what is not listed is not there."""
        return digest is not None and isinstance(self.ours.manifests.get(digest), Keep)

    def selected(self, name: TagName) -> bool:
        """Whether a filter, grouped and by itself, selects the tag."""
        pairs = map(split_filter, self.flags.filters)
        return any(
            compiled(f"^(?:{repository})$").search(self.snapshot.name)
            and compiled(tags).search(name)
            for repository, tags in pairs
        )

    def body(self, digest: Digest) -> Body:
        """What a manifest names."""
        body = self.snapshot.bodies[digest]
        assert isinstance(body, Body)
        return body


# --- why a tag may stay ----------------------------------------------------------

TagCheck = Callable[[Case, Tag], bool]


def _few_newer_tags(case: Case, tag: Tag) -> bool:
    """Fewer than N eligible tags that are no signatures are strictly newer."""
    newer = [
        other
        for other in case.snapshot.tags
        if other.updated is not None
        and tag.updated is not None
        and tag.updated < other.updated < case.cutoff
        and (case.flags.include_locked or not (other.lock and other.lock.closed))
        and case.selected(other.name)
        and not _COSIGN.search(other.name)
    ]
    return len(newer) < case.flags.keep


def _signs_what_stays(case: Case, tag: Tag) -> bool:
    """It is named after an image that stays."""
    image = Digest(tag.name.partition(".")[0].replace("-", ":"))
    return _COSIGN.search(tag.name) is not None and case.stays(image)


TAG_SAFETY: Mapping[str, tuple[str, TagCheck]] = {
    "newest": ("B10: equal times share a rank, signatures eat no slots", _few_newer_tags),
    "no-rule": (
        "B6: the repository part is grouped, a flag ends with its filter",
        lambda case, tag: not case.selected(tag.name),
    ),
    "signature-of-kept": ("rule 5: it stays while its image stays", _signs_what_stays),
}
"""Codes for which a tag may stay: the defect or the rule, and what makes it true."""


# --- why a manifest may stay -----------------------------------------------------

ManifestCheck = Callable[[Case, Manifest], bool]


def _has_a_kept_tag(case: Case, manifest: Manifest) -> bool:
    return any(
        tag.digest == manifest.digest and isinstance(case.ours.tags[tag.name], Keep)
        for tag in case.snapshot.tags
    )


def _is_listed(case: Case, manifest: Manifest) -> bool:
    return any(
        manifest.digest in case.body(digest).children and case.stays(digest)
        for digest in case.ours.manifests
    )


def _is_listed_by_referrer(case: Case, manifest: Manifest) -> bool:
    return any(
        manifest.digest in case.body(digest).children and case.body(digest).subject is not None
        for digest in case.ours.manifests
    )


def _refers_to_kept(case: Case, manifest: Manifest) -> bool:
    return case.stays(case.body(manifest.digest).subject)


def _is_referred_to(case: Case, manifest: Manifest) -> bool:
    return any(
        case.body(digest).subject == manifest.digest and case.stays(digest)
        for digest in case.ours.manifests
    )


def _is_orphan(case: Case, manifest: Manifest) -> bool:
    subject = case.body(manifest.digest).subject
    missing = subject is not None and subject not in case.ours.manifests
    return missing and manifest.media_type != ORAS_ARTIFACT


def _is_at_the_cutoff(case: Case, manifest: Manifest) -> bool:
    return manifest.updated == case.cutoff


def _is_unknown(case: Case, manifest: Manifest) -> bool:
    body = case.body(manifest.digest)
    odd = manifest.media_type is None or "example" in manifest.media_type
    return manifest.lock is None or (odd and bool(body.children or body.subject))


def _few_newer_manifests(case: Case, manifest: Manifest) -> bool:
    """Fewer than N of those that count are strictly newer: that go, or are newest as well."""
    newer = [
        other
        for other in case.snapshot.manifests or ()
        if _counts(case, other)
        and other.updated is not None
        and manifest.updated is not None
        and other.updated > manifest.updated
    ]
    return len(newer) < case.flags.keep


def _counts(case: Case, manifest: Manifest) -> bool:
    codes = {reason.code for reason in case.ours.manifests[manifest.digest].reasons}
    goes = isinstance(case.ours.manifests[manifest.digest], Delete)
    return "subject-goes" not in codes if goes else "newest" in codes and "young" not in codes


def _repository_is_not_named(case: Case, _: Manifest) -> bool:
    names = [split_filter(text)[0] for text in case.flags.filters]
    return not any(compiled(f"^(?:{name})$").search(case.snapshot.name) for name in names)


def _may_close_a_circle(case: Case, manifest: Manifest) -> bool:
    """References lead from it to something that leads back, to it or to itself."""
    return (
        _is_listed(case, manifest)
        or _refers_to_kept(case, manifest)
        or bool(case.body(manifest.digest).children or _is_referred_to(case, manifest))
    )


SAFETY: Mapping[str, tuple[str, ManifestCheck]] = {
    "tagged": ("its tag stays for a reason of its own", _has_a_kept_tag),
    "listed-by-kept": ("B1, B3, rule 4: what stays keeps its children", _is_listed),
    "listed-by-referrer": ("B2: what it spares, we spare", _is_listed_by_referrer),
    "referrer-of-kept": ("B2, B4, rule 4: it lives with its subject", _refers_to_kept),
    "subject-of-kept": ("rule 4: the registry would delete the referrer too", _is_referred_to),
    "orphan": ("B2, rule 6: orphans stay, whatever their shape", _is_orphan),
    "young": ("1.4: what is exactly as old as the threshold stays", _is_at_the_cutoff),
    "unknown": ("rule 7: no attributes, or a type that names something", _is_unknown),
    "newest": ("B3, B10: equal times share a rank", _few_newer_manifests),
    "untagged-not-purged": ("B6: the repository part is grouped", _repository_is_not_named),
    "cycle": ("rule 4: no honest registry holds a circle", _may_close_a_circle),
}
"""Codes for which a manifest may stay: the defect or the rule, and what makes it true."""
