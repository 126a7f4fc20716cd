"""What stays takes along what it needs, and what goes takes nothing along that stays."""

from hypothesis import given

from purge_core.judgement.decision import Decisions, Delete, Keep
from purge_core.judgement.references import signed_image
from purge_core.model import (
    OPEN,
    Body,
    Digest,
    RepositorySnapshot,
    Tag,
    TagName,
    Unread,
)
from purge_core.policies.policy import Policy
from tests.property.judged import judged
from tests.property.policies import documents, policies
from tests.property.strategies import HONEST, repositories
from tests.truth import after, with_referrers


@given(repositories(), policies())
def test_all_that_a_kept_manifest_lists_stays(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """No index that stays loses a child, nested or shared; nor does one that is hidden."""
    decisions = judged(snapshot, policy)
    for digest, body in snapshot.bodies.items():
        if isinstance(body, Body) and _stays(decisions, digest):
            for child in body.children:
                assert _stays(decisions, child)


@given(repositories(), policies())
def test_referrers_of_what_stays_stay(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """A signature or an SBOM lives as long as its subject, whatever its shape."""
    decisions = judged(snapshot, policy)
    for digest, body in snapshot.bodies.items():
        if isinstance(body, Body) and body.subject is not None and digest in decisions.manifests:
            subject = body.subject
            if _there(snapshot, subject) and _stays(decisions, subject):
                assert _stays(decisions, digest)


@given(repositories(), policies())
def test_nothing_that_stays_is_deleted_along(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """What the registry deletes along with a subject, at any depth, was to go anyway."""
    decisions = judged(snapshot, policy)
    along = with_referrers(snapshot, decisions.deleted_manifests)
    assert along == set(decisions.deleted_manifests)


@given(repositories(), policies())
def test_the_tag_of_what_listings_hide_stays(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """It is all that tells of its manifest, and of what that one lists or refers to."""
    decisions = judged(snapshot, policy)
    listed = {manifest.digest for manifest in snapshot.manifests or ()}
    for tag in snapshot.tags:
        if tag.digest not in listed:
            assert isinstance(decisions.tags[tag.name], Keep)


@given(repositories(), policies())
def test_nothing_goes_along_unseen(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """While some body could not be read, no manifest goes: it may have that as its referrer."""
    decisions = judged(snapshot, policy)
    if Unread.FAILED in snapshot.bodies.values():
        assert not decisions.deleted_manifests


@given(repositories(), policies())
def test_digest_of_a_kept_tag_stays(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """A tag that stays still has its manifest afterwards; hidden tags count as well."""
    decisions = judged(snapshot, policy)
    for tag in snapshot.tags:
        if tag.digest is not None and isinstance(decisions.tags[tag.name], Keep):
            assert _stays(decisions, tag.digest)
    told = {tag.name: tag.digest for tag in snapshot.tags}
    for manifest in snapshot.manifests or ():
        for name in manifest.tags:
            if isinstance(decisions.tags[name], Keep) or told[name] != manifest.digest:
                assert _stays(decisions, manifest.digest)


@given(repositories(HONEST), policies())
def test_a_tag_goes_with_its_manifest(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """The registry deletes nothing that was not decided: neither a tag nor a manifest."""
    decisions = judged(snapshot, policy)
    left = after(snapshot, decisions.deleted_tags, decisions.deleted_manifests)
    assert {t.name for t in left.tags} == _kept_tags(decisions)
    assert {m.digest for m in left.manifests or ()} == {
        d for d, verdict in decisions.manifests.items() if isinstance(verdict, Keep)
    }


@given(repositories(), policies())
def test_signature_stays_while_its_image_stays(
    snapshot: RepositorySnapshot, policy: Policy
) -> None:
    """No image that stays loses a signature tag of cosign's scheme, nor what that names."""
    decisions = judged(snapshot, policy)
    for tag in snapshot.tags:
        image = signed_image(tag.name)
        signs = image is not None and image != tag.digest and _there(snapshot, image)
        if signs and _stays(decisions, image):
            assert isinstance(decisions.tags[tag.name], Keep)


@given(repositories(HONEST), documents())
def test_signature_goes_with_its_image(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """In documents, an open and unprotected signature tag goes when its image goes."""
    decisions = judged(snapshot, policy)
    open_ones = {m.digest for m in snapshot.manifests or () if m.lock == OPEN}
    for tag in snapshot.tags:
        image = signed_image(tag.name)
        gone = image != tag.digest and not _stays(decisions, image)
        if gone and tag.digest in open_ones and tag.lock == OPEN and not _protected(tag, policy):
            assert isinstance(decisions.tags[tag.name], Delete)


def _there(snapshot: RepositorySnapshot, digest: Digest) -> bool:
    """Whether a manifest is listed, or hidden and named by a tag."""
    listed = any(m.digest == digest for m in snapshot.manifests or ())
    return listed or any(t.digest == digest for t in snapshot.tags)


def _stays(decisions: Decisions, digest: Digest | None) -> bool:
    """Whether a manifest is not deleted; what is not listed never is."""
    return digest is None or not isinstance(decisions.manifests.get(digest), Delete)


def _kept_tags(decisions: Decisions) -> set[TagName]:
    return {name for name, verdict in decisions.tags.items() if isinstance(verdict, Keep)}


def _protected(tag: Tag, policy: Policy) -> bool:
    return any(p.selector.tags.matches(tag.name) for p in policy.protect)
