"""Explanations: the verdict of a purge, and everything around a tag or an image."""

import asyncio
import json
from dataclasses import replace

import jsonschema
import pytest

from purge_core.cli.explaining import parse_subject
from purge_core.errors import InputError, NotFound
from purge_core.explaining import Judged, Subject, judge
from purge_core.judgement.decision import Keep
from purge_core.model import Digest, RepositoryName, TagName
from purge_core.planning import RunOrder
from purge_core.policies.acr_command import parse_acr_policy
from purge_core.policies.policy import Limits, Policy
from purge_core.report.explain import Explanation, explain_image, explain_tag, explanation_lines
from purge_core.report.explain_document import explanation_document, explanation_schema
from tests.builders import NOW, image, referrer, repository
from tests.fakes import FakeRegistry
from tests.unit.planned import AMD, LATEST, MULTI, POLICY, YOUNG, order, shop

SHOP = RepositoryName("shop")
HOST = "contoso.azurecr.io"


def judged(subject: Subject, asked: RunOrder | None = None) -> Judged:
    """Judge what is asked about in the shop."""
    return asyncio.run(judge(shop(), asked or order(), subject))


def told(explanation: Explanation) -> str:
    """Tell it; the JSON must fit the schema, and every line be printable."""
    document = json.loads(json.dumps(explanation_document(explanation, HOST)))
    jsonschema.validate(document, explanation_schema())
    lines = list(explanation_lines(explanation))
    assert all(line.isprintable() for line in lines)
    return "\n".join(lines)


def about_tag(name: str, policy: Policy = POLICY) -> str:
    """Explain a tag of the shop."""
    found = judged(Subject(SHOP, tag=TagName(name)), order(policy))
    explanation = explain_tag(found.snapshot, found.decisions, NOW, TagName(name))
    return told(replace(explanation, refusals=found.refusals))


def about(digest: Digest) -> str:
    """Explain an image of the shop."""
    found = judged(Subject(SHOP, digest=digest))
    return told(explain_image(found.snapshot, found.decisions, NOW, digest))


def test_tag_that_goes() -> None:
    """The tag with its reason, then its image with all that goes along."""
    text = about_tag("v1")
    assert "shop:v1\n" in text
    assert "GOES, because" in text
    assert "last updated 2026-10-12 12:00 UTC, 40 days old" in text
    assert "tags:\n    v1: goes\n    v1.0: goes" in text
    assert "(linux/arm64): goes" in text
    assert "belonging to it:" in text
    assert ": stays" not in text


def test_young_tag_says_from_when_it_goes() -> None:
    """Where only time stands against it, the moment is given."""
    assert "Time alone lets it go: from 2026-12-18 12:00 UTC on." in about_tag("v2")


def test_protected_tag_never_goes_by_time() -> None:
    """That is said, too."""
    text = about_tag("latest")
    assert '- protected by "current"' in text
    assert "Time alone does not let it go." in text


def test_child_names_the_index_that_lists_it() -> None:
    """By digest, from both sides."""
    text = about(AMD.digest)
    assert "listed by:\n" in text
    assert MULTI.digest[:19] in text


def test_referrer_names_its_subject() -> None:
    """And that it goes along with it."""
    sbom = referrer(MULTI, "sbom").digest
    text = about(sbom)
    assert "belongs to:\n" in text
    assert "which goes and takes it along" in text


def test_more_is_read_than_a_purge_needs() -> None:
    """Relations are told even where a purge would read no manifest at all."""
    policy = parse_acr_policy("acr purge --filter 'shop:v1' --ago 7d")[1]
    subject = Subject(SHOP, tag=TagName("v1"))
    found = judged(subject, order(policy))
    assert not found.listed
    text = told(explain_tag(found.snapshot, found.decisions, NOW, TagName("v1")))
    assert "GOES" in text
    assert "the policy does not purge untagged manifests here" in text
    assert "lists:\n" in text


def test_verdicts_are_those_of_a_purge() -> None:
    """Reading more changes no verdict."""
    whole = judged(Subject(SHOP)).decisions
    single = judged(Subject(SHOP, digest=LATEST.digest)).decisions
    for name, verdict in whole.tags.items():
        assert type(single.tags[name]) is type(verdict)
    for digest, manifest in whole.manifests.items():
        assert type(single.manifests[digest]) is type(manifest)
    assert isinstance(single.manifests[YOUNG.digest], Keep)


def test_refused_repository_is_told() -> None:
    """A tag that would go does not while a guard refuses the repository."""
    more = [image(f"m{n}", tags=[f"m{n}"]) for n in range(9)]
    policy = replace(POLICY, limits=Limits(max_delete_share=0.1))
    registry = FakeRegistry(repository("shop", *more, LATEST), now=NOW)
    subject = Subject(SHOP, tag=TagName("m1"))
    found = asyncio.run(judge(registry, order(policy), subject))
    explanation = explain_tag(found.snapshot, found.decisions, NOW, TagName("m1"))
    text = told(replace(explanation, refusals=found.refusals))
    assert "But nothing goes here: 9 of 10 tags would go" in text


def test_missing_child_is_called_missing() -> None:
    """An index that lists what is not there says so."""
    registry = FakeRegistry(repository("shop", MULTI, absent=[AMD]), now=NOW)
    found = asyncio.run(judge(registry, order(), Subject(SHOP, digest=MULTI.digest)))
    text = told(explain_image(found.snapshot, found.decisions, NOW, MULTI.digest))
    assert f"{AMD.digest[:19]} (missing)" in text


def test_what_is_not_there() -> None:
    """No such tag, no such image, no such repository."""
    found = judged(Subject(SHOP, tag=TagName("none")))
    assert not explain_tag(found.snapshot, found.decisions, NOW, TagName("none")).found
    assert not explain_image(found.snapshot, found.decisions, NOW, Digest("sha256:0")).found
    with pytest.raises(NotFound):
        judged(Subject(RepositoryName("none")))


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("shop", Subject(SHOP)),
        ("a/b/c", Subject(RepositoryName("a/b/c"))),
        ("a/b:v1", Subject(RepositoryName("a/b"), tag=TagName("v1"))),
        ("a@sha256:1", Subject(RepositoryName("a"), digest=Digest("sha256:1"))),
        (f"{HOST}/a:v1", Subject(RepositoryName("a"), tag=TagName("v1"))),
        (f"{HOST}/a/b", Subject(RepositoryName("a/b"))),
    ],
)
def test_references_are_read(text: str, subject: Subject) -> None:
    """As they are written elsewhere, with the registry's host or without."""
    assert parse_subject(text, HOST) == subject


@pytest.mark.parametrize("text", ["", ":v1", "@sha256:1", "a:", "a@", f"{HOST}/"])
def test_what_is_no_reference(text: str) -> None:
    """It is bad input."""
    with pytest.raises(InputError):
        parse_subject(text, HOST)
