"""The deletions that the bench reckons `acr purge` with are those of the model of that program."""

from itertools import pairwise

import pytest

from acr_emulator.generate import Shape, Size, generate
from acr_emulator.repository import Repository as Place
from bench.acr import Purge, Repository
from bench.cases import CASES, Case
from bench.requests import CASES as SMALL
from purge_core.adapters.acr_read import body_of
from purge_core.durations import parse_duration
from purge_core.instants import Instant
from purge_core.model import Digest, Manifest, RepositoryName, RepositorySnapshot, Tag, TagName
from tests.builders import NOW
from tests.parity.acr_purge_model import Flags, acr_purge


def snapshot(place: Place) -> RepositorySnapshot:
    """Return a generated repository as the model takes it."""
    tags = tuple(
        Tag(TagName(t.name), Digest(t.digest), Instant(t.updated)) for t in place.tags.values()
    )
    bodies = {Digest(d): body_of(m.body) for d, m in place.manifests.items()}
    manifests = tuple(
        Manifest(
            Digest(m.digest),
            m.media_type,
            Instant(m.updated),
            tuple(t.name for t in tags if t.digest == m.digest),
        )
        for m in place.manifests.values()
    )
    return RepositorySnapshot(RepositoryName(place.name), tags, manifests, bodies)


def generated(case: Case) -> RepositorySnapshot:
    """Return one of the repositories of a case."""
    given = dict(pairwise(case.registry))
    number = int(given.get("--repositories", "1"))
    size = Size(
        tags=int(given["--tags"]) // number,
        oldest=parse_duration(given.get("--oldest", "730d")),
        newest=parse_duration(given.get("--newest", "0d")),
    )
    registry = generate(Shape(given["--generate"]), seed=0, size=size, now=NOW)
    (place,) = registry.repositories.values()
    return snapshot(place)


def flags_of(case: Case) -> Flags:
    """Return the flags of a case as the model takes them."""
    given = dict(pairwise(case.flags))
    return Flags(
        filters=(given["--filter"],) if "--filter" in given else (),
        ago=given["--ago"],
        untagged="--untagged" in case.flags,
        untagged_only="--untagged-only" in case.flags,
    )


@pytest.mark.parametrize("name", CASES)
def test_deletions_of_a_case(name: str) -> None:
    """What is there, and how many DELETEs the model sends for it."""
    case = CASES[name]
    there, each = generated(case), case.acr.each
    assert (len(there.tags), len(there.manifests or ())) == (each.tags, each.manifests)
    purged = acr_purge(there, flags_of(case), NOW)
    assert purged.error is None
    assert (len(purged.tags), len(purged.asked)) == (each.tags_going, each.going)
    assert case.acr.deletes == case.acr.repositories * (len(purged.tags) + len(purged.asked))


def test_requests_are_those_that_were_measured() -> None:
    """The formula, on registries on which the binary was counted."""
    images = Purge(1, Repository(tags=250, tags_going=250, manifests=250, going=250, read=250))
    assert images.requests == 2 + 3 + 4 + 250 + 250 + 250
    three_tags = Purge(1, Repository(tags=300, tags_going=300, manifests=100, going=100, read=100))
    assert three_tags.requests == 2 + 3 + 2 + 100 + 300 + 100 == SMALL[0].acr_purge
    nothing = Purge(250, Repository(tags=0, tags_going=0, manifests=0, going=0, read=0))
    assert nothing.deletes == 0
