"""What the judgement makes of two listings, and of what could not be read."""

from dataclasses import replace

import pytest

from purge_core.errors import SnapshotIncomplete
from purge_core.instants import Span
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reasons import MayHaveReferrers, Tagged, Unknown
from purge_core.model import Digest, RepositorySnapshot, TagName, Unread
from purge_core.policies.policy import Policy, Untagged
from tests.builders import DOCKER_LIST, NOW, ODD, Made, image, index, repository, tag

POLICY = Policy(untagged=Untagged(Span(0)))
APP, OTHER = image("app", tags=["v1"]), image("other", tags=["v2"])
BOTH = repository("shop", APP, OTHER)


def tagged(snapshot: RepositorySnapshot, made: Made) -> tuple[str, ...]:
    """Return the tags for which a manifest is told to stay."""
    reasons = evaluate(snapshot, POLICY, NOW).manifests[made.digest].reasons
    return next((reason.tags for reason in reasons if isinstance(reason, Tagged)), ())


def showing(*shown: tuple[str, ...]) -> RepositorySnapshot:
    """Return both images as the manifest listing shows them with these tags."""
    manifests = (
        replace(made.manifest, tags=tuple(map(TagName, names)))
        for made, names in zip((APP, OTHER), shown, strict=True)
    )
    return replace(BOTH, manifests=tuple(manifests))


@pytest.mark.parametrize("shown", [("v1",), ()], ids=["both listings", "the tags alone"])
def test_a_tag_keeps_its_manifest_whichever_listing_shows_it(shown: tuple[str, ...]) -> None:
    """Also where a tag without a digest comes before it."""
    nowhere = tag("v0").on(None)
    snapshot = showing(shown, ())
    snapshot = replace(snapshot, tags=(nowhere, *snapshot.tags))
    assert tagged(snapshot, APP) == ("v1",)
    assert tagged(snapshot, OTHER) == ("v2",)
    assert not evaluate(snapshot, POLICY, NOW).deleted_manifests


def test_what_both_listings_show_is_united() -> None:
    """In order, each tag once; what only the manifests show is not known to be there."""
    more = [tag(name).on(APP.digest) for name in ("v3", "v0")]
    snapshot = showing(("v1", "v9"), ("v2",))
    snapshot = replace(snapshot, tags=(*snapshot.tags, *more))
    decisions = evaluate(snapshot, POLICY, NOW)
    assert tagged(snapshot, APP) == ("v0", "v1", "v3", "v9")
    assert decisions.tags[TagName("v9")].reasons == (Unknown("listing"),)
    assert list(decisions.tags) == ["v0", "v1", "v2", "v3", "v9"]


def test_what_could_not_be_read_is_named_where_it_matters() -> None:
    """In order; a body that is gone or no manifest may need nothing."""
    made = [image(str(n)) for n in range(4)]
    failed = sorted(each.digest for each in made[:2])
    unread = {
        made[1].digest: Unread.FAILED,
        made[0].digest: Unread.FAILED,
        made[2].digest: Unread.GONE,
    }
    decisions = evaluate(repository("shop", *made, unread=unread), POLICY, NOW)
    assert decisions.manifests[made[3].digest].reasons == (MayHaveReferrers(tuple(failed)),)
    del unread[made[0].digest], unread[made[1].digest]
    decisions = evaluate(repository("shop", *made, unread=unread), POLICY, NOW)
    assert made[3].digest in decisions.deleted_manifests


@pytest.mark.parametrize("why", list(Unread))
def test_an_index_that_could_not_be_read_refuses_the_repository(why: Unread) -> None:
    """The error names it and says why."""
    idx = index("idx", image("child"), media_type=DOCKER_LIST)
    snapshot = repository("shop", image("first"), idx, unread={idx.digest: why})
    told = (
        f"^index {idx.digest} could not be read \\({why.value}\\), so what it lists is not known$"
    )
    with pytest.raises(SnapshotIncomplete, match=told):
        evaluate(snapshot, POLICY, NOW)


def test_another_manifest_that_could_not_be_read_refuses_nothing() -> None:
    """It stays, and what it may name stays with it."""
    odd = image("odd", media_type=ODD)
    snapshot = repository("shop", odd, unread={odd.digest: Unread.FAILED})
    assert not evaluate(snapshot, POLICY, NOW).deleted_manifests


def test_missing_children_are_told_of_kept_indexes_alone() -> None:
    """Each once and in order: damage that was there before."""
    gone = [image(f"gone {n}") for n in range(3)]
    kept = index("kept", *gone[:2], tags=["kept"])
    too = index("too", gone[0], tags=["too"])
    going = index("going", gone[2])
    snapshot = repository("shop", kept, too, going, absent=gone)
    missing: tuple[Digest, ...] = tuple(sorted(each.digest for each in gone[:2]))
    decisions = evaluate(snapshot, POLICY, NOW)
    assert decisions.repository == "shop"
    assert decisions.missing == missing
    assert decisions.deleted_manifests == (going.digest,)
