"""Reading as little as possible judges like reading everything."""

from collections import Counter
from dataclasses import dataclass, replace

from hypothesis import given

from purge_core.judgement.decision import Decisions, Keep
from purge_core.judgement.reads import next_reads
from purge_core.judgement.reasons import SignatureOfUnlisted, Unknown
from purge_core.model import BodyState, Digest, Manifest, RepositorySnapshot
from purge_core.policies.policy import Policy
from tests.property.judged import judged
from tests.property.policies import policies
from tests.property.strategies import READABLE, repositories


class CountingReader:
    """Answers for a repository that is wholly known, and counts what it is asked."""

    def __init__(self, truth: RepositorySnapshot) -> None:
        """Stand for ``truth``."""
        self._truth = truth
        self.listings = 0
        self.bodies: Counter[Digest] = Counter()

    def manifests(self) -> tuple[Manifest, ...] | None:
        """List the manifests."""
        self.listings += 1
        return self._truth.manifests

    def body(self, digest: Digest) -> BodyState:
        """Read one body; one that is not there is an error of who asks."""
        self.bodies[digest] += 1
        return self._truth.bodies[digest]


@dataclass(frozen=True, slots=True)
class Little:
    """What was read of a repository, the judgement of that, and the reader that was asked."""

    snapshot: RepositorySnapshot
    decisions: Decisions
    reader: CountingReader


def read_little(truth: RepositorySnapshot, policy: Policy) -> Little:
    """Begin with the tags, and read what is asked for until nothing is."""
    there = {m.digest for m in truth.manifests or ()} | truth.bodies.keys()
    tags = tuple(tag for tag in truth.tags if tag.digest is None or tag.digest in there)
    reader = CountingReader(replace(truth, tags=tags))
    snapshot = RepositorySnapshot(truth.name, tags, in_use=truth.in_use)
    while True:
        decisions = judged(snapshot, policy)
        reads = next_reads(snapshot, policy, decisions)
        if not reads:
            return Little(snapshot, decisions, reader)
        if reads.manifests:
            snapshot = replace(snapshot, manifests=reader.manifests())
        bodies = {digest: reader.body(digest) for digest in reads.bodies}
        snapshot = replace(snapshot, bodies={**snapshot.bodies, **bodies})


@given(repositories(READABLE), policies())
def test_little_reading_deletes_the_same(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """The same goes, but for what only a listing of the manifests could tell.

    Without one, a signature whose image may be there stays, and a tag goes though its manifest
    would be missing from the listing; both as in ``acr purge``, which needs no listing either.
    """
    little = read_little(snapshot, policy)
    whole = judged(replace(snapshot, tags=little.snapshot.tags), policy)
    assert set(little.decisions.deleted_manifests) == set(whole.deleted_manifests)
    for tag in little.snapshot.tags:
        ours, full = little.decisions.tags[tag.name], whole.tags[tag.name]
        if type(ours) is not type(full):
            kept = ours if isinstance(ours, Keep) else full
            assert little.snapshot.manifests is None
            assert all(
                isinstance(reason, SignatureOfUnlisted) or reason == Unknown("manifest")
                for reason in kept.reasons
            )


@given(repositories(READABLE), policies())
def test_what_goes_goes_for_the_same_reasons(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """Whoever read less tells the same reasons of every manifest that goes."""
    little = read_little(snapshot, policy)
    whole = judged(replace(snapshot, tags=little.snapshot.tags), policy)
    for digest in little.decisions.deleted_manifests:
        assert little.decisions.manifests[digest] == whole.manifests[digest]


@given(repositories(READABLE), policies())
def test_nothing_is_read_twice(snapshot: RepositorySnapshot, policy: Policy) -> None:
    """One listing at most, and no body more than once."""
    reader = read_little(snapshot, policy).reader
    assert reader.listings <= 1
    assert all(count == 1 for count in reader.bodies.values())


@given(repositories(READABLE), policies())
def test_nothing_is_read_where_no_manifest_can_go(
    snapshot: RepositorySnapshot, policy: Policy
) -> None:
    """Where every manifest has a reason of its own to stay, no body is read."""
    tags = tuple(replace(tag, updated=None) for tag in snapshot.tags)
    timeless = tuple(replace(m, updated=None) for m in snapshot.manifests or ())
    little = read_little(replace(snapshot, tags=tags, manifests=timeless), policy)
    assert not little.reader.bodies
