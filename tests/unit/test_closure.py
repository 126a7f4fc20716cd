"""What has to stay because something that stays needs it, along every kind of reference."""

import pytest

from purge_core.instants import Span
from purge_core.judgement.closure import Closure
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reasons import ReferrerOfKept, SubjectOfKept
from purge_core.judgement.references import read_references
from purge_core.model import Digest, Lock
from purge_core.policies.policy import Policy, Untagged
from tests.builders import LOCKED, NOW, Made, image, index, referrer, repository, signature, tag

POLICY = Policy(untagged=Untagged(Span(0)))

APP = image("app")
SBOM = referrer(APP)
SIGNED_SBOM = referrer(SBOM, "sbom's signature", tags=["kept"])
OTHER = image("other")
LISTED = referrer(OTHER, "listed")
LIST = index("list", LISTED, tags=["kept"])
IMAGE = image("image", tags=["kept"])
THIRD = image("third")


def kept(*made: Made) -> set[Digest]:
    """Judge, and return the manifests that stay."""
    decisions = evaluate(repository("shop", *made), POLICY, NOW)
    return decisions.manifests.keys() - set(decisions.deleted_manifests)


def digests(*made: Made) -> set[Digest]:
    """Return the digests."""
    return {each.digest for each in made}


def test_a_chain_of_referrers_is_held_from_its_far_end() -> None:
    """The registry would delete all of it with the first subject."""
    assert kept(SIGNED_SBOM, THIRD) == digests(APP, SBOM, SIGNED_SBOM)


def test_a_listed_referrer_holds_its_subject() -> None:
    """Its index must not lose it."""
    assert kept(LIST, THIRD) == digests(LIST, LISTED, OTHER)


def test_a_signature_that_refers_to_something_holds_it() -> None:
    """A kept image must not lose its signature tag."""
    made = referrer(OTHER, "odd signature")
    name = signature(IMAGE).tags[0].name
    snapshot = repository("shop", IMAGE, made, THIRD, loose=[tag(name).on(made.digest)])
    decisions = evaluate(snapshot, POLICY, NOW)
    assert decisions.deleted_manifests == (THIRD.digest,)


@pytest.mark.parametrize("lock", [LOCKED, None], ids=["locked", "lock not told"])
def test_what_stays_for_its_own_sake_holds_its_subject(lock: Lock | None) -> None:
    """And the registry would delete it with its subject."""
    held = referrer(APP, "held", lock=lock)
    assert kept(held) == digests(APP, held)


def test_what_stays_for_its_subject_alone_does_not_hold_another() -> None:
    """A referrer of a kept image stays; that is no reason for the subject to stay."""
    subject = image("subject", tags=["kept"])
    sbom = referrer(subject)
    decisions = evaluate(repository("shop", sbom), POLICY, NOW)
    reasons = decisions.manifests[sbom.digest].reasons
    assert reasons == (ReferrerOfKept(subject.digest),)
    own = decisions.manifests[subject.digest].reasons
    assert not any(isinstance(reason, SubjectOfKept) for reason in own)


def test_anchors_are_told_from_what_merely_stays() -> None:
    """An anchor holds what it refers to, lists and is signed by; its referrers just stay."""
    closure = Closure(read_references(repository("shop", LIST, SIGNED_SBOM)))
    closure.anchor([APP.digest])
    assert closure.kept == digests(APP, SBOM, SIGNED_SBOM)
    assert closure.anchored == digests(APP)
    closure.anchor([SIGNED_SBOM.digest, LIST.digest])
    everything = digests(APP, SBOM, SIGNED_SBOM, OTHER, LISTED, LIST)
    assert closure.kept == everything
    assert closure.anchored == everything
