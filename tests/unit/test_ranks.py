"""Who takes a slot of ``keep_newest``, and by which time: tags, images and untagged ones."""

from dataclasses import replace

import pytest

from purge_core.instants import Span
from purge_core.judgement.decision import Decisions, Delete, Keep
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reasons import ImageGoes, ListedByKept, Newest, Selected, Young
from purge_core.model import Body, Digest, RepositorySnapshot, TagName
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import UNTAGGED, Dialect, Policy, Rule, Selector, Target, Untagged
from tests.builders import LOCKED, NOW, days, image, index, referrer, repository, tag

EVERYTHING = (Selector(compile_pattern(".*"), compile_pattern(".*")),)


def keeping(count: int) -> Policy:
    """Return a document of one rule that keeps so many."""
    return Policy(rules=(Rule("all", EVERYTHING, days(7), count),))


def untagged(count: int) -> Policy:
    """Return a document that keeps so many of what has no tag."""
    return Policy(untagged=Untagged(days(7), keep_newest=count))


def dialect(policy: Policy) -> Policy:
    """Make it a policy as an ``acr purge`` line makes it."""
    return replace(policy, dialect=Dialect.ACR_PURGE, limits=None)


def judge(snapshot: RepositorySnapshot, policy: Policy) -> Decisions:
    """Judge at the usual instant."""
    return evaluate(snapshot, policy, NOW)


def newer_tags(decisions: Decisions, name: str) -> int:
    """Return the rank that is told of a tag, whether it stays for it or not."""
    reasons = decisions.tags[TagName(name)].reasons
    (rank,) = (reason.newer for reason in reasons if isinstance(reason, Newest | Selected))
    return rank


def newest(decisions: Decisions) -> dict[Digest, int]:
    """Return the manifests that stay for being among the newest, with their ranks."""
    return {
        digest: reason.newer
        for digest, verdict in decisions.manifests.items()
        for reason in verdict.reasons
        if isinstance(reason, Newest)
    }


def test_an_image_is_as_new_as_its_newest_tag() -> None:
    """Whichever of its tags comes first; all its tags share the rank."""
    young = image("a", tags=[tag("a1", age=days(50)), tag("a2", age=days(10))])
    between = image("b", tags=[tag("b1", age=days(30))])
    snapshot = repository("shop", young, between)
    for tags in (snapshot.tags, snapshot.tags[::-1]):
        decisions = judge(replace(snapshot, tags=tags), keeping(1))
        ranks = [newer_tags(decisions, name) for name in ("a1", "a2", "b1")]
        assert ranks == [0, 0, 1]
        assert decisions.deleted_tags == ("b1",)


def test_the_dialect_counts_tags_by_their_own_times() -> None:
    """Two newer tags of one image are two."""
    young = image("a", tags=[tag("a1", age=days(10)), tag("a2", age=days(20))])
    old = image("b", tags=[tag("b1", age=days(30))])
    decisions = judge(repository("shop", young, old), dialect(keeping(2)))
    assert [newer_tags(decisions, name) for name in ("a1", "a2", "b1")] == [0, 1, 2]
    assert decisions.deleted_tags == ("b1",)


@pytest.mark.parametrize("policy", [keeping(2), dialect(keeping(2))], ids=["document", "dialect"])
def test_equal_times_share_a_rank(policy: Policy) -> None:
    """Fewer than two are strictly newer than any of the three, so all stay."""
    made = [image(name, tags=[name], age=days(30)) for name in ("a", "b", "c")]
    decisions = judge(repository("shop", *made), policy)
    assert [newer_tags(decisions, name) for name in ("a", "b", "c")] == [0, 0, 0]
    assert not decisions.deleted_tags


def test_what_is_locked_or_young_takes_a_slot_in_a_document_alone() -> None:
    """``acr purge`` counts the tags that are eligible."""
    locked = image("locked", tags=[tag("locked", lock=LOCKED, age=days(10))])
    young = image("young", tags=[tag("young", age=Span(0))])
    snapshot = repository("shop", locked, young, image("old", tags=["old"]))
    assert newer_tags(judge(snapshot, keeping(1)), "old") == 2
    assert newer_tags(judge(snapshot, dialect(keeping(1))), "old") == 0


