"""Why a tag or a manifest stays by itself: each reason alone, with its evidence."""

from dataclasses import replace

import pytest

from purge_core.instants import Span
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reasons import (
    Cycle,
    KeepReason,
    Locked,
    ManifestLocked,
    Newest,
    NoRule,
    Orphan,
    Protected,
    Unknown,
    UntaggedNotPurged,
    Young,
)
from purge_core.model import Body, Lock, RepositorySnapshot, Tag, Unread
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import Dialect, Policy, Protection, Rule, Selector, Untagged
from tests.builders import (
    DELETE_LOCKED,
    LOCKED,
    NOW,
    OCI_ARTIFACT,
    ODD,
    OLD,
    ORAS,
    WRITE_LOCKED,
    Made,
    TagSpec,
    ago,
    days,
    image,
    index,
    referrer,
    repository,
    tag,
)


def selector(tags: str) -> Selector:
    """Cover these tags of every repository."""
    return Selector(compile_pattern(".*"), compile_pattern(tags))


RULE = Rule("old", (selector("v.*"),), days(7))
DOCUMENT = Policy(
    rules=(RULE,),
    untagged=Untagged(days(7)),
    protect=(Protection("stable", selector(".*-stable")), Protection("lts", selector("v1.*-.*"))),
)
DIALECT = replace(DOCUMENT, dialect=Dialect.ACR_PURGE, limits=None)
APP = image("app")


def of_tag(shown: Tag, policy: Policy = DOCUMENT, made: Made = APP) -> object:
    """Return the reasons of one tag in a repository of one image."""
    snapshot = repository("shop", made, loose=[shown])
    return evaluate(snapshot, policy, NOW).tags[shown.name].reasons


def of_manifest(
    snapshot: RepositorySnapshot, made: Made, policy: Policy = DOCUMENT
) -> tuple[object, ...]:
    """Return the reasons of one manifest."""
    return evaluate(snapshot, policy, NOW).manifests[made.digest].reasons


@pytest.mark.parametrize(
    ("shown", "reasons"),
    [
        (tag("v1-stable"), (Protected("stable"), Protected("lts"))),
        (tag("x-stable"), (Protected("stable"),)),
        (tag("v1", lock=None), (Unknown("lock"),)),
        (tag("v1", lock=LOCKED), (Locked(delete_enabled=False, write_enabled=False),)),
        (tag("v1", lock=DELETE_LOCKED), (Locked(delete_enabled=False, write_enabled=True),)),
        (tag("v1", lock=WRITE_LOCKED), (Locked(delete_enabled=True, write_enabled=False),)),
        (tag("v1", age=None), (Unknown("time"),)),
        (tag("x"), (NoRule(),)),
        (tag("v1", age=days(7)), (Young("old", ago(days(7)), days(7)),)),
        (
            tag("v1-stable", age=Span(0), lock=None),
            (
                Protected("stable"),
                Protected("lts"),
                Unknown("lock"),
                Young("old", ago(0), days(7)),
            ),
        ),
    ],
)
@pytest.mark.parametrize("policy", [DOCUMENT, DIALECT], ids=["document", "dialect"])
def test_a_tag(shown: TagSpec, reasons: tuple[KeepReason, ...], policy: Policy) -> None:
    """What no rule can change comes first, then what its rule says."""
    assert of_tag(shown.on(APP.digest), policy) == reasons


def test_a_tag_of_what_is_not_told_or_not_listed() -> None:
    """Without a digest, or with one that the listing of the manifests leaves out."""
    assert of_tag(tag("v1").on(None)) == (Unknown("digest"),)
    assert of_tag(tag("v1").on(image("hidden").digest)) == (Unknown("manifest"),)


@pytest.mark.parametrize("lock", [LOCKED, None], ids=["locked", "not told"])
def test_a_locked_manifest_keeps_the_tags_of_a_document(lock: Lock | None) -> None:
    """In the dialect a lock covers its own object only."""
    made = image("locked", lock=lock)
    shown = tag("v1").on(made.digest)
    assert of_tag(shown, DOCUMENT, made) == (ManifestLocked(made.digest),)
    snapshot = repository("shop", made, loose=[shown])
    assert evaluate(snapshot, DIALECT, NOW).deleted_tags == ("v1",)
    opened = evaluate(snapshot, replace(DOCUMENT, include_locked=True), NOW)
    assert opened.deleted_tags == (("v1",) if lock else ())


