"""How verdicts change when the policy gets milder, or when they are carried out."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from purge_core.instants import Span
from purge_core.judgement.decision import Decisions
from purge_core.judgement.reasons import ListedByReferrer
from purge_core.model import OPEN, Lock, RepositorySnapshot
from purge_core.policies.policy import Policy, Protection, Selector
from tests.builders import LOCKED
from tests.property.judged import judged
from tests.property.policies import SELECTORS, documents, policies
from tests.property.strategies import THRESHOLDS, repositories
from tests.truth import after


def _deleted(decisions: Decisions) -> frozenset[str]:
    return frozenset((*decisions.deleted_tags, *decisions.deleted_manifests))


def _milder(policy: Policy, more: int, longer: Span) -> Iterator[Policy]:
    """Give the policy with one of its parts keeping more, or waiting longer."""
    for n, rule in enumerate(policy.rules):
        for mild in (
            replace(rule, keep_newest=rule.keep_newest + more),
            replace(rule, older_than=Span(rule.older_than + longer)),
        ):
            yield replace(policy, rules=(*policy.rules[:n], mild, *policy.rules[n + 1 :]))
    part = policy.untagged
    if part is not None:
        yield replace(policy, untagged=replace(part, keep_newest=part.keep_newest + more))
        longer_still = Span(part.older_than + longer)
        yield replace(policy, untagged=replace(part, older_than=longer_still))
        yield replace(policy, untagged=None)


@given(repositories(), policies(), st.integers(1, 3), st.sampled_from(THRESHOLDS))
def test_a_milder_policy_never_deletes_more(
    snapshot: RepositorySnapshot, policy: Policy, more: int, longer: Span
) -> None:
    """A larger keep_newest and a larger older_than each delete a subset."""
    deleted = _deleted(judged(snapshot, policy))
    for milder in _milder(policy, more, longer):
        assert _deleted(judged(snapshot, milder)) <= deleted


@given(repositories(), documents(), st.sampled_from(SELECTORS))
def test_one_more_protection_never_deletes_more(
    snapshot: RepositorySnapshot, policy: Policy, selector: Selector
) -> None:
    """Protections only ever take from what is deleted, and what they name stays."""
    deleted = _deleted(judged(snapshot, policy))
    shielded = replace(policy, protect=(*policy.protect, Protection("more", selector)))
    left = _deleted(judged(snapshot, shielded))
    assert left <= deleted
    if selector.repositories.matches(snapshot.name):
        assert not any(selector.tags.matches(name) for name in left if ":" not in name)


@given(repositories(), policies(), st.integers(0, 13))
def test_one_more_lock_never_deletes_more(
    snapshot: RepositorySnapshot, policy: Policy, which: int
) -> None:
    """Locking a tag or a manifest only ever takes from what is deleted."""
    policy = replace(policy, include_locked=False)
    deleted = _deleted(judged(snapshot, policy))
    assert _deleted(judged(_locked(snapshot, which), policy)) <= deleted


@given(repositories(), policies())
def test_knowing_less_never_deletes_more(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """What has no type, lock or (as a tag) time stays, and nothing goes in its stead."""
    decisions = judged(snapshot, policy)
    for item in _deleted(decisions):
        for less in _less_known(snapshot, item):
            left = _deleted(judged(less, policy))
            assert left < _deleted(decisions)
            assert item not in left


@given(repositories(), policies())
def test_what_is_left_stays(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """Carried out by a true registry, the decisions leave nothing to be deleted."""
    snapshot = _agreeing(snapshot)
    decisions = judged(snapshot, policy)
    assume(not _spared(decisions))
    left = after(snapshot, decisions.deleted_tags, decisions.deleted_manifests)
    assert not _deleted(judged(left, policy))


def _spared(decisions: Decisions) -> bool:
    """Whether something stays for this run only, since ``acr purge`` spares it."""
    reasons = [reason for v in decisions.manifests.values() for reason in v.reasons]
    return any(isinstance(reason, ListedByReferrer) for reason in reasons)


def _agreeing(snapshot: RepositorySnapshot) -> RepositorySnapshot:
    """Let no manifest claim a tag that points elsewhere: a retag between the two listings."""
    pointing = {t.name: t.digest for t in snapshot.tags}
    manifests = tuple(
        replace(m, tags=tuple(n for n in m.tags if pointing.get(n, m.digest) == m.digest))
        for m in snapshot.manifests or ()
    )
    return replace(snapshot, manifests=manifests)


def _less_known(snapshot: RepositorySnapshot, item: str) -> Iterator[RepositorySnapshot]:
    """Let the registry leave out one attribute of one tag or manifest, each in turn."""
    for n, tag in enumerate(snapshot.tags):
        for torn in (replace(tag, lock=None), replace(tag, updated=None)):
            if tag.name == item:
                tags = (*snapshot.tags[:n], torn, *snapshot.tags[n + 1 :])
                yield replace(snapshot, tags=tags)
    listed = snapshot.manifests or ()
    for n, manifest in enumerate(listed):
        for bare in (replace(manifest, lock=None), replace(manifest, media_type=None)):
            if manifest.digest == item:
                yield replace(snapshot, manifests=(*listed[:n], bare, *listed[n + 1 :]))


def _locked(snapshot: RepositorySnapshot, which: int) -> RepositorySnapshot:
    """Lock one item: a tag, or a manifest, or none when there are not so many."""
    locks: list[Lock | None] = [OPEN] * 20
    locks[which] = LOCKED
    manifests = snapshot.manifests or ()
    return replace(
        snapshot,
        tags=tuple(
            replace(t, lock=LOCKED if locks[n] is LOCKED else t.lock)
            for n, t in enumerate(snapshot.tags)
        ),
        manifests=tuple(
            replace(m, lock=LOCKED if locks[n + len(snapshot.tags)] is LOCKED else m.lock)
            for n, m in enumerate(manifests)
        ),
    )
