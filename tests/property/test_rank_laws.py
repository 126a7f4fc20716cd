"""Who is among the newest, counted once more without the engine's help."""

import re

from hypothesis import given

from purge_core.instants import Instant
from purge_core.judgement.decision import Keep
from purge_core.judgement.reasons import Newest, Young
from purge_core.model import Body, Digest, RepositorySnapshot, Tag
from purge_core.policies.policy import Dialect, Policy, Rule, Target
from tests.property.judged import judged
from tests.property.policies import documents, policies
from tests.property.strategies import repositories


@given(repositories(), documents())
def test_the_newest_images_of_a_rule_stay(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """No tag goes while fewer than N other images of its rule are strictly newer."""
    decisions = judged(snapshot, policy)
    for rule in policy.rules:
        owned = [tag for tag in snapshot.tags if _counted_for(rule, tag, snapshot, policy)]
        newest: dict[Digest | None, Instant] = {}
        for tag in owned:
            if tag.digest is not None and tag.updated is not None:
                newest[tag.digest] = max(tag.updated, newest.get(tag.digest, tag.updated))
        for tag in owned:
            time = newest.get(tag.digest)
            if time and sum(other > time for other in newest.values()) < rule.keep_newest:
                assert isinstance(decisions.tags[tag.name], Keep)


@given(repositories(), policies())
def test_the_newest_untagged_stay_and_no_others(
    snapshot: RepositorySnapshot, policy: Policy
) -> None:
    """Among the newest is what fewer than N that count are newer than; nothing else is."""
    decisions = judged(snapshot, policy)
    ranks = {
        digest: [r for r in verdict.reasons if isinstance(r, Newest | Young)]
        for digest, verdict in decisions.manifests.items()
    }
    newest = {d for d, found in ranks.items() if any(isinstance(r, Newest) for r in found)}
    old = {d for d in newest if not any(isinstance(r, Young) for r in ranks[d])}
    roots = {d for d in decisions.deleted_manifests if _is_root(snapshot, policy, d)}
    for digest in newest | roots:
        time = _rank_time(snapshot, policy, digest, set())
        newer = sum(_rank_time(snapshot, policy, d, set()) > time for d in old | roots)
        assert policy.untagged is not None
        assert (newer < policy.untagged.keep_newest) == (digest in newest)


def _counted_for(rule: Rule, tag: Tag, snapshot: RepositorySnapshot, policy: Policy) -> bool:
    """Whether a rule owns a tag; those of cosign's scheme never take a slot."""
    first = next((r for r in policy.rules if r.matches(snapshot.name, tag.name)), None)
    signature = re.fullmatch(r"sha256-[0-9a-f]{64}\.(sig|att|sbom)", tag.name)
    return first is rule and signature is None


def _is_root(snapshot: RepositorySnapshot, policy: Policy, digest: Digest) -> bool:
    """Whether it counts among the untagged: by itself in the dialect, else as a root."""
    body = snapshot.bodies[digest]
    there = {m.digest for m in snapshot.manifests or ()} | {t.digest for t in snapshot.tags}
    if not isinstance(body, Body) or body.subject in there:
        return False
    if policy.dialect is Dialect.ACR_PURGE:
        return True
    wholes = [rule for rule in policy.rules if rule.target is Target.IMAGES]
    tagged = any(t.digest == digest for t in snapshot.tags) and bool(wholes)
    lists = (b.children for b in snapshot.bodies.values() if isinstance(b, Body))
    return not tagged and all(digest not in children for children in lists)


def _rank_time(
    snapshot: RepositorySnapshot, policy: Policy, digest: Digest, seen: set[Digest]
) -> Instant:
    """Give the newest time at or below a root; its own in the dialect."""
    seen.add(digest)
    listed = {m.digest: m.updated for m in snapshot.manifests or ()}
    own = listed.get(digest) or Instant(0)
    if policy.dialect is Dialect.ACR_PURGE:
        return own
    body = snapshot.bodies.get(digest)
    below = set(body.children) if isinstance(body, Body) else set()
    below |= {d for d, b in snapshot.bodies.items() if isinstance(b, Body) and b.subject == digest}
    times = [_rank_time(snapshot, policy, d, seen) for d in below & listed.keys() - seen]
    return max([own, *times])