@pytest.mark.parametrize(
    ("made", "reasons"),
    [
        (image("a", lock=LOCKED), (Locked(delete_enabled=False, write_enabled=False),)),
        (image("a", lock=None), (Unknown("lock"),)),
        (image("a", age=None), (Unknown("time"),)),
        (image("a", media_type=None), (Unknown("media type"),)),
        (image("a", age=days(7)), (Young("untagged", ago(days(7)), days(7)),)),
        (index("a", APP, media_type=ODD), (Unknown("media type"),)),
    ],
)
def test_a_manifest(made: Made, reasons: tuple[KeepReason, ...]) -> None:
    """An odd type is a reason only where its body names something."""
    assert of_manifest(repository("shop", made), made) == reasons


def test_an_odd_type_that_refers_to_something() -> None:
    """It and its subject stay."""
    odd = referrer(APP, media_type=ODD)
    snapshot = repository("shop", odd)
    assert of_manifest(snapshot, odd)[0] == Unknown("media type")
    assert not evaluate(snapshot, DOCUMENT, NOW).deleted_manifests


def test_an_odd_type_that_names_nothing_goes() -> None:
    """A known body tells more than an unknown type."""
    odd = image("odd", media_type=ODD)
    assert evaluate(repository("shop", odd), DOCUMENT, NOW).deleted_manifests == (odd.digest,)


@pytest.mark.parametrize("why", list(Unread))
def test_a_body_that_could_not_be_read(why: Unread) -> None:
    """Whatever the reason."""
    snapshot = repository("shop", APP, unread={APP.digest: why})
    assert Unknown("body") in of_manifest(snapshot, APP)


def test_a_circle() -> None:
    """It can go neither before nor after itself."""
    snapshot = replace(repository("shop", APP), bodies={APP.digest: Body((APP.digest,))})
    assert Cycle() in of_manifest(snapshot, APP)


def test_without_a_word_on_untagged_ones_they_stay() -> None:
    """Nothing else is told then, not even youth; elsewhere counts as not at all."""
    snapshot = repository("shop", APP)
    nothing = replace(DOCUMENT, untagged=None)
    elsewhere = replace(
        DOCUMENT, untagged=Untagged(OLD, keep_newest=5, repositories=(compile_pattern("x"),))
    )
    here = replace(DOCUMENT, untagged=Untagged(Span(0), repositories=(compile_pattern("shop"),)))
    assert of_manifest(snapshot, APP, nothing) == (UntaggedNotPurged(),)
    assert of_manifest(snapshot, APP, elsewhere) == (UntaggedNotPurged(),)
    assert evaluate(snapshot, here, NOW).deleted_manifests == (APP.digest,)


@pytest.mark.parametrize("media_type", [OCI_ARTIFACT, ORAS])
def test_an_orphan(media_type: str) -> None:
    """A document takes it if told to; the dialect only ORAS artifacts, as ``acr purge`` does."""
    gone = image("gone")
    orphan = referrer(gone, media_type=media_type)
    snapshot = repository("shop", orphan, absent=[gone])
    assert of_manifest(snapshot, orphan) == (Orphan(gone.digest),)
    taking = replace(DOCUMENT, untagged=Untagged(days(7), orphans=True))
    assert evaluate(snapshot, taking, NOW).deleted_manifests == (orphan.digest,)
    for policy in (DIALECT, replace(DIALECT, untagged=Untagged(days(7), orphans=True))):
        goes = evaluate(snapshot, policy, NOW).deleted_manifests
        assert goes == ((orphan.digest,) if media_type == ORAS else ())
    nothing = replace(DOCUMENT, untagged=None)
    assert of_manifest(snapshot, orphan, nothing) == (Orphan(gone.digest), UntaggedNotPurged())


def test_all_that_a_rule_says_is_given() -> None:
    """Too young and among the newest; what is protected is told its rank as well."""
    policy = replace(DOCUMENT, rules=(replace(RULE, keep_newest=1),))
    young = Young("old", ago(0), days(7))
    assert of_tag(tag("v2", age=Span(0)).on(APP.digest), policy) == (young, Newest("old", 0, 1))
    shown = tag("v-stable").on(APP.digest)
    assert of_tag(shown, policy) == (Protected("stable"), Newest("old", 0, 1))
