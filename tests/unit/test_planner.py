"""What a plan counts, in which order its steps stand, and what it refuses to name."""

from dataclasses import replace

import pytest

from purge_core.instants import Span
from purge_core.judgement.evaluate import evaluate
from purge_core.model import Body, RepositorySnapshot, TagName, Unread
from purge_core.plans.plan import PurgePlan, hash_lines
from purge_core.plans.planner import make_plan
from purge_core.plans.steps import CascadeStep, ManifestStep, TagStep, target_of
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import Policy, Rule, Selector, Untagged
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
    signature_tag,
    tag,
)

EVERYTHING = (Selector(compile_pattern(".*"), compile_pattern(".*")),)
POLICY = Policy(rules=(Rule("all", EVERYTHING, days(7)),), untagged=Untagged(days(7)))


def planned(snapshot: RepositorySnapshot, policy: Policy = POLICY) -> PurgePlan:
    """Judge and plan."""
    return make_plan(snapshot, policy, evaluate(snapshot, policy, NOW))


def test_every_tag_and_manifest_counts_once() -> None:
    """A tag that goes alone counts one; a manifest counts itself and the tags that go along."""
    alone = image("alone", tags=["old", tag("young", age=Span(0))])
    whole = image("whole", tags=["v1", "v2"])
    plan = planned(repository("shop", alone, whole))
    assert sorted(map(target_of, plan.steps)) == sorted(["old", whole.digest])
    assert plan.deletions == 1 + 3


UNKNOWN_TAGS = [{"digest": None}, {"updated": None}, {"lock": None}]


@pytest.mark.parametrize("unknown", UNKNOWN_TAGS, ids=lambda change: next(iter(change)))
def test_a_tag_that_is_not_known_is_never_planned(unknown: dict[str, None]) -> None:
    """Decisions that let it go were made on another snapshot: that is an error of who calls."""
    snapshot = repository("shop", image("app", tags=[tag("v1")], age=Span(0)))
    decisions = evaluate(snapshot, POLICY, NOW)
    (known,) = snapshot.tags
    changed = replace(snapshot, tags=(replace(known, **unknown),))  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="v1 goes, though it is not known well enough"):
        make_plan(changed, POLICY, decisions)


@pytest.mark.parametrize("unknown", [{"updated": None}, {"lock": None}], ids=["time", "lock"])
def test_a_manifest_that_is_not_known_is_never_planned(unknown: dict[str, None]) -> None:
    """The same holds of a manifest, which the error names."""
    app: Made = image("app")
    snapshot = repository("shop", app)
    decisions = evaluate(snapshot, POLICY, NOW)
    changed = replace(snapshot, manifests=(replace(app.manifest, **unknown),))  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match=f"{app.digest} goes, though it is not known"):
        make_plan(changed, POLICY, decisions)


def test_tag_steps_stand_in_the_order_of_their_names() -> None:
    """Within a stage, so that the same snapshot makes the same plan."""
    names = ["c", "a", "b"]
    made = image("app", tags=[*names, tag("young", age=Span(0))])
    steps = list(planned(repository("shop", made)).steps)
    assert all(isinstance(step, TagStep) for step in steps)
    assert [target_of(step) for step in steps] == sorted(names)


def test_a_signature_tag_waits_for_the_image_that_it_signs() -> None:
    """It goes right after it, before what lies deeper; here its own manifest is too young."""
    leaf = image("leaf")
    inner = index("inner", leaf)
    outer = index("outer", inner)
    name = signature_tag(inner)
    young = image("young", tags=[tag(name), tag("alone")], age=Span(0))
    plan = planned(repository("shop", outer, young))
    targets = [[target_of(step) for step in stage] for stage in plan.stages]
    assert targets == [["alone"], [outer.digest], [inner.digest], [name], [leaf.digest]]
    assert [target_of(step) for step in plan.steps] == [t for stage in targets for t in stage]
    (waiting,) = (step for step in plan.steps if target_of(step) == name)
    assert isinstance(waiting, TagStep)
    assert waiting.after == (inner.digest,)


def test_a_family_that_lists_its_own_members_goes_at_once() -> None:
    """An index that refers to what its child refers to: one request takes all three along."""
    app = image("app")
    sbom = referrer(app)
    bundle = index("bundle", sbom, subject=app)
    (stage,) = planned(repository("shop", bundle)).stages
    root, *along = stage
    assert isinstance(root, ManifestStep)
    assert (root.digest, root.after) == (app.digest, ())
    assert all(isinstance(step, CascadeStep) and step.root == app.digest for step in along)
    assert sorted(map(target_of, along)) == sorted([sbom.digest, bundle.digest])


def test_the_tags_of_a_step_share_the_tuple_of_the_listing() -> None:
    """Where there is one tag, as there nearly always is: a repository may have a million."""
    snapshot = repository("shop", image("app", tags=["v1"]))
    (step,) = planned(snapshot).steps
    (manifest,) = snapshot.manifests or ()
    assert isinstance(step, ManifestStep)
    assert step.tags is manifest.tags


def test_a_plan_carries_the_marks_of_its_snapshot() -> None:
    """Each listing has its own: what changed since is looked for from there on."""
    snapshot = repository("shop", image("app"))
    marked = replace(snapshot, tags_mark=ago(days(1)), manifests_mark=ago(days(2)))
    plan = planned(marked)
    assert (plan.tags_mark, plan.manifests_mark) == (ago(days(1)), ago(days(2)))
    assert plan.lists_manifests
    assert not planned(replace(snapshot, manifests=None)).lists_manifests


def test_another_policy_is_told_apart() -> None:
    """Also where it would delete the same."""
    snapshot = repository("shop", image("app"))
    other = replace(POLICY, untagged=Untagged(days(8)))
    one, two = planned(snapshot), planned(snapshot, other)
    assert one.stages == two.stages
    assert one.policy_hash != two.policy_hash
    assert one.fingerprint != two.fingerprint


def test_the_seal_is_over_the_plan_without_it_and_every_numbered_step() -> None:
    """Another way of sealing would refuse every plan that was stored before."""
    plan = planned(repository("shop", index("idx", image("child")), image("app", tags=["v1"])))
    bare = replace(plan, stages=(), fingerprint="")
    steps = [f"{n} {step!r}" for n, stage in enumerate(plan.stages) for step in stage]
    assert len(steps) == 3
    assert plan.fingerprint == hash_lines([repr(bare), *steps])


APP = image("app", tags=["v1"])
SHOP = repository("shop", APP)
(TAG,) = SHOP.tags


@pytest.mark.parametrize(
    "changed",
    [
        replace(SHOP, tags=(replace(TAG, name=TagName("v2")),)),
        replace(SHOP, tags=(replace(TAG, digest=None),)),
        replace(SHOP, tags=(replace(TAG, updated=None),)),
        replace(SHOP, tags=(replace(TAG, lock=LOCKED),)),
        replace(SHOP, manifests=(replace(APP.manifest, updated=None),)),
        replace(SHOP, manifests=(replace(APP.manifest, lock=LOCKED),)),
        replace(SHOP, manifests=()),
        replace(SHOP, bodies={APP.digest: Body(children=(APP.digest,))}),
        replace(SHOP, bodies={APP.digest: Unread.GONE}),
        replace(SHOP, bodies={}),
        replace(SHOP, in_use={TAG.name: "web"}),
    ],
)
def test_another_snapshot_is_told_apart(changed: RepositorySnapshot) -> None:
    """By everything that a judgement looks at."""
    policy = Policy()
    assert planned(changed, policy).snapshot_hash != planned(SHOP, policy).snapshot_hash
