"""Every tag and manifest gets one verdict, for reasons that hold."""

import random
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purge_core.errors import SnapshotIncomplete
from purge_core.instants import Instant
from purge_core.judgement.decision import Decisions, Delete, Keep, Verdict
from purge_core.judgement.reasons import (
    DeleteReason,
    ImageGoes,
    KeepReason,
    Selected,
    SignatureOfDeleted,
    SubjectGoes,
)
from purge_core.model import (
    Body,
    Manifest,
    RepositorySnapshot,
    Shape,
    Tag,
    TagName,
    Unread,
    shape_of,
)
from purge_core.policies.policy import Policy, Target
from tests.builders import NOW
from tests.property.judged import judged
from tests.property.policies import documents, policies
from tests.property.strategies import repositories


@given(repositories(), policies())
def test_verdicts_are_total(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """Every listed manifest and every tag that any listing shows has one verdict."""
    decisions = judged(snapshot, policy)
    listed = snapshot.manifests or ()
    tags = {t.name for t in snapshot.tags}.union(*(m.tags for m in listed))
    assert decisions.tags.keys() == tags
    assert decisions.manifests.keys() == {m.digest for m in listed}


@given(repositories(), policies())
def test_every_verdict_has_reasons_of_its_kind(
    snapshot: RepositorySnapshot, policy: Policy
) -> None:
    """Reasons are never empty, never repeated, and never of the other verdict."""
    decisions = judged(snapshot, policy)
    for verdict in (*decisions.tags.values(), *decisions.manifests.values()):
        kinds = get_args(KeepReason if isinstance(verdict, Keep) else DeleteReason)
        assert verdict.reasons
        assert len(set(verdict.reasons)) == len(verdict.reasons)
        assert all(isinstance(reason, kinds) for reason in verdict.reasons)


@given(repositories(), policies())
def test_locked_and_unknown_never_go(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """Nothing goes that is locked (unless that is wanted) or not wholly known."""
    decisions = judged(snapshot, policy)
    for tag in snapshot.tags:
        if _may_not_go(tag, policy) or tag.digest is None:
            assert isinstance(decisions.tags[tag.name], Keep)
    for manifest in snapshot.manifests or ():
        unread = isinstance(snapshot.bodies.get(manifest.digest), Unread)
        if _may_not_go(manifest, policy) or manifest.media_type is None or unread:
            assert isinstance(decisions.manifests[manifest.digest], Keep)


@given(repositories(), documents())
def test_documents_keep_the_tags_of_locked_manifests(
    snapshot: RepositorySnapshot, policy: Policy
) -> None:
    """In a policy document a manifest's lock holds its tags as well."""
    decisions = judged(snapshot, policy)
    locked = {m.digest for m in snapshot.manifests or () if m.lock is not None and m.lock.closed}
    for tag in snapshot.tags:
        if tag.digest in locked and not policy.include_locked:
            assert isinstance(decisions.tags[tag.name], Keep)


@given(repositories(), policies())
def test_what_goes_is_old(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """What a rule or the untagged part takes is strictly older than it says."""
    decisions = judged(snapshot, policy)
    for tag in snapshot.tags:
        for reason in _deletions(decisions.tags[tag.name]):
            if isinstance(reason, Selected):
                rule = next(r for r in policy.rules if r.matches(snapshot.name, tag.name))
                assert tag.updated is not None
                assert tag.updated + rule.older_than < NOW
            else:
                assert isinstance(reason, ImageGoes | SignatureOfDeleted)
    for manifest in snapshot.manifests or ():
        verdict = decisions.manifests[manifest.digest]
        kinds = {type(reason) for reason in _deletions(verdict)}
        if kinds and not kinds & {SubjectGoes, ImageGoes}:
            assert policy.untagged is not None
            assert manifest.updated is not None
            assert manifest.updated + policy.untagged.older_than < NOW


@given(repositories(), policies(), st.randoms(use_true_random=False))
def test_order_of_input_is_irrelevant(
    snapshot: RepositorySnapshot, policy: Policy, chance: random.Random
) -> None:
    """Listings in any order give the same verdicts, reasons and evidence."""
    bodies = list(snapshot.bodies.items())
    chance.shuffle(bodies)
    manifests = [
        replace(m, tags=tuple(chance.sample(m.tags, len(m.tags)))) for m in snapshot.manifests or ()
    ]
    shuffled = replace(
        snapshot,
        tags=tuple(chance.sample(snapshot.tags, len(snapshot.tags))),
        manifests=tuple(chance.sample(manifests, len(manifests))),
        bodies=dict(bodies),
    )
    expected, found = judged(snapshot, policy), judged(shuffled, policy)
    assert found == expected
    assert list(found.tags) == list(expected.tags)
    assert list(found.manifests) == list(expected.manifests)


@given(repositories(), policies(), st.integers(-(10**17), 10**17))
def test_only_differences_of_time_count(
    snapshot: RepositorySnapshot, policy: Policy, shift: int
) -> None:
    """Shifting every time and the present alike changes nothing but the evidence."""
    shifted = replace(
        snapshot,
        tags=tuple(replace(t, updated=_shifted(t.updated, shift)) for t in snapshot.tags),
        manifests=tuple(
            replace(m, updated=_shifted(m.updated, shift)) for m in snapshot.manifests or ()
        ),
    )
    then = judged(shifted, policy, Instant(NOW + shift))
    assert _codes(then) == _codes(judged(snapshot, policy))


@given(repositories(), policies())
def test_nothing_goes_before_its_time(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """What is told to be deletable from some instant is still kept just before it."""
    for name, at in _told_times(judged(snapshot, policy)).items():
        before = Instant(at - 1)
        assert before >= NOW
        assert isinstance(_all_verdicts(judged(snapshot, policy, before))[name], Keep)


@given(repositories(), policies())
def test_what_is_told_goes_at_its_time(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """At the instant told it goes; but a whole image also waits for its other parts."""
    wholes = [rule for rule in policy.rules if rule.target is Target.IMAGES]
    for name, at in _told_times(judged(snapshot, policy)).items():
        if not any(rule.matches(snapshot.name, TagName(name)) for rule in wholes):
            assert isinstance(_all_verdicts(judged(snapshot, policy, at))[name], Delete)


@given(repositories(), policies(), st.sampled_from(Unread))
def test_unreadable_index_refuses_the_repository(
    snapshot: RepositorySnapshot, policy: Policy, why: Unread
) -> None:
    """What an unreadable index lists is not known, so nothing is judged."""
    for manifest in snapshot.manifests or ():
        if shape_of(manifest.media_type) is Shape.INDEX:
            broken = replace(snapshot, bodies={**snapshot.bodies, manifest.digest: why})
            with pytest.raises(SnapshotIncomplete, match=manifest.digest):
                judged(broken, policy)


@given(repositories(), policies())
def test_missing_children_of_kept_indexes_are_told(
    snapshot: RepositorySnapshot, policy: Policy
) -> None:
    """Damage that was there before is reported, and only that."""
    decisions = judged(snapshot, policy)
    there = {m.digest for m in snapshot.manifests or ()} | {t.digest for t in snapshot.tags}
    missing = {
        child
        for digest, body in snapshot.bodies.items()
        if isinstance(body, Body) and not isinstance(decisions.manifests.get(digest), Delete)
        for child in body.children
        if child not in there
    }
    assert decisions.missing == tuple(sorted(missing))


def _may_not_go(item: Tag | Manifest, policy: Policy) -> bool:
    if item.lock is None or item.updated is None:
        return True
    return item.lock.closed and not policy.include_locked


def _deletions(verdict: Verdict) -> tuple[DeleteReason, ...]:
    return verdict.reasons if isinstance(verdict, Delete) else ()


def _all_verdicts(decisions: Decisions) -> dict[str, Verdict]:
    return dict((*decisions.tags.items(), *decisions.manifests.items()))


def _told_times(decisions: Decisions) -> dict[str, Instant]:
    """Give from when each item is said to be deletable, of those where it is said."""
    return {
        name: verdict.deletable_from
        for name, verdict in _all_verdicts(decisions).items()
        if isinstance(verdict, Keep) and verdict.deletable_from is not None
    }


def _shifted(time: Instant | None, shift: int) -> Instant | None:
    return None if time is None else Instant(time + shift)


def _codes(decisions: Decisions) -> list[tuple[str, list[str]]]:
    found = _all_verdicts(decisions).items()
    return [(name, [reason.code for reason in verdict.reasons]) for name, verdict in found]
