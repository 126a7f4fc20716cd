"""Small cases that the laws found once, so that they are tried in every run."""

from dataclasses import replace

import pytest

from purge_core.instants import Instant, Span
from purge_core.judgement.decision import Decisions, Keep
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reads import next_reads
from purge_core.judgement.reasons import (
    ListedByReferrer,
    MayHaveReferrers,
    Newest,
    SignatureOfKept,
    Young,
)
from purge_core.model import OPEN, Lock, RepositorySnapshot, TagName, Unread
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import Dialect, Policy, Rule, Selector, Target, Untagged
from tests.builders import (
    LOCKED,
    NOW,
    Made,
    ago,
    days,
    image,
    index,
    referrer,
    repository,
    signature,
    signature_tag,
    tag,
)
from tests.truth import after

EVERYTHING = (Selector(compile_pattern(".*"), compile_pattern(".*")),)
KEEP_ONE = Policy(untagged=Untagged(Span(0), keep_newest=1))


def document(keep: int = 0, target: Target = Target.TAGS) -> Policy:
    """Make a document of one rule for every tag; untagged manifests go at any age."""
    rule = Rule("all", EVERYTHING, days(1), keep, target)
    return Policy(rules=(rule,), untagged=Untagged(Span(0)))


def dialect(policy: Policy) -> Policy:
    """Make it a policy as an ``acr purge`` line makes it."""
    return replace(policy, dialect=Dialect.ACR_PURGE, limits=None)


def deleted(decisions: Decisions) -> set[str]:
    """Return the names and digests that go."""
    return {*decisions.deleted_tags, *decisions.deleted_manifests}


def left_over(snapshot: RepositorySnapshot, policy: Policy) -> set[str]:
    """Carry the decisions out, and return what a second run would delete."""
    first = evaluate(snapshot, policy, NOW)
    left = after(snapshot, first.deleted_tags, first.deleted_manifests)
    return deleted(evaluate(left, policy, NOW))


def reasons(decisions: Decisions, made: Made) -> set[type]:
    """Return the kinds of reasons for which a manifest stays."""
    verdict = decisions.manifests[made.digest]
    assert isinstance(verdict, Keep)
    return {type(reason) for reason in verdict.reasons}


@pytest.mark.parametrize("lock", [OPEN, LOCKED])
def test_a_lock_below_a_root_does_not_age_it(lock: Lock) -> None:
    """A root is as new as the newest that it lists, whether or not that could go."""
    idx = index("idx", image("amd64", age=days(12), lock=lock), age=days(90))
    other = image("other", age=days(12))
    decisions = evaluate(repository("shop", idx, other), KEEP_ONE, NOW)
    assert Newest in reasons(decisions, idx)
    assert Newest in reasons(decisions, other)


def test_a_late_referrer_makes_its_root_newer() -> None:
    """What is attached to an untagged image counts for the image's rank."""
    old = image("old", age=days(50))
    sbom = referrer(old, age=days(10))
    younger = image("younger", age=days(40))
    decisions = evaluate(repository("shop", sbom, younger), KEEP_ONE, NOW)
    assert deleted(decisions) == {younger.digest}


@pytest.mark.parametrize("policy", [document(keep=1), dialect(document(keep=1))])
def test_the_signature_of_a_missing_image_takes_no_slot(policy: Policy) -> None:
    """A signature that outlives its image pushes no other tag out in the next run."""
    gone = image("gone")
    signed = signature(gone, age=days(5), lock=LOCKED)
    snapshot = repository("shop", gone, signed, image("app", tags=["v1"], age=days(10)))
    assert deleted(evaluate(snapshot, policy, NOW)) == {gone.digest}
    assert left_over(snapshot, policy) == set()


def test_a_young_signature_of_another_image_hinders_no_image() -> None:
    """It goes with what it signs, and then nothing holds the image that it stood on."""
    signed = image("signed")
    both = image("both", tags=["v1", tag(signature_tag(signed), age=Span(0))])
    snapshot, policy = repository("shop", signed, both), document(target=Target.IMAGES)
    decisions = evaluate(snapshot, policy, NOW)
    assert deleted(decisions) == {signed.digest, both.digest, "v1", signature_tag(signed)}


def test_a_young_manifest_is_told_its_rank() -> None:
    """It will not go when it is old enough, if it is among the newest then."""
    young = image("young", age=Span(0))
    policy = Policy(untagged=Untagged(days(7), keep_newest=1))
    decisions = evaluate(repository("shop", young), policy, NOW)
    assert reasons(decisions, young) == {Young, Newest}
    verdict = decisions.manifests[young.digest]
    assert isinstance(verdict, Keep)
    assert verdict.deletable_from is None


