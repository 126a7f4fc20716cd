"""What is in use, judged and carried out, case by case."""

from dataclasses import replace

import pytest

from purge_core.execution.usage import steps_in_use
from purge_core.judgement.decision import Decisions, Keep
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reads import Reads, next_reads
from purge_core.judgement.reasons import InUse, KeepReason, ListedByKept, SubjectOfKept
from purge_core.model import Digest, RepositorySnapshot, TagName, UsedNames
from purge_core.plans.planner import make_plan
from purge_core.plans.steps import Target
from purge_core.policies.acr_dialect import AcrPurgeFlags, acr_policy
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import Policy, Rule, Selector, Untagged
from purge_core.policies.policy import Target as Takes
from purge_core.records.outcomes import Outcome
from purge_core.report.reasons import LABELS, keep_sentence
from purge_core.survey import survey
from purge_core.used_images import UsedImages
from tests.builders import NOW, Made, days, image, index, referrer, repository
from tests.fakes import FakeRegistry
from tests.purges import Purge

ALL = (Selector(compile_pattern(".*"), compile_pattern(".*")),)
RULE = Rule("all", ALL, days(1), allow_empty=True)
POLICY = Policy(rules=(RULE,), untagged=Untagged(days(1), orphans=True))
TAGS_ONLY = Policy(rules=(RULE,))
ACR_TAGS = acr_policy(AcrPurgeFlags(filters=(".*:.*",), ago="1d"))

ARM = image("arm", platform="linux/arm64")
AMD = image("amd", platform="linux/amd64")
MULTI = index("multi", AMD, ARM, tags=["v1", "v1.0"])
OTHER = image("other", tags=["v2"])
SHOP = repository("shop", MULTI, OTHER)


def names(*used: str) -> UsedNames:
    """Say that something runs these."""
    return {_target(name): f"r/shop {name[:9]}" for name in used}


def _target(name: str) -> Target:
    return Digest(name) if ":" in name else TagName(name)


def using(snapshot: RepositorySnapshot, *used: str) -> RepositorySnapshot:
    """Give a repository of which these are in use."""
    return replace(snapshot, in_use=names(*used))


def reasons(decisions: Decisions, item: Made | str) -> tuple[KeepReason, ...]:
    """Return the reasons for which a tag or a manifest stays."""
    verdicts = decisions.tags if isinstance(item, str) else decisions.manifests
    found = verdicts[TagName(item)] if isinstance(item, str) else verdicts[item.digest]  # type: ignore[index]
    assert isinstance(found, Keep)
    return found.reasons


@pytest.mark.parametrize("used", ["v1", MULTI.digest, AMD.digest])
def test_whatever_names_it_the_image_stays_whole(used: str) -> None:
    """By a tag, by the index, or by one platform: index, platforms and all tags stay."""
    decisions = evaluate(using(SHOP, used), POLICY, NOW)
    by = f"r/shop {used[:9]}"
    assert reasons(decisions, "v1") == reasons(decisions, "v1.0") == (InUse(by),)
    assert InUse(by) in reasons(decisions, MULTI)
    assert ListedByKept((MULTI.digest,)) in reasons(decisions, ARM)
    assert decisions.deleted_tags == ("v2",)
    assert decisions.deleted_manifests == (OTHER.digest,)


def test_a_digest_of_its_own_reference_tells_that_one() -> None:
    """The evidence is the reference that names the item itself, where there is one."""
    decisions = evaluate(using(SHOP, AMD.digest, "v1"), POLICY, NOW)
    assert reasons(decisions, "v1")[0] == InUse("r/shop v1")
    assert InUse(f"r/shop {AMD.digest[:9]}") in reasons(decisions, AMD)


def test_indexes_of_indexes_stay() -> None:
    """However deep it lies, all that is above what runs stays."""
    top = index("top", MULTI)
    decisions = evaluate(using(repository("shop", top), ARM.digest), POLICY, NOW)
    assert not decisions.deleted_tags
    assert not decisions.deleted_manifests
    assert isinstance(reasons(decisions, top)[0], InUse)


def test_a_referrer_in_use_keeps_its_subject() -> None:
    """The registry would delete it along."""
    sbom = referrer(OTHER)
    decisions = evaluate(using(repository("shop", OTHER, sbom), sbom.digest), POLICY, NOW)
    assert decisions.deleted_manifests == ()
    assert reasons(decisions, OTHER) == (SubjectOfKept((sbom.digest,)),)


def test_a_whole_image_in_use_is_not_taken() -> None:
    """A rule that takes whole images says why it does not get this one."""
    takes = replace(RULE, target=Takes.IMAGES)
    shop = using(repository("shop", image("x", tags=["a", "b"])), "a")
    decisions = evaluate(shop, Policy(rules=(takes,)), NOW)
    assert isinstance(reasons(decisions, "b")[0], InUse)
    shop = using(repository("shop", image("x", tags=["a"]), image("y", tags=["c"])), "c")
    assert evaluate(shop, Policy(rules=(takes,)), NOW).deleted_tags == ("a",)