def test_a_tag_without_an_image_or_a_time_takes_no_slot() -> None:
    """What the registry does not tell cannot push another tag out."""
    app = image("app", tags=["v1"])
    loose = [tag("no-image", age=days(10)).on(None), tag("no-time", age=None).on(app.digest)]
    snapshot = repository("shop", app, loose=loose)
    decisions = judge(snapshot, keeping(1))
    assert newer_tags(decisions, "v1") == 0
    assert newer_tags(decisions, "no-image") == 0
    assert not decisions.deleted_tags


@pytest.mark.parametrize("policy", [untagged(2), dialect(untagged(2))], ids=["document", "dialect"])
def test_what_goes_along_with_its_subject_takes_no_slot(policy: Policy) -> None:
    """A referrer has no deletion of its own; here it is newer than all others."""
    first, second = image("first", age=days(20)), image("second", age=days(40))
    sbom = referrer(first, age=days(10))
    decisions = judge(repository("shop", sbom, second), policy)
    assert newest(decisions) == {first.digest: 0, second.digest: 1}
    assert not decisions.deleted_manifests


def test_a_root_counts_once_with_all_that_it_lists() -> None:
    """The dialect counts index and child alike."""
    idx = index("idx", image("amd", age=days(20)), image("arm", age=days(25)), age=days(30))
    other = image("other", age=days(40))
    snapshot = repository("shop", idx, other)
    assert newest(judge(snapshot, untagged(2))) == {idx.digest: 0, other.digest: 1}
    assert other.digest in judge(snapshot, dialect(untagged(2))).deleted_manifests


def test_a_young_child_has_no_rank_of_its_own() -> None:
    """Its index has; the dialect counts both."""
    child = image("child", age=Span(0))
    idx = index("idx", child, age=days(30))
    snapshot = repository("shop", idx)
    decisions = judge(snapshot, untagged(1))
    assert newest(decisions) == {idx.digest: 0}
    assert {type(r) for r in decisions.manifests[child.digest].reasons} == {Young, ListedByKept}
    assert newest(judge(snapshot, dialect(untagged(1)))) == {idx.digest: 0, child.digest: 0}


def test_what_runs_in_circles_counts_as_well() -> None:
    """A child that names itself stays, and its index is as new as it is."""
    child = image("child", age=days(12))
    idx, other = index("idx", child, age=days(90)), image("other", age=days(30))
    whole = repository("shop", idx, other)
    forged = {**whole.bodies, child.digest: Body(children=(child.digest,))}
    decisions = judge(replace(whole, bodies=forged), untagged(1))
    assert newest(decisions) == {idx.digest: 0}
    assert decisions.deleted_manifests == (other.digest,)


def test_a_time_is_carried_up_through_what_has_none() -> None:
    """From a referrer to its subject, and from there to the index of an index."""
    unknown = image("unknown", age=None)
    sbom = referrer(unknown, age=days(10))
    outer = index("outer", index("inner", unknown, age=days(80)), age=days(90))
    other = image("other", age=days(30))
    decisions = judge(repository("shop", outer, sbom, other), untagged(1))
    assert newest(decisions) == {outer.digest: 0}
    assert decisions.deleted_manifests == (other.digest,)


def test_an_image_that_a_rule_takes_whole_takes_no_slot() -> None:
    """It goes by its rule and by nothing else, though it would be untagged then."""
    selector = Selector(compile_pattern(".*"), compile_pattern("v.*"))
    rule = Rule("whole", (selector,), days(7), target=Target.IMAGES)
    policy = Policy(rules=(rule,), untagged=Untagged(days(7), keep_newest=1))
    whole, dangling = image("whole", tags=["v1"], age=days(20)), image("dangling")
    decisions = judge(repository("shop", whole, dangling), policy)
    assert newest(decisions) == {dangling.digest: 0}
    assert decisions.deleted_manifests == (whole.digest,)
    assert decisions.manifests[whole.digest] == Delete((ImageGoes("whole", whole.digest),))


def test_what_stays_anyway_takes_no_slot_and_is_told_no_rank() -> None:
    """Unless it stays for its youth alone: then its rank will matter one day."""
    locked = image("locked", lock=LOCKED, age=days(20))
    young = image("young", age=Span(0))
    old, older = image("old", age=days(30)), image("older", age=days(40))
    decisions = judge(repository("shop", locked, young, old, older), untagged(1))
    assert newest(decisions) == {young.digest: 0, old.digest: 0}
    assert decisions.deleted_manifests == (older.digest,)
    verdict = decisions.manifests[old.digest]
    assert verdict == Keep((Newest(UNTAGGED, 0, 1),))