def test_a_young_manifest_alone_is_told_its_time() -> None:
    """Without a rank, age is all that keeps it: one tick after the threshold it goes."""
    young = image("young", age=days(2))
    snapshot, policy = repository("shop", young), Policy(untagged=Untagged(days(7)))
    verdict = evaluate(snapshot, policy, NOW).manifests[young.digest]
    assert isinstance(verdict, Keep)
    assert verdict.deletable_from == ago(days(2)) + days(7) + 1
    just_before = Instant(verdict.deletable_from - 1)
    assert not deleted(evaluate(snapshot, policy, just_before))
    assert deleted(evaluate(snapshot, policy, verdict.deletable_from))


def test_a_young_signature_is_told_that_its_image_stays() -> None:
    """In the dialect, too: age is not all that keeps it."""
    app = image("app", tags=[tag("v1", age=Span(0))])
    signed = signature(app, age=Span(0))
    snapshot = repository("shop", app, signed)
    verdict = evaluate(snapshot, dialect(document()), NOW).tags[TagName(signature_tag(app))]
    assert isinstance(verdict, Keep)
    assert {type(reason) for reason in verdict.reasons} == {Young, SignatureOfKept}


def test_an_unreadable_manifest_may_need_young_ones_too() -> None:
    """Every manifest is told of what could not be read, not only those that would go."""
    young, unread = image("young", age=Span(0)), image("unread")
    snapshot = repository("shop", young, unread, unread={unread.digest: Unread.FAILED})
    decisions = evaluate(snapshot, Policy(untagged=Untagged(days(7))), NOW)
    assert reasons(decisions, young) == {Young, MayHaveReferrers}


def test_the_dialect_spares_what_an_index_shaped_referrer_lists() -> None:
    """As ``acr purge`` does, for this run; a document takes it with the index."""
    subject, child = image("subject"), image("child")
    signatures = index("signatures", child, subject=subject)
    snapshot = repository("shop", signatures)
    policy = Policy(untagged=Untagged(Span(0)))
    everything: set[str] = {subject.digest, signatures.digest, child.digest}
    assert deleted(evaluate(snapshot, policy, NOW)) == everything
    decisions = evaluate(snapshot, dialect(policy), NOW)
    assert deleted(decisions) == everything - {child.digest}
    assert reasons(decisions, child) == {ListedByReferrer}
    assert left_over(snapshot, dialect(policy)) == {child.digest}


def test_equals_among_the_newest_are_read() -> None:
    """With more newest ones than are kept, what they list may still tell them apart."""
    child = image("child", age=Span(0))
    idx = index("idx", child, age=days(12))
    other = image("other", age=days(12))
    full = repository("shop", idx, other)
    policy = Policy(untagged=Untagged(days(7), keep_newest=1))
    unread = replace(full, bodies={})
    assert idx.digest in next_reads(unread, policy, evaluate(unread, policy, NOW)).bodies
    assert deleted(evaluate(full, policy, NOW)) == {other.digest}


def test_no_more_newest_than_are_kept_need_no_read() -> None:
    """Where as many stay as are kept, no reference can push one out."""
    snapshot = repository("shop", image("a", age=days(12)))
    unread = replace(snapshot, bodies={})
    policy = Policy(untagged=Untagged(days(7), keep_newest=1))
    assert not next_reads(unread, policy, evaluate(unread, policy, NOW))


@pytest.mark.parametrize(("tags", "lock"), [(["v1"], OPEN), ([], LOCKED)])
def test_a_referrer_that_an_index_calls_a_platform_is_read(tags: list[str], lock: Lock) -> None:
    """What is tagged or locked may hold its subject, whatever an index says of it."""
    subject = image("subject")
    sbom = replace(referrer(subject, tags=tags, lock=lock), platform="linux/amd64")
    full = repository("shop", index("idx", sbom, tags=["all"]))
    policy = dialect(Policy(untagged=Untagged(days(7))))
    known = replace(full, bodies={})
    while reads := next_reads(known, policy, evaluate(known, policy, NOW)):
        known = replace(known, bodies={**known.bodies, **{d: full.bodies[d] for d in reads.bodies}})
    assert not deleted(evaluate(known, policy, NOW))


def test_mere_platform_images_need_no_read() -> None:
    """Untagged and unlocked, they are what an index says: one read of the index spares them."""
    amd64 = image("amd64")
    full = repository("shop", index("idx", amd64, tags=["all"]), image("dangling"))
    policy = dialect(Policy(untagged=Untagged(days(7))))
    known = replace(full, bodies={d: b for d, b in full.bodies.items() if d != amd64.digest})
    assert not next_reads(known, policy, evaluate(known, policy, NOW))
