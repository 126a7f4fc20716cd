"""The judgement of a generated case, told in a few readable lines when its law fails."""

from collections.abc import Iterator

from hypothesis import note

from purge_core.instants import DAY, Instant
from purge_core.judgement.decision import Decisions, Delete
from purge_core.judgement.evaluate import evaluate
from purge_core.model import Body, Digest, Lock, RepositorySnapshot
from purge_core.policies.policy import Policy
from tests.builders import NOW


def judged(snapshot: RepositorySnapshot, policy: Policy, now: Instant = NOW) -> Decisions:
    """Evaluate, and tell what there is, what is wanted and what was decided."""
    decisions = evaluate(snapshot, policy, now)
    note("\n".join(_lines(snapshot, policy, decisions)))
    return decisions


def _lines(snapshot: RepositorySnapshot, policy: Policy, decisions: Decisions) -> Iterator[str]:
    yield f"repository {snapshot.name}, {policy.dialect.value}"
    for rule in policy.rules:
        texts = [f"{s.repositories.text}:{s.tags.text}" for s in rule.selectors]
        age = rule.older_than / DAY
        yield f"  {rule.name}: {texts} {age:g}d keep {rule.keep_newest} {rule.target.value}"
    yield f"  untagged: {policy.untagged}"
    for protection in policy.protect:
        yield f"  protect {protection.selector.tags.text}"
    for tag in snapshot.tags:
        target = f"{_short(tag.digest)} {_age(tag.updated)} {_lock(tag.lock)}"
        yield f"  tag {tag.name} -> {target}{_verdict(decisions.tags.get(tag.name))}"
    for m in snapshot.manifests or ():
        kind = (m.media_type or "no type").removeprefix("application/vnd.")
        names = f"{kind} {_age(m.updated)} {_lock(m.lock)}{list(m.tags)}"
        body = _body(snapshot, m.digest)
        verdict = _verdict(decisions.manifests.get(m.digest))
        yield f"  {_short(m.digest)} {names} {body}{verdict}"


def _short(digest: Digest | None) -> str:
    return "none" if digest is None else digest[7:11]


def _age(time: Instant | None) -> str:
    if time is None:
        return "no time"
    days, ticks = divmod(NOW - time + 2, DAY)
    return f"{days}d{ticks - 2:+d}"


def _lock(lock: Lock | None) -> str:
    if lock is None:
        return "lock? "
    return "locked " if lock.closed else ""


def _body(snapshot: RepositorySnapshot, digest: Digest) -> str:
    body = snapshot.bodies.get(digest)
    if not isinstance(body, Body):
        return f"({body})"
    lists = [_short(child) for child in body.children]
    return f"(lists {lists}, subject {_short(body.subject)})"


def _verdict(verdict: object) -> str:
    if verdict is None:
        return ""
    word = "DELETE" if isinstance(verdict, Delete) else "keep"
    codes = [reason.code for reason in getattr(verdict, "reasons", ())]
    return f" => {word} {codes}"
