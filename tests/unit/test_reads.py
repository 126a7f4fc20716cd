"""In which order what is not known is read, and what is spared by that."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from purge_core.instants import Span
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reads import NOTHING, Reads, next_reads
from purge_core.model import Digest, RepositorySnapshot
from purge_core.policies.patterns import compile_pattern
from purge_core.policies.policy import Dialect, Policy, Rule, Selector, Target, Untagged
from tests.builders import (
    DOCKER_IMAGE,
    NOW,
    OCI_ARTIFACT,
    ODD,
    ORAS,
    Made,
    ago,
    days,
    image,
    index,
    referrer,
    repository,
    tag,
)

UNTAGGED = Policy(untagged=Untagged(days(7)))
RULE = Rule("old", (Selector(compile_pattern(".*"), compile_pattern("v.*")),), days(7))


def asked(snapshot: RepositorySnapshot, policy: Policy = UNTAGGED) -> Reads:
    """Judge with what is known, and return what is to be read next."""
    return next_reads(snapshot, policy, evaluate(snapshot, policy, NOW))


def rounds(full: RepositorySnapshot, policy: Policy = UNTAGGED) -> Iterator[set[Digest]]:
    """Begin without any body, and tell round by round which ones are read."""
    known = replace(full, bodies={})
    while reads := asked(known, policy):
        yield set(reads.bodies)
        more = {digest: full.bodies[digest] for digest in reads.bodies}
        known = replace(known, bodies={**known.bodies, **more})


def some(*made: Made) -> set[Digest]:
    """Return the digests."""
    return {each.digest for each in made}


def test_indexes_come_first_then_what_would_go_then_what_could_refer_to_it() -> None:
    """Each round may show that the next one is not needed."""
    child, going = image("child"), image("going")
    idx, tagged = index("idx", child, tags=["multi"]), image("tagged", tags=["latest"])
    full = repository("shop", idx, going, tagged)
    assert list(rounds(full)) == [some(idx), some(going), some(tagged)]


def test_what_stays_is_not_read_when_nothing_goes_after_all() -> None:
    """An SBOM looks like any old image; its own body says that its image holds it."""
    app = image("app", tags=["latest"])
    sbom = referrer(app)
    full = repository("shop", sbom, image("other", tags=["stable"]))
    assert list(rounds(full)) == [some(sbom)]


@pytest.mark.parametrize("media_type", [OCI_ARTIFACT, ORAS])
def test_artifacts_may_have_a_subject_too(media_type: str) -> None:
    """Whatever shape of manifest can name a subject is read before it goes."""
    sbom = referrer(image("app", tags=["latest"]), media_type=media_type)
    assert list(rounds(repository("shop", sbom))) == [some(sbom)]


def test_docker_images_name_nothing_and_are_not_read() -> None:
    """Neither when they go, nor when they stay."""
    made = [image("a", media_type=DOCKER_IMAGE), image("b", tags=["b"], media_type=DOCKER_IMAGE)]
    assert list(rounds(repository("shop", *made))) == []


def test_what_the_listing_hides_and_odd_types_are_read_like_indexes() -> None:
    """Both may list what would otherwise look abandoned."""
    hidden, odd = image("hidden", tags=["latest"]), image("odd", media_type=ODD)
    full = repository("shop", hidden, odd, image("going"))
    shown = tuple(m for m in full.manifests or () if m.digest != hidden.digest)
    first = next(rounds(replace(full, manifests=shown)))
    assert first == some(hidden, odd)


def test_nothing_goes_so_nothing_is_read() -> None:
    """Not even the indexes."""
    full = repository("shop", index("idx", image("child"), tags=["v1"]), image("b", age=Span(0)))
    assert asked(replace(full, bodies={}), Policy(rules=(RULE,))) == NOTHING


def test_an_index_is_read_when_tags_go_and_something_is_in_use() -> None:
    """It may list what is in use, and then it keeps its tags; no other body is read."""
    child = image("child")
    idx = index("idx", child, tags=["v1"])
    full = replace(repository("shop", idx, image("b", tags=["b"])), in_use={child.digest: "web"})
    assert list(rounds(full, Policy(rules=(RULE,)))) == [some(idx)]
    assert list(rounds(replace(full, in_use={}), Policy(rules=(RULE,)))) == []
    keeping = replace(RULE, older_than=days(1000))
    assert list(rounds(full, Policy(rules=(keeping,)))) == []


def test_manifests_are_listed_only_where_they_matter() -> None:
    """For what is untagged, for locks that keep a document's tags, and for what is in use."""
    tags = replace(repository("shop", image("app", tags=["v1"])), manifests=None, bodies={})
    document = Policy(rules=(RULE,))
    dialect = replace(document, dialect=Dialect.ACR_PURGE, limits=None)
    elsewhere = Untagged(days(7), repositories=(compile_pattern("other"),))
    assert asked(tags, document) == Reads(manifests=True)
    assert asked(tags, dialect) == NOTHING
    assert asked(tags, replace(dialect, untagged=Untagged(days(7)))) == Reads(manifests=True)
    assert asked(tags, replace(dialect, untagged=elsewhere)) == NOTHING
    assert asked(replace(tags, in_use={tags.tags[0].name: "web"}), dialect) == NOTHING
    used = replace(tags, in_use={Digest(f"sha256:{'0' * 64}"): "web"})
    assert asked(used, dialect) == Reads(manifests=True)
    assert asked(replace(tags, tags=()), document) == NOTHING


def test_manifests_are_listed_for_an_image_that_is_hindered() -> None:
    """Its tags stay for a reason that only a listing can tell in full."""
    app = image("app", tags=["v1", tag("v2", age=Span(0))])
    tags = replace(repository("shop", app), manifests=None, bodies={})
    whole = Policy(rules=(replace(RULE, target=Target.IMAGES),))
    assert asked(tags, whole) == Reads(manifests=True)
    young = tuple(replace(each, updated=ago(Span(0))) for each in tags.tags)
    assert asked(replace(tags, tags=young), whole) == NOTHING


def test_whether_there_is_anything_to_read() -> None:
    """Bodies or a listing."""
    assert not NOTHING
    assert Reads(manifests=True)
    assert Reads(bodies=(Digest("sha256:0"),))
