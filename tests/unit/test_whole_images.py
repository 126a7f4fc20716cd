"""Rules that take whole images: which rule gets one, and what is told when none does."""

from dataclasses import replace

import pytest

from purge_core.instants import Span
from purge_core.judgement.decision import Delete, Keep, Verdict
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reasons import ImageGoes, ImageStays, Newest, Selected, Young
from purge_core.model import RepositorySnapshot, TagName
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import Policy, Protection, Rule, Selector, Target
from tests.builders import (
    LOCKED,
    NOW,
    ODD,
    Made,
    TagSpec,
    days,
    image,
    index,
    referrer,
    repository,
    tag,
)


def whole(name: str, tags: str, *, older_than: Span, keep: int = 0) -> Rule:
    """Make a rule that takes images by their tags."""
    selector = Selector(compile_pattern(".*"), compile_pattern(tags))
    return Rule(name, (selector,), older_than, keep, Target.IMAGES)


ALL = Policy(rules=(whole("all", ".*", older_than=days(7)),))


def verdict(snapshot: RepositorySnapshot, name: str, policy: Policy = ALL) -> Verdict:
    """Judge, and return the verdict on one tag."""
    return evaluate(snapshot, policy, NOW).tags[TagName(name)]


def stays(snapshot: RepositorySnapshot, name: str = "v1", policy: Policy = ALL) -> str:
    """Return what is told of a tag that stays since its image does."""
    kept = verdict(snapshot, name, policy)
    assert isinstance(kept, Keep)
    (reason,) = kept.reasons
    assert isinstance(reason, ImageStays)
    return reason.because


def test_a_rule_that_gets_the_image_comes_before_one_that_does_not() -> None:
    """Where two want an image, one of them is enough; all tags go for it."""
    slow, quick = (
        whole("slow", "slow", older_than=days(60)),
        whole("quick", "quick", older_than=days(7)),
    )
    app = image("app", tags=["slow", "quick", "other"], age=days(30))
    for rules in ((slow, quick), (quick, slow)):
        decisions = evaluate(repository("shop", app), Policy(rules=rules), NOW)
        for name in ("slow", "other"):
            assert decisions.tags[TagName(name)] == Delete((ImageGoes("quick", app.digest),))
        assert decisions.deleted_manifests == (app.digest,)


def test_the_first_of_several_hindered_rules_is_told() -> None:
    """In the order of the policy."""
    rules = (
        whole("first", "a", older_than=days(60)),
        whole("second", "b", older_than=days(90)),
    )
    app = image("app", tags=["a", tag("b", age=days(100))], age=days(40))
    kept = verdict(repository("shop", app), "b", Policy(rules=rules))
    assert kept == Keep((ImageStays("first", app.digest, "tag a: young"),))


@pytest.mark.parametrize(
    ("other", "because"),
    [
        (tag("v0", age=Span(0)), "tag v0: young"),
        (tag("v0", age=None), "tag v0: unknown"),
        (tag("v0", lock=LOCKED), "tag v0: locked"),
        (tag("v2", age=days(3)), "tag v2: young"),
    ],
    ids=["young", "no time", "locked", "later name"],
)
def test_another_tag_that_hinders_is_named(other: TagSpec, because: str) -> None:
    """With the code of its first reason."""
    assert stays(repository("shop", image("app", tags=["v1", other]))) == because


def test_the_first_hindering_tag_by_name_is_told() -> None:
    """Whatever the order of the listing."""
    app = image("app", tags=[tag("c", age=Span(0)), tag("b", lock=LOCKED), "v1"])
    snapshot = repository("shop", app)
    for tags in (snapshot.tags, snapshot.tags[::-1]):
        assert stays(replace(snapshot, tags=tags)) == "tag b: locked"


def test_the_newest_of_another_rule_hinder() -> None:
    """A tag among the ``keep_newest`` of its own rule keeps the whole image."""
    releases = whole("releases", "r.*", older_than=days(7), keep=1)
    policy = Policy(rules=(releases, *ALL.rules))
    app = image("app", tags=["r1", "v1"])
    assert stays(repository("shop", app), "v1", policy) == f"tag r1: {Newest.code}"
    newer = image("newer", tags=["r2"], age=days(10))
    assert isinstance(verdict(repository("shop", app, newer), "v1", policy), Delete)