def test_what_is_not_there_protects_nothing() -> None:
    """A name that the repository does not have changes nothing."""
    plain = evaluate(SHOP, POLICY, NOW)
    assert evaluate(using(SHOP, "v9", f"sha256:{'0' * 64}"), POLICY, NOW) == plain


# --- reading ---------------------------------------------------------------------


@pytest.mark.parametrize("policy", [TAGS_ONLY, ACR_TAGS])
async def test_indexes_are_read_where_only_tags_go(policy: Policy) -> None:
    """A platform in use may be part of the image that a tag names."""
    registry = FakeRegistry(SHOP, now=NOW)
    snapshot, decisions = await survey(registry, SHOP.name, policy, NOW, 4, names(AMD.digest))
    assert decisions.deleted_tags == ("v2",)
    assert set(snapshot.bodies) == {MULTI.digest}


@pytest.mark.parametrize("policy", [TAGS_ONLY, ACR_TAGS])
async def test_nothing_more_is_read_where_nothing_is_in_use(policy: Policy) -> None:
    """The lists cost requests only where they name something."""
    registry = FakeRegistry(SHOP, now=NOW)
    snapshot, decisions = await survey(registry, SHOP.name, policy, NOW, 4, {})
    assert decisions.deleted_tags == ("v1", "v1.0", "v2")
    assert not snapshot.bodies


async def test_a_part_of_an_index_in_use_may_have_a_subject() -> None:
    """What an index calls a platform image is read for itself when it is in use."""
    subject = image("subject")
    child = replace(referrer(subject), platform="linux/amd64")
    both = index("both", child, tags=["pinned"])
    snapshot = using(repository("shop", subject, both), child.digest)
    policy = replace(POLICY, rules=())
    little = replace(snapshot, bodies={both.digest: snapshot.bodies[both.digest]})
    little = replace(little, bodies={**little.bodies, subject.digest: subject.body})
    decisions = evaluate(little, policy, NOW)
    assert decisions.deleted_manifests == (subject.digest,)
    assert next_reads(little, policy, decisions) == Reads(bodies=(child.digest,))
    assert evaluate(snapshot, policy, NOW).deleted_manifests == ()


# --- plans -----------------------------------------------------------------------


def test_what_is_in_use_is_part_of_the_fingerprint() -> None:
    """Two plans that delete the same differ when what was known to run differs."""
    one, other = (
        make_plan(shop, POLICY, evaluate(shop, POLICY, NOW))
        for shop in (using(SHOP, "v1"), using(SHOP, "v1", AMD.digest))
    )
    assert one.stages == other.stages
    assert one.fingerprint != other.fingerprint


SIGNED = referrer(MULTI, "sbom")
FULL = repository("shop", MULTI, SIGNED, OTHER)


@pytest.mark.parametrize(
    ("used", "held"),
    [
        ("v1", {MULTI.digest}),
        (MULTI.digest, {MULTI.digest}),
        (ARM.digest, {ARM.digest, MULTI.digest}),
        (SIGNED.digest, {SIGNED.digest, MULTI.digest}),
        ("v2", {OTHER.digest}),
        ("v9", set()),
    ],
)
def test_steps_that_must_not_be_carried_out(used: str, held: set[Digest]) -> None:
    """What is in use now, and what the plan deletes before it."""
    plan = make_plan(FULL, POLICY, evaluate(FULL, POLICY, NOW))
    found = steps_in_use(plan, names(used))
    assert set(found) == held
    assert set(found.values()) <= {f"r/shop {used[:9]}"}


def test_tags_that_go_alone() -> None:
    """By their own name, and by the digest that they point at."""
    plan = make_plan(SHOP, TAGS_ONLY, evaluate(SHOP, TAGS_ONLY, NOW))
    assert set(steps_in_use(plan, names("v1"))) == {"v1"}
    assert set(steps_in_use(plan, names(MULTI.digest))) == {"v1", "v1.0"}


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("used", ["v1", ARM.digest, SIGNED.digest])
async def test_what_came_into_use_is_skipped(used: str, *, stored: bool) -> None:
    """The image is left whole, and each step says what runs it; the others are done."""
    registry = FakeRegistry(FULL, now=NOW)
    purge = Purge(registry, POLICY, now=NOW, stored=stored)
    await purge.plan()
    purge.used = UsedImages({FULL.name: names(used)})
    ends = await purge.all()
    assert ends[MULTI.digest].outcome is Outcome.SKIPPED_CHANGED
    assert f"in use now: r/shop {used[:9]}" in ends[MULTI.digest].detail
    assert ends[OTHER.digest].outcome is Outcome.DELETED
    left = registry.snapshot("shop")
    assert left is not None
    assert {m.digest for m in left.manifests or ()} == {
        made.digest for made in (MULTI, AMD, ARM, SIGNED)
    }
    assert {tag.name for tag in left.tags} == {"v1", "v1.0"}


# --- words -----------------------------------------------------------------------


def test_the_words_for_it() -> None:
    """The sentence gives the reference; nothing in it can move a cursor."""
    assert keep_sentence(InUse("r/shop:v1\x1b[2J"), NOW) == r"in use: r/shop:v1\x1b[2J"
    assert LABELS[InUse.code] == "in use"
