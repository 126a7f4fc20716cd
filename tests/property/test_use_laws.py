"""What is in use stays, with all that belongs to it, and more in use never deletes more."""

import asyncio
from dataclasses import replace

from hypothesis import assume, given, note
from hypothesis import strategies as st

from purge_core.execution.usage import steps_in_use
from purge_core.judgement.decision import Decisions, Keep
from purge_core.judgement.reasons import ListedByReferrer
from purge_core.model import Body, Digest, RepositorySnapshot, TagName, UsedNames
from purge_core.plans.steps import Target, target_of
from purge_core.policies.policy import Policy
from purge_core.records.outcomes import Outcome
from purge_core.used_images import UsedImages
from tests.builders import NOW
from tests.fakes import FakeRegistry
from tests.property.judged import judged
from tests.property.policies import policies
from tests.property.strategies import DIGESTS, HONEST, READABLE, repositories
from tests.property.test_reads_laws import read_little
from tests.purges import Purge
from tests.truth import after, with_referrers

Picks = list[int]
picks = st.lists(st.integers(0, 15), max_size=3, unique=True)


def _used(snapshot: RepositorySnapshot, picked: Picks) -> UsedNames:
    """Say that something runs these tags and digests; some numbers stand for none."""
    names: list[Target] = [tag.name for tag in snapshot.tags]
    names += [manifest.digest for manifest in snapshot.manifests or ()]
    names += [TagName("none"), DIGESTS[-1]]
    chosen = [names[n] for n in picked if n < len(names)]
    return {name: f"contoso.azurecr.io/shop {name[:12]}" for name in chosen}


def _deleted(decisions: Decisions) -> frozenset[str]:
    return frozenset((*decisions.deleted_tags, *decisions.deleted_manifests))


def _named(snapshot: RepositorySnapshot) -> set[Digest]:
    """Find the manifests that are in use: what is named, and every index that lists it."""
    used = snapshot.in_use
    listed = {manifest.digest for manifest in snapshot.manifests or ()}
    there = _there(snapshot)
    found = {Digest(name) for name in used if name in there}
    found |= {t.digest for t in snapshot.tags if t.name in used and t.digest is not None}
    while True:
        above = {
            index
            for index, body in snapshot.bodies.items()
            if index in there and isinstance(body, Body) and found & listed & set(body.children)
        }
        if above <= found:
            return found
        found |= above


def _unguarded(policy: Policy) -> Policy:
    """Let no guard refuse a plan."""
    rules = tuple(replace(rule, allow_empty=True) for rule in policy.rules)
    return replace(policy, rules=rules, limits=None)


def _there(snapshot: RepositorySnapshot) -> set[Digest]:
    """Find all manifests that the listings or a tag show."""
    listed = {manifest.digest for manifest in snapshot.manifests or ()}
    return listed | {t.digest for t in snapshot.tags if t.digest is not None}


def _below(snapshot: RepositorySnapshot, digests: set[Digest]) -> set[Digest]:
    """Add all that these list, at any depth."""
    found, work = set(digests), list(digests)
    while work:
        body = snapshot.bodies.get(work.pop())
        more = set(body.children) - found if isinstance(body, Body) else set()
        found |= more
        work.extend(more)
    return found


@given(repositories(), policies(), picks)
def test_what_is_in_use_stays_whole(
    snapshot: RepositorySnapshot, policy: Policy, picked: Picks
) -> None:
    """The named, its tags, the indexes above it, all they list, and all that refers to these."""
    used = _used(snapshot, picked)
    snapshot = replace(snapshot, in_use=used)
    decisions = judged(snapshot, policy)
    named = _named(snapshot)
    whole = _below(snapshot, named) & _there(snapshot)
    stays = whole | with_referrers(snapshot, whole)
    assert not stays & set(decisions.deleted_manifests)
    for tag in snapshot.tags:
        if tag.name in used or tag.digest in named:
            assert isinstance(decisions.tags[tag.name], Keep)


@given(repositories(), policies(), picks, st.integers(0, 15))
def test_one_more_in_use_never_deletes_more(
    snapshot: RepositorySnapshot, policy: Policy, picked: Picks, more: int
) -> None:
    """A longer list only ever takes from what is deleted."""
    fewer = replace(snapshot, in_use=_used(snapshot, picked))
    longer = replace(snapshot, in_use=_used(snapshot, [*picked, more]))
    assert _deleted(judged(longer, policy)) <= _deleted(judged(fewer, policy))


@given(repositories(), policies(), picks)
def test_what_is_left_beside_what_is_in_use_stays(
    snapshot: RepositorySnapshot, policy: Policy, picked: Picks
) -> None:
    """Carried out, nothing is left to be deleted while the same is in use."""
    used = _used(snapshot, picked)
    pointing = {t.name: t.digest for t in snapshot.tags}
    manifests = tuple(
        replace(m, tags=tuple(n for n in m.tags if pointing.get(n, m.digest) == m.digest))
        for m in snapshot.manifests or ()
    )
    snapshot = replace(snapshot, manifests=manifests, in_use=used)
    decisions = judged(snapshot, policy)
    reasons = [reason for v in decisions.manifests.values() for reason in v.reasons]
    assume(not any(isinstance(reason, ListedByReferrer) for reason in reasons))
    left = after(snapshot, decisions.deleted_tags, decisions.deleted_manifests)
    assert not _deleted(judged(replace(left, in_use=used), policy))


@given(repositories(READABLE), policies(), picks)
def test_little_reading_keeps_what_is_in_use(
    snapshot: RepositorySnapshot, policy: Policy, picked: Picks
) -> None:
    """Whoever reads only what is asked for deletes none of what all bodies show to be in use."""
    used = _used(snapshot, picked)
    little = read_little(replace(snapshot, in_use=used), policy)
    whole = judged(replace(snapshot, tags=little.snapshot.tags, in_use=used), policy)
    assert set(little.decisions.deleted_manifests) == set(whole.deleted_manifests)
    named = _named(replace(snapshot, tags=little.snapshot.tags, in_use=used))
    for tag in little.snapshot.tags:
        if tag.name in used or tag.digest in named:
            assert isinstance(little.decisions.tags[tag.name], Keep)


@given(repositories(HONEST), policies(), picks)
def test_a_stored_plan_spares_what_came_into_use(
    snapshot: RepositorySnapshot, policy: Policy, picked: Picks
) -> None:
    """Nothing named since, and no index in the plan above it, is deleted; the rest is."""
    used = _used(snapshot, picked)
    policy = _unguarded(policy)
    registry = FakeRegistry(snapshot, now=NOW)
    purge = Purge(registry, policy, now=NOW, stored=True)

    async def work() -> dict[Target, Outcome]:
        plans = [r.plan for r in await purge.plan() if r.plan is not None]
        held = {target for plan in plans for target in steps_in_use(plan, used)}
        note(f"held {held}")
        purge.used = UsedImages({snapshot.name: used})
        ends = {name: end.outcome for name, end in (await purge.all()).items()}
        assert not any(ends[name].is_gone for name in held if name in ends)
        steps = {target_of(step) for plan in plans for step in plan.steps}
        assert held or all(ends[name].is_gone for name in steps if name in ends)
        return ends

    ends = asyncio.run(work())
    there = registry.snapshot(snapshot.name)
    left = replace(there, in_use=used) if there is not None else None
    names = {t.name for t in left.tags} | {m.digest for m in left.manifests or ()} if left else {}
    before = {t.name for t in snapshot.tags} | {m.digest for m in snapshot.manifests or ()}
    assert {name for name in used if name in before} <= set(names), ends