def test_a_rule_for_tags_takes_its_own_of_an_image_that_another_does_not_get() -> None:
    """What hinders the image is no matter of the tags that go alone."""
    alone = replace(whole("alone", "alone", older_than=days(7)), target=Target.TAGS)
    app = image("app", tags=["alone", "v1", tag("v2", age=Span(0))])
    decisions = evaluate(repository("shop", app), Policy(rules=(alone, *ALL.rules)), NOW)
    assert decisions.deleted_tags == ("alone",)
    (reason,) = decisions.tags[TagName("alone")].reasons
    assert isinstance(reason, Selected)
    assert reason.rule == "alone"


def test_a_tag_of_an_image_that_goes_whole_tells_its_own_rule_too() -> None:
    """If that rule takes tags and selects it; a rule for images is told by the image."""
    alone = replace(whole("alone", "alone", older_than=days(60)), target=Target.TAGS)
    app = image("app", tags=[tag("alone", age=days(90)), "v1"], age=days(30))
    decisions = evaluate(repository("shop", app), Policy(rules=(alone, *ALL.rules)), NOW)
    goes = ImageGoes("all", app.digest)
    selected, image_goes = decisions.tags[TagName("alone")].reasons
    assert isinstance(selected, Selected)
    assert image_goes == goes
    assert decisions.tags[TagName("v1")] == Delete((goes,))
    young = image("app", tags=[tag("alone", age=days(30)), "v1"], age=days(30))
    decisions = evaluate(repository("shop", young), Policy(rules=(alone, *ALL.rules)), NOW)
    assert decisions.tags[TagName("alone")] == Delete((ImageGoes("all", young.digest),))


def test_a_protected_tag_hinders() -> None:
    """Its protection comes first."""
    protection = Protection("current", Selector(compile_pattern(".*"), compile_pattern("latest")))
    policy = replace(ALL, protect=(protection,))
    snapshot = repository("shop", image("app", tags=["v1", "latest"]))
    assert stays(snapshot, "v1", policy) == "tag latest: protected"


@pytest.mark.parametrize(
    ("age", "because"), [(None, "manifest: unknown"), (days(7), "manifest: young")]
)
def test_the_manifest_itself_may_hinder(age: Span | None, because: str) -> None:
    """It must be older than the threshold, as every tag must."""
    app = image("app", tags=[tag("v1")], age=age)
    assert stays(repository("shop", app)) == because


def test_a_tag_of_a_whole_image_says_when_it_is_itself_too_young() -> None:
    """Its own age comes before what becomes of the image."""
    app = image("app", tags=[tag("v1", age=Span(0)), "v2"])
    snapshot = repository("shop", app)
    (reason,) = verdict(snapshot, "v1").reasons
    assert isinstance(reason, Young)
    assert stays(snapshot, "v2") == "tag v1: young"


PARENT = image("parent", tags=["latest"], age=days(1))
CHILD = image("child", tags=["v1"])


@pytest.mark.parametrize(
    ("made", "because"),
    [
        (index("v1", image("child"), tags=["v1"], media_type=ODD), "manifest: unknown"),
        (referrer(PARENT, tags=["v1"]), "manifest: referrer-of-kept"),
        (index("idx", CHILD, tags=["latest"], age=days(1)), "manifest: listed-by-kept"),
    ],
    ids=["odd type", "referrer", "child"],
)
def test_what_holds_the_image_is_told(made: Made, because: str) -> None:
    """The first reason for which the manifest stays, its own before those of others."""
    selector = Selector(compile_pattern(".*"), compile_pattern("v1"))
    policy = Policy(rules=(replace(ALL.rules[0], selectors=(selector,)),))
    assert stays(repository("shop", made), "v1", policy) == because


def test_a_tag_that_only_the_other_listing_shows_holds_the_image() -> None:
    """It is not known well enough to go, and so the image stays tagged."""
    app = image("app", tags=["v1"])
    shown = replace(app.manifest, tags=(TagName("v1"), TagName("v2")))
    snapshot = replace(repository("shop", app), manifests=(shown,))
    assert stays(snapshot) == "manifest: tagged"
