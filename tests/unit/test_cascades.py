"""Referrers that go along with their subject, and those that do not."""

from collections import Counter
from dataclasses import replace

import pytest

from purge_core.errors import AccessDenied, Malformed, NotFound, RegistryError, Unavailable
from purge_core.instants import Instant
from purge_core.model import OPEN, Body, Digest, Lock, RepositoryName, TagName
from purge_core.plans.steps import CascadeStep, ManifestStep
from purge_core.policies.source import load_policy
from purge_core.records.outcomes import Outcome
from purge_core.registry import Answer, Deletion
from tests.builders import DELETE_LOCKED
from tests.fakes import OCI_INDEX, Call, FakeRegistry
from tests.purges import OLD, Purge

SHOP = RepositoryName("shop")


class KeepingRegistry(FakeRegistry):
    """A registry that leaves the referrers of a deleted subject where they are."""

    async def delete_manifest(
        self, repository: RepositoryName, digest: Digest, *, age: float = 0.0
    ) -> Deletion:
        """Delete one manifest and its tags, and nothing else."""
        async with self._answering("delete_manifest", repository, digest):
            repo = self.repos[repository]
            if repo.manifests.pop(digest, None) is None:
                return Deletion(Answer.GONE)
            del repo.bodies[digest]
            for tag in [tag for tag in repo.tags.values() if tag.digest == digest]:
                del repo.tags[tag.name]
            return Deletion(Answer.ACCEPTED)


def push_family(registry: FakeRegistry) -> tuple[Digest, Digest, Digest]:
    """Push an image, its SBOM and the SBOM's signature, all old, beside a young image."""
    image = registry.push("shop", "v1", at=OLD)
    sbom = registry.push("shop", body=Body(subject=image), at=OLD)
    signature = registry.push("shop", body=Body(subject=sbom), at=OLD)
    registry.push("shop", "young")
    return image, sbom, signature


async def test_referrers_go_along_without_requests() -> None:
    """One delete for the family, and one listing afterwards that proves it."""
    registry = FakeRegistry()
    image, sbom, signature = push_family(registry)
    purge = Purge(registry)
    await purge.plan()
    outcomes = await purge.all()
    assert outcomes[image].outcome is Outcome.DELETED
    assert {outcomes[sbom].outcome, outcomes[signature].outcome} == {Outcome.CASCADED}
    assert outcomes[sbom].detail == f"along with {image}"
    methods = Counter(call.method for call in registry.calls)
    assert methods == {"tags_since": 1, "manifests_since": 1, "delete_manifest": 1, "manifests": 1}


async def test_what_stayed_is_deleted_by_itself_the_subject_first() -> None:
    """Each gets a verified delete of its own, and no signature goes after what it signs."""
    registry = KeepingRegistry()
    image, sbom, signature = push_family(registry)
    purge = Purge(registry)
    await purge.plan()
    outcomes = await purge.all()
    assert {end.outcome for end in outcomes.values()} == {Outcome.DELETED}
    assert list(outcomes) == [image, *sorted((sbom, signature))]
    deleted = [call.target for call in registry.calls if call.method == "delete_manifest"]
    assert deleted == [image, sbom, signature]


async def test_what_stayed_and_changed_is_left_alone() -> None:
    """Tagged after its subject went: the referrer and all that depends on it stay."""
    registry = KeepingRegistry()
    image, sbom, signature = push_family(registry)
    purge = Purge(registry)
    await purge.plan()

    def tag(call: Call) -> None:
        if call.method == "manifests":
            registry.tag("shop", "kept", sbom)
            purge.clock.now += 5

    registry.before = tag
    outcomes = await purge.all()
    assert outcomes[image].outcome is Outcome.DELETED
    assert outcomes[sbom].outcome is Outcome.SKIPPED_CHANGED
    assert outcomes[signature].outcome is Outcome.SKIPPED_CHANGED
    assert {sbom, signature} <= registry.repos[SHOP].manifests.keys()


async def test_an_index_that_stayed_goes_before_its_child_that_stayed() -> None:
    """Both refer to the image; the one that lists the other must not lose it."""
    registry = KeepingRegistry()
    image = registry.push("shop", "v1", at=OLD)
    child = registry.push("shop", body=Body(subject=image), at=OLD)
    listing = Body(children=(child,), bare=(child,), subject=image)
    index = registry.push("shop", media_type=OCI_INDEX, body=listing, at=OLD)
    registry.push("shop", "young")
    purge = Purge(registry)
    (result,) = await purge.plan()
    root = ManifestStep(image, (TagName("v1"),), OLD, OPEN)
    along = (CascadeStep(digest, (), OLD, OPEN, image) for digest in (child, index))
    assert result.plan is not None
    plan = replace(result.plan, stages=((root, *along),))
    purge.planned = (replace(result, plan=plan),)
    registry.fail("delete_manifest", Malformed("odd"), target=index)
    outcomes = await purge.all()
    assert outcomes[image].outcome is Outcome.DELETED
    assert outcomes[index].outcome is Outcome.FAILED
    assert outcomes[child].outcome is Outcome.SKIPPED_CHANGED
    assert outcomes[child].detail == f"{index} stays"


