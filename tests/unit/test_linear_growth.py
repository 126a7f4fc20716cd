"""The engine's work grows with what there is, not with its square."""

from collections.abc import Callable

import pytest

from bench.operations import LIMIT, calls
from purge_core.model import RepositorySnapshot
from tests.builders import NOW, Made, image, index, referrer, repository, signature

SMALL = 100
TIMES = 10

POLICIES = (
    "acr purge --filter '.*:.*' --ago 1d --keep 3 --untagged",
    (
        "{version: 1, rules: [{repositories: '.*', tags: 'v.*', older_than: 1d, keep_newest: 3, "
        "target: images}], untagged: {older_than: 1d, keep_newest: 3}}"
    ),
)


def flat(size: int) -> RepositorySnapshot:
    """Return images of one tag each."""
    return repository("app", *(image(f"i{n}", tags=[f"v{n}"]) for n in range(size)))


def indexes(size: int) -> RepositorySnapshot:
    """Return indexes that share one child and have one of their own."""
    shared = image("shared")
    made = (index(f"x{n}", shared, image(f"c{n}"), tags=[f"v{n}"]) for n in range(size // 2))
    return repository("app", *made)


def referrers(size: int) -> RepositorySnapshot:
    """Return one image with very many referrers, and others with a signature each."""
    subject = image("subject", tags=["v"])
    signed = [image(f"s{n}", tags=[f"v{n}"]) for n in range(size // 4)]
    many = (referrer(subject, f"r{n}") for n in range(size // 2))
    return repository("app", *many, *signed, *map(signature, signed))


def tower(size: int) -> RepositorySnapshot:
    """Return an index in an index in an index: one long chain."""
    top: Made = image("ground")
    chain = [top]
    for n in range(size):
        top = index(f"t{n}", top)
        chain.append(top)
    snapshot = repository("app", *chain[:1])
    bodies = {made.digest: made.body for made in chain}
    manifests = tuple(made.manifest for made in chain)
    return RepositorySnapshot(snapshot.name, (), manifests, bodies)


def many_tags(size: int) -> RepositorySnapshot:
    """Return one image that has all the tags."""
    return repository("app", image("one", tags=[f"v{n}" for n in range(size)]))


@pytest.mark.parametrize("policy", POLICIES, ids=("acr-purge", "document"))
@pytest.mark.parametrize("shape", [flat, indexes, referrers, tower, many_tags])
def test_calls_grow_with_the_size(shape: Callable[[int], RepositorySnapshot], policy: str) -> None:
    """Ten times the tags and manifests cost at most twelve times the calls, in every shape."""
    few = calls(shape(SMALL), policy, NOW)
    many = calls(shape(SMALL * TIMES), policy, NOW)
    assert many <= LIMIT * few
