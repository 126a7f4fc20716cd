"""The look back finds all that is missing, blames a run for nothing that it did not do."""

import asyncio
from dataclasses import dataclass, replace

from hypothesis import assume, given
from hypothesis import strategies as st

from purge_core.judgement.references import signed_image
from purge_core.model import Body, Digest, RepositorySnapshot
from purge_core.plans.steps import TagStep
from purge_core.policies.policy import Policy
from purge_core.records.losses import Bond, Cause, Check, Past, past_of
from purge_core.records.results import State
from purge_core.verifying import Look
from tests.builders import NOW
from tests.fakes import FakeRegistry
from tests.property.policies import policies
from tests.property.strategies import HONEST, repositories
from tests.purges import EVERYTHING, LOCKED_TOO, Purge

WANTED = st.one_of(st.sampled_from((EVERYTHING, LOCKED_TOO)), policies())


@dataclass(frozen=True, slots=True)
class Done:
    """A purge in peace: what was there, what is, and what is known of both."""

    before: RepositorySnapshot
    registry: FakeRegistry
    past: Past

    def look(self) -> Check:
        """Look back, knowing nothing but the past."""
        return asyncio.run(Look(self.before.name, self.past).at(self.registry))

    @property
    def left(self) -> RepositorySnapshot:
        """What is there now."""
        found = self.registry.snapshot(self.before.name)
        assume(found is not None)
        assert found is not None
        return found

    def lose(self, digest: Digest) -> None:
        """Make one manifest vanish, and nothing else."""
        repo = self.registry.repos[self.before.name]
        del repo.manifests[digest], repo.bodies[digest]


async def _purged(before: RepositorySnapshot, policy: Policy) -> Done:
    registry = FakeRegistry(before, now=NOW)
    purge = Purge(registry, policy, NOW)
    planned = [each for each in await purge.plan() if each.plan is not None]
    assume(planned)
    purge.planned = tuple(replace(each, state=State.PLANNED) for each in planned)
    (result,) = await purge.carry_out()
    ends = [end for end in result.outcomes if end.outcome.is_deleted]
    deleted = [end.step.digest for end in ends if not isinstance(end.step, TagStep)]
    return Done(before, registry, past_of(before, deleted))


def purged(before: RepositorySnapshot, policy: Policy) -> Done:
    """Plan and carry out, in peace; guards are not asked."""
    return asyncio.run(_purged(before, policy))


def edges(snapshot: RepositorySnapshot) -> set[tuple[Bond, Digest, Digest]]:
    """Return what names what, from the one that may stay to the one that may be missing."""
    there = {manifest.digest for manifest in snapshot.manifests or ()}
    found: set[tuple[Bond, Digest, Digest]] = set()
    for digest, body in snapshot.bodies.items():
        if digest in there and isinstance(body, Body):
            found |= {(Bond.CHILD, digest, child) for child in body.children}
            if body.subject is not None:
                found.add((Bond.REFERRER, body.subject, digest))
    for tag in snapshot.tags:
        image = signed_image(tag.name)
        own = {h for _, h, d in found if d == tag.digest and h != image}
        if image is not None and tag.digest in there and not own:
            found.add((Bond.REFERRER, image, tag.digest))
    return found


@given(repositories(HONEST, least=1), WANTED)
def test_a_purge_breaks_nothing_that_stays(before: RepositorySnapshot, policy: Policy) -> None:
    """Whatever is missing afterwards was missing before."""
    check = purged(before, policy).look()
    listed = {manifest.digest for manifest in before.manifests or ()}
    assert {loss.cause for loss in check.losses} <= {Cause.BEFORE}
    assert not listed & {loss.missing for loss in check.losses}
    assert not check.is_trouble


@given(repositories(HONEST, least=1), WANTED, st.data())
def test_what_vanishes_is_always_found(
    before: RepositorySnapshot, policy: Policy, data: st.DataObject
) -> None:
    """A manifest that something listed, or that referred to something that is there."""
    done = purged(before, policy)
    there = {manifest.digest for manifest in done.left.manifests or ()}
    held = sorted(
        (holder, missing, bond.value)
        for bond, holder, missing in edges(done.left)
        if holder in there and missing in there and holder != missing
    )
    assume(held)
    holder, missing, bond = data.draw(st.sampled_from(held))
    done.lose(missing)
    assume(bond == Bond.CHILD.value or done.past.subjects.get(missing) == holder)
    found = {(x.holder, x.missing, x.bond.value): x.cause for x in done.look().losses}
    assert found[holder, missing, bond] is Cause.OTHERS


@given(repositories(HONEST, least=1), WANTED, st.data())
def test_what_the_run_took_and_is_needed_is_its_damage(
    before: RepositorySnapshot, policy: Policy, data: st.DataObject
) -> None:
    """An index that somebody pushes afterwards, with a child that this run deleted."""
    done = purged(before, policy)
    assume(done.past.deleted)
    child = data.draw(st.sampled_from(sorted(done.past.deleted)))
    index = "application/vnd.oci.image.index.v1+json"
    done.registry.push(before.name, "late", media_type=index, body=Body(children=(child,)))
    check = done.look()
    assert child in {x.missing for x in check.losses if x.cause is Cause.THIS_RUN}
    assert check.is_damage


@given(repositories(HONEST, least=1), WANTED)
def test_every_loss_is_true(before: RepositorySnapshot, policy: Policy) -> None:
    """The holder is there, names what is missing or was named by it, and that is not there."""
    done = purged(before, policy)
    check = done.look()
    assume(check.losses)
    there = {manifest.digest for manifest in done.left.manifests or ()}
    for loss in check.losses:
        assert loss.holder in there
        assert loss.missing not in there
        if loss.bond is Bond.CHILD:
            assert (loss.bond, loss.holder, loss.missing) in edges(done.left)
