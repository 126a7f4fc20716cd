"""Signature tags: what is said of one whose image goes, stays, is missing or is not listed."""

from dataclasses import replace

import pytest

from purge_core.instants import Span
from purge_core.judgement.decision import Verdict
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reasons import (
    Locked,
    Selected,
    SignatureOfDeleted,
    SignatureOfKept,
    SignatureOfUnlisted,
)
from purge_core.model import RepositorySnapshot, TagName
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import Dialect, Policy, Rule, Selector, Untagged
from tests.builders import LOCKED, NOW, days, image, repository, signature, signature_tag, tag

SELECTOR = Selector(compile_pattern(".*"), compile_pattern("sha256-.*"))
DOCUMENT = Policy(rules=(Rule("old", (SELECTOR,), days(7)),), untagged=Untagged(days(7)))
DIALECT = replace(DOCUMENT, dialect=Dialect.ACR_PURGE, limits=None)

APP = image("app", tags=["latest"])
GOING = image("going")


def verdict(snapshot: RepositorySnapshot, policy: Policy, name: str) -> Verdict:
    """Judge, and return the verdict on one tag."""
    return evaluate(snapshot, policy, NOW).tags[TagName(name)]


def unlisted(snapshot: RepositorySnapshot) -> RepositorySnapshot:
    """Return what a listing of the tags alone shows."""
    return replace(snapshot, manifests=None, bodies={})


@pytest.mark.parametrize("policy", [DOCUMENT, DIALECT], ids=["document", "dialect"])
def test_it_stays_with_its_image(policy: Policy) -> None:
    """That is the one reason, whether or not the manifests are listed."""
    full = repository("shop", APP, signature(APP))
    for snapshot in (full, unlisted(full)):
        assert verdict(snapshot, policy, signature_tag(APP)).reasons == (
            SignatureOfKept(APP.digest),
        )


@pytest.mark.parametrize("policy", [DOCUMENT, DIALECT], ids=["document", "dialect"])
def test_it_goes_with_its_image_and_by_its_rule(policy: Policy) -> None:
    """Both reasons are given where both hold."""
    snapshot = repository("shop", GOING, signature(GOING))
    selected, because = verdict(snapshot, policy, signature_tag(GOING)).reasons
    assert isinstance(selected, Selected)
    assert because == SignatureOfDeleted(GOING.digest)


@pytest.mark.parametrize("policy", [DOCUMENT, DIALECT], ids=["document", "dialect"])
def test_without_its_image_it_is_an_ordinary_tag(policy: Policy) -> None:
    """The listing shows that nothing is signed, so its rule alone decides."""
    snapshot = repository("shop", signature(GOING))
    (reason,) = verdict(snapshot, policy, signature_tag(GOING)).reasons
    assert isinstance(reason, Selected)


def test_without_a_listing_the_dialect_keeps_what_may_be_signed() -> None:
    """The image may be there without a tag; a document does not ask before manifests are listed."""
    snapshot = unlisted(repository("shop", signature(GOING)))
    reasons = verdict(snapshot, DIALECT, signature_tag(GOING)).reasons
    assert reasons == (SignatureOfUnlisted(GOING.digest),)
    (reason,) = verdict(snapshot, DOCUMENT, signature_tag(GOING)).reasons
    assert isinstance(reason, Selected)


def test_on_the_image_that_it_names_it_is_an_ordinary_tag() -> None:
    """A tag cannot be the signature of what it points at."""
    odd = replace(GOING, tags=(tag(signature_tag(GOING)),))
    (reason,) = verdict(repository("shop", odd), DOCUMENT, signature_tag(GOING)).reasons
    assert isinstance(reason, Selected)


@pytest.mark.parametrize("policy", [DOCUMENT, DIALECT], ids=["document", "dialect"])
def test_a_locked_one_says_of_its_image_only_what_is_true(policy: Policy) -> None:
    """That it signs what stays is told where it stays, and not where it goes."""
    locked = Locked(delete_enabled=False, write_enabled=False)
    going = repository("shop", GOING, signature(GOING, lock=LOCKED))
    assert verdict(going, policy, signature_tag(GOING)).reasons == (locked,)
    staying = repository("shop", APP, signature(APP, lock=LOCKED))
    told = (locked, SignatureOfKept(APP.digest))
    assert verdict(staying, policy, signature_tag(APP)).reasons == told


def test_an_unselected_one_goes_with_its_image_in_a_document_alone() -> None:
    """``acr purge`` takes tags that a filter selects, and no others."""
    snapshot = repository("shop", GOING, signature(GOING, age=Span(0)))
    reasons = verdict(snapshot, DOCUMENT, signature_tag(GOING)).reasons
    assert reasons == (SignatureOfDeleted(GOING.digest),)
    young = verdict(snapshot, DIALECT, signature_tag(GOING))
    assert SignatureOfDeleted(GOING.digest) not in young.reasons