async def test_referrers_stay_with_a_subject_that_stays() -> None:
    """They say how the subject ended, and no listing is read for them."""
    registry = FakeRegistry()
    image, sbom, _ = push_family(registry)
    purge = Purge(registry)
    await purge.plan()
    registry.fail("delete_manifest", AccessDenied("no"), times=None)
    outcomes = await purge.all()
    assert outcomes[sbom].outcome is Outcome.SKIPPED_CHANGED
    assert outcomes[sbom].detail == f"{image} stays: denied"
    assert "manifests" not in {call.method for call in registry.calls}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (AccessDenied("no"), Outcome.DENIED),
        (Unavailable("down"), Outcome.FAILED),
        (Malformed("odd"), Outcome.FAILED),
        (NotFound("no repository any more"), Outcome.CASCADED),
    ],
)
async def test_what_cannot_be_seen_is_not_claimed(error: RegistryError, outcome: Outcome) -> None:
    """Without the listing nobody knows, and the outcome says so; 404 is an answer."""
    registry = FakeRegistry()
    _, sbom, _ = push_family(registry)
    purge = Purge(registry)
    await purge.plan()
    registry.fail("manifests", error, times=None)
    assert (await purge.all())[sbom].outcome is outcome


async def test_referrers_of_what_somebody_else_deleted_are_already_gone() -> None:
    """Only what this run deleted counts as its own doing."""
    registry = FakeRegistry()
    image, sbom, _ = push_family(registry)
    purge = Purge(registry)
    await purge.plan()
    registry.remove("shop", image)
    outcomes = await purge.all()
    assert outcomes[image].outcome is Outcome.ALREADY_GONE
    assert outcomes[sbom].outcome is Outcome.ALREADY_GONE


@pytest.mark.parametrize("stored", [False, True])
async def test_a_referrer_that_somebody_deleted_before_its_subject_did_not_go_along(
    stored: bool,
) -> None:
    """What was seen to be gone before the subject was deleted is not claimed."""
    registry = FakeRegistry()
    image, sbom, signature = push_family(registry)
    purge = Purge(registry, stored=stored)
    await purge.plan()
    registry.remove("shop", signature)
    outcomes = await purge.all()
    assert outcomes[image].outcome is Outcome.DELETED
    assert outcomes[sbom].outcome is Outcome.CASCADED
    assert outcomes[signature].outcome is Outcome.ALREADY_GONE


async def test_a_referrer_whose_absence_no_read_shows_counts_as_gone_along() -> None:
    """Of a long listing only the newest entries are read again: older ones vanish unseen."""
    registry = FakeRegistry(page=1)
    _, _, signature = push_family(registry)
    purge = Purge(registry)
    await purge.plan()
    registry.remove("shop", signature)
    assert (await purge.all())[signature].outcome is Outcome.CASCADED


async def family_with_a_signature(registry: FakeRegistry) -> tuple[Purge, Digest, TagName]:
    """Plan for a subject with two referrers, one of which has a locked tag: it signs the other."""
    registry.push("shop", "young")
    subject = registry.push("shop", at=OLD)
    signed = registry.push("shop", body=Body((), subject), at=OLD)
    signature = registry.push("shop", body=Body((), subject), at=Instant(OLD + 1))
    name = TagName(signed.replace(":", "-") + ".sig")
    registry.tag("shop", name, signature, at=OLD, lock=DELETE_LOCKED)
    line = "acr purge --filter '.*:.*' --ago 10d --untagged --include-locked"
    purge = Purge(registry, load_policy(line))
    await purge.plan()
    return purge, signed, name


async def test_a_locked_signature_goes_with_the_family_that_it_signs_a_part_of() -> None:
    """Its tag waits for what it signs, which goes along with the same subject as its manifest."""
    registry = FakeRegistry()
    purge, _, name = await family_with_a_signature(registry)
    outcomes = await purge.all()
    assert name in outcomes
    assert [end for end in outcomes.values() if not end.outcome.is_gone] == []
    assert len(registry.repos[SHOP].manifests) == 1


async def test_such_a_signature_that_somebody_locks_otherwise_keeps_the_family() -> None:
    """The tag would go along, whatever its lock says by then."""
    registry = FakeRegistry()
    purge, _, name = await family_with_a_signature(registry)
    tags = registry.repos[SHOP].tags
    tags[name] = replace(tags[name], lock=Lock(write_enabled=False))
    outcomes = await purge.all()
    assert {end.outcome for end in outcomes.values()} == {Outcome.SKIPPED_CHANGED}
    assert name in registry.repos[SHOP].tags


async def test_a_signature_that_stayed_does_not_go_before_what_it_signs() -> None:
    """Each goes alone then: were the signature first, the other could stay without it."""
    registry = KeepingRegistry()
    purge, signed, name = await family_with_a_signature(registry)
    registry.fail("delete_manifest", Malformed("odd"), target=signed, times=None)
    outcomes = await purge.all()
    assert not outcomes[signed].outcome.is_gone
    assert signed in registry.repos[SHOP].manifests
    assert name in registry.repos[SHOP].tags
