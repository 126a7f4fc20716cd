"""From what was found to stay, the verdicts: every reason that holds, none invented."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from purge_core.judgement.closure import Closure
from purge_core.judgement.decision import Delete, Keep, Verdict
from purge_core.judgement.reasons import (
    DeleteReason,
    ImageGoes,
    ImageStays,
    IndexesGo,
    KeepReason,
    LastTagGoes,
    ListedByKept,
    MayHaveReferrers,
    Newest,
    OrphanGoes,
    ReferrerOfKept,
    SignatureOfDeleted,
    SignatureOfKept,
    SubjectGoes,
    SubjectOfKept,
    Tagged,
    Unknown,
    UntaggedOld,
)
from purge_core.judgement.references import signed_image
from purge_core.judgement.selection import Candidate
from purge_core.judgement.standing import Standing
from purge_core.model import Digest, Manifest, Tag, TagName


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was found of one repository.

    ``own``: each manifest's own reasons to stay. ``unread``: bodies that could not be
    read, for which the ``uncertain`` manifests stay.
    """

    standing: Standing
    tags: Mapping[Digest, tuple[TagName, ...]]
    closure: Closure
    own: Mapping[Digest, tuple[KeepReason, ...]]
    newest: Mapping[Digest, Newest]
    unread: tuple[Digest, ...]
    uncertain: AbstractSet[Digest]

    def goes(self, digest: Digest | None) -> bool:
        """Whether this run deletes the manifest."""
        return digest in self.standing.references.listed and digest not in self.closure.kept


# --- tags ------------------------------------------------------------------------


def tag_verdicts(findings: Findings) -> dict[TagName, Verdict]:
    """Give every tag its verdict, by name.

    A tag that only the manifest listing shows is not known well enough to go.
    """
    pointing = findings.standing.pointing
    verdicts = {tag.name: _tag_verdict(findings, tag) for tag in findings.standing.snapshot.tags}
    for names in findings.tags.values():
        for name in names:
            if name not in pointing:
                verdicts[name] = Keep((Unknown("listing"),))
    return dict(sorted(verdicts.items()))


def _tag_verdict(findings: Findings, tag: Tag) -> Verdict:
    draft = findings.standing.selection.drafts[tag.name]
    if not isinstance(draft, Candidate):
        return Keep((*draft, *_signs_kept(findings, tag)))
    if draft.signs is not None and not findings.goes(draft.signs):
        return Keep((SignatureOfKept(draft.signs),))
    reasons: list[DeleteReason] = [draft.selected] if draft.selected is not None else []
    rule = findings.standing.selection.images.get(tag.digest or Digest(""))
    if rule is not None and tag.digest is not None and findings.goes(tag.digest):
        reasons.append(ImageGoes(rule.name, tag.digest))
    if draft.signs is not None:
        reasons.append(SignatureOfDeleted(draft.signs))
    if reasons:
        return Delete(tuple(reasons))
    return Keep((_image_stays(findings, tag.digest or Digest("")),))


def _signs_kept(findings: Findings, tag: Tag) -> Iterator[SignatureOfKept]:
    """Say that a tag which stays anyway also signs an image that stays."""
    image = signed_image(tag.name)
    holders = findings.standing.references.signatures.get(image or Digest(""), ())
    if image is not None and tag.digest in holders and not findings.goes(image):
        yield SignatureOfKept(image)


def _image_stays(findings: Findings, digest: Digest) -> ImageStays:
    """Name what holds an image that a rule would take whole."""
    rule = findings.standing.selection.images[digest]
    reasons = [*findings.own.get(digest, ()), *_held_by_others(findings, digest)]
    because = f"manifest: {reasons[0].code}" if reasons else "manifest: tagged"
    return ImageStays(rule.name, digest, because)


# --- manifests -------------------------------------------------------------------


def manifest_verdicts(findings: Findings, tags: Mapping[TagName, Verdict]) -> dict[Digest, Verdict]:
    """Give every listed manifest its verdict, by digest."""
    kept = findings.closure.kept
    verdicts: dict[Digest, Verdict] = {}
    for manifest in findings.standing.snapshot.manifests or ():
        digest = manifest.digest
        if digest in kept:
            verdicts[digest] = Keep(tuple(_keep_reasons(findings, digest, tags)))
        else:
            verdicts[digest] = Delete(tuple(_delete_reasons(findings, manifest)))
    return dict(sorted(verdicts.items()))


def _keep_reasons(
    findings: Findings, digest: Digest, tags: Mapping[TagName, Verdict]
) -> Iterator[KeepReason]:
    names = findings.tags.get(digest, ())
    standing = findings.standing
    staying = tuple(
        n for n in names if isinstance(tags[n], Keep) or standing.pointing.get(n) != digest
    )
    if staying:
        yield Tagged(staying)
    yield from findings.own.get(digest, ())
    yield from _held_by_others(findings, digest)


def _held_by_others(findings: Findings, digest: Digest) -> Iterator[KeepReason]:
    """Give the reasons that come from what other manifests need."""
    edges, kept = findings.standing.references, findings.closure.kept
    if indexes := tuple(i for i in edges.parents.get(digest, ()) if i in kept):
        yield ListedByKept(indexes)
    subject = edges.subject.get(digest)
    if subject is not None and subject in kept:
        yield ReferrerOfKept(subject)
    anchored = findings.closure.anchored
    if referrers := tuple(r for r in edges.referrers.get(digest, ()) if r in anchored):
        yield SubjectOfKept(referrers)
    if digest in findings.uncertain:
        yield MayHaveReferrers(findings.unread)
    if digest in findings.newest:
        yield findings.newest[digest]


def _delete_reasons(findings: Findings, manifest: Manifest) -> Iterator[DeleteReason]:
    digest, edges = manifest.digest, findings.standing.references
    if digest in edges.subject:
        yield SubjectGoes(edges.subject[digest])
        return
    rule = findings.standing.selection.images.get(digest)
    if rule is not None:
        yield ImageGoes(rule.name, digest)
    untagged = findings.standing.untagged
    if rule is None and untagged is not None and manifest.updated is not None:
        if names := findings.tags.get(digest):
            yield LastTagGoes(names, manifest.updated, untagged.older_than)
        else:
            yield UntaggedOld(manifest.updated, untagged.older_than)
    if digest in edges.orphans:
        yield OrphanGoes(edges.orphans[digest])
    if digest in edges.parents:
        yield IndexesGo(edges.parents[digest])
