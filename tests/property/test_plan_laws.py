"""A plan deletes what was decided, in an order in which nothing is ever left broken."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purge_core.errors import PlanRefused
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.references import signed_image
from purge_core.model import OPEN, Body, Digest, RepositoryName, RepositorySnapshot, TagName
from purge_core.plans.plan import PurgePlan
from purge_core.plans.planner import make_plan
from purge_core.plans.steps import CascadeStep, ManifestStep, Step, TagStep
from purge_core.policies.policy import Policy
from tests.builders import NOW
from tests.property.judged import judged
from tests.property.policies import policies
from tests.property.strategies import READABLE, repositories
from tests.truth import after, with_referrers


def planned(snapshot: RepositorySnapshot, policy: Policy) -> PurgePlan:
    """Judge and plan."""
    return make_plan(snapshot, policy, judged(snapshot, policy))


@given(repositories(), policies())
def test_plan_deletes_what_was_decided(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """Every tag and manifest that goes has exactly one step that takes it, and no other has."""
    decisions = judged(snapshot, policy)
    plan = make_plan(snapshot, policy, decisions)
    tags, manifests = Counter[TagName](), Counter[Digest]()
    for step in plan.steps:
        if isinstance(step, TagStep):
            tags[step.tag] += 1
        else:
            tags.update(step.tags)
            manifests[step.digest] += 1
    assert tags == Counter(decisions.deleted_tags)
    assert manifests == Counter(decisions.deleted_manifests)
    assert plan.deletions == len(decisions.deleted_tags) + len(decisions.deleted_manifests)


@given(repositories(), policies())
def test_requests_take_along_what_is_told(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """What the manifests that get a request take along is what the cascades tell."""
    plan = planned(snapshot, policy)
    asked = {step.digest for step in plan.steps if isinstance(step, ManifestStep)}
    along = {step.digest for step in plan.steps if isinstance(step, CascadeStep)}
    assert with_referrers(snapshot, asked) == asked | along
    for step in plan.steps:
        if isinstance(step, CascadeStep):
            assert step.digest in with_referrers(snapshot, [step.root])
            assert step.root in asked


@given(repositories(), policies())
def test_steps_expect_what_the_snapshot_shows(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """Digest, time and lock of every step are those of the listings."""
    tags = {tag.name: tag for tag in snapshot.tags}
    manifests = {m.digest: m for m in snapshot.manifests or ()}
    for step in planned(snapshot, policy).steps:
        if isinstance(step, TagStep):
            tag = tags[step.tag]
            assert (step.digest, step.updated, step.lock) == (tag.digest, tag.updated, tag.lock)
            assert policy.include_locked or not step.lock.closed
        else:
            listed = manifests[step.digest]
            assert (step.updated, step.lock) == (listed.updated, listed.lock)
            assert policy.include_locked or not step.lock.closed
            along = [tags[name] for name in step.tags]
            assert all(tag.digest == step.digest and tag.lock == OPEN for tag in along)


@given(repositories(READABLE), policies())
def test_whenever_a_run_stops_nothing_is_broken(
    snapshot: RepositorySnapshot, policy: Policy
) -> None:
    """Any step of a stage may come first: no index loses a child, no image a signature."""
    done = snapshot
    for stage in planned(snapshot, policy).stages:
        for step in stage:
            assert not list(_damage(snapshot, _carried_out(done, step)))
        for step in stage:
            done = _carried_out(done, step)
    decisions = evaluate(snapshot, policy, NOW)
    assert done == after(snapshot, decisions.deleted_tags, decisions.deleted_manifests)


@given(repositories(), policies())
def test_a_step_waits_for_earlier_stages_only(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """What must be gone before a step is deleted in a stage before its own."""
    gone: set[Digest] = set()
    for stage in planned(snapshot, policy).stages:
        for step in stage:
            if not isinstance(step, CascadeStep):
                assert gone.issuperset(step.after)
        gone |= {step.digest for step in stage if not isinstance(step, TagStep)}


@given(repositories(), policies(), st.randoms(use_true_random=False))
def test_plan_does_not_depend_on_order(
    snapshot: RepositorySnapshot, policy: Policy, chance: random.Random
) -> None:
    """Listings in any order give the same plan, to the fingerprint."""
    listed = snapshot.manifests or ()
    shuffled = replace(
        snapshot,
        tags=tuple(chance.sample(snapshot.tags, len(snapshot.tags))),
        manifests=tuple(chance.sample(listed, len(listed))),
    )
    assert planned(shuffled, policy) == planned(snapshot, policy)


@given(repositories(), policies(), st.integers(0, 7))
def test_a_plan_that_was_altered_is_refused(
    snapshot: RepositorySnapshot, policy: Policy, which: int
) -> None:
    """A plan is carried out as it was made, or not at all."""
    plan = planned(snapshot, policy)
    plan.require_seal()
    stages = plan.stages
    altered = [replace(plan, repository=RepositoryName("x")), replace(plan, policy_hash="")]
    if stages:
        n = which % len(stages)
        altered += [
            replace(plan, stages=(*stages[:n], *stages[n + 1 :])),
            replace(plan, stages=(*stages[:n], stages[n][1:], *stages[n + 1 :])),
            replace(plan, stages=(*stages, stages[n])),
        ]
    for other in altered:
        with pytest.raises(PlanRefused):
            other.require_seal()


def _carried_out(state: RepositorySnapshot, step: Step) -> RepositorySnapshot:
    """Let a true registry carry out one step; a cascade needs no request."""
    if isinstance(step, TagStep):
        return after(state, [step.tag], ())
    return after(state, (), [step.digest]) if isinstance(step, ManifestStep) else state


def _damage(before: RepositorySnapshot, now: RepositorySnapshot) -> Iterator[str]:
    """Tell what is left without something that it had and needs."""
    had = {m.digest for m in before.manifests or ()}
    left = {m.digest for m in now.manifests or ()}
    for digest in left:
        body = now.bodies.get(digest)
        children = body.children if isinstance(body, Body) else ()
        yield from (f"{digest} lost {c}" for c in children if c in had and c not in left)
    names = {tag.name for tag in now.tags}
    for tag in before.tags:
        image = signed_image(tag.name)
        if image in left and image != tag.digest and tag.name not in names:
            yield f"{image} lost {tag.name}"
