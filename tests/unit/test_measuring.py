"""What a purge frees exactly: only what nothing else needs, and nothing that is not known."""

import asyncio
import json
from dataclasses import replace

import jsonschema
import pytest

from purge_core.adapters.acr_parts import parts_of
from purge_core.errors import AccessDenied
from purge_core.measuring import Gauge, gone_manifests, measure
from purge_core.model import Digest, RepositoryName, Unread
from purge_core.planning import plan_repositories
from purge_core.policies.policy import Limits, Policy
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome, StepOutcome
from purge_core.records.results import Exact, RunResult, State
from purge_core.report.run_document import write_run
from purge_core.report.run_schema import run_schema
from purge_core.report.summary import Report
from purge_core.run import carry_out
from purge_core.sizes import Blob
from tests.builders import NOW, Made, days, image, index, repository
from tests.unit.parted import APP, BASE, FAR, KEPT, OLD, OLDER, OTHER, OWN, Parted, stage
from tests.unit.planned import POLICY, Deaf, order


async def gauged(registry: Parted, policy: Policy = POLICY) -> tuple[Gauge, RunResult, list[int]]:
    """Plan and measure."""
    run = replace(order(policy), repositories=(RepositoryName("shop"),))
    told: list[int] = []
    planned = await plan_repositories(registry, run, Deaf())
    gauge = await measure(registry, planned, 4, told.append)
    return gauge, await carry_out(registry, run, planned, Deaf(), asyncio.Event()), told


async def exact(registry: Parted, policy: Policy = POLICY) -> Exact:
    """Say what a plan frees."""
    gauge, result, _ = await gauged(registry, policy)
    return gauge.exact(set(gone_manifests(result, Mode.PLAN)))


async def test_a_part_counts_once() -> None:
    """Two images that go share a layer: it is freed once."""
    found = await exact(stage(old=(BASE, APP), older=(BASE,)))
    assert found == Exact(1_000 + 20 + 2 * OWN, manifests=4, unread=0)


@pytest.mark.parametrize("name", ["kept", "far"])
async def test_what_stays_keeps_its_parts(name: str) -> None:
    """Wherever it is: in the repository, or in one that the run is not about."""
    found = await exact(stage(old=(BASE, APP), older=(BASE,), **{name: (BASE,)}))
    assert found.bytes == 20 + 2 * OWN


async def test_the_same_manifest_elsewhere() -> None:
    """A manifest that another repository has as well frees nothing."""
    registry = Parted(
        repository("shop", OLD, KEPT), repository("lab", OLD), layers={OLD.digest: (APP,)}
    )
    assert (await exact(registry)).bytes == 0


async def test_an_index_that_stays_is_not_read() -> None:
    """It keeps nothing but itself; what it lists is listed, too."""
    multi = index("multi", image("amd"), tags=["latest"])
    registry = Parted(repository("shop", OLD, KEPT), repository("lab", multi), layers={})
    gauge, _, told = await gauged(registry)
    assert multi.digest not in registry.asked
    assert told == [3]
    assert gauge.looked_at == 3


async def test_nothing_to_delete_reads_nothing() -> None:
    """No listing and no manifest."""
    registry = Parted(repository("shop", KEPT), layers={})
    gauge, _, told = await gauged(registry)
    assert (registry.asked, told, gauge.exact(())) == ([], [0], Exact(0, 0, 0))


@pytest.mark.parametrize("made", [OLD, FAR], ids=["goes", "stays"])
async def test_what_cannot_be_read_leaves_it_unknown(made: Made) -> None:
    """It may need anything; no number is better than a wrong one."""
    registry = stage(old=(BASE,))
    registry.unread[made.digest] = Unread.FAILED
    assert await exact(registry) == Exact(None, manifests=4, unread=1)


async def test_what_went_meanwhile_needs_nothing() -> None:
    """A manifest that is gone by now neither keeps nor frees."""
    registry = stage(old=(BASE,), older=(APP,), far=(BASE,))
    registry.unread = dict.fromkeys((FAR.digest, OLDER.digest), Unread.GONE)
    assert (await exact(registry)).bytes == 1_000 + OWN


@pytest.mark.parametrize("method", ["manifests", "repositories"])
async def test_a_listing_that_fails_leaves_it_unknown(method: str) -> None:
    """Nothing else is held up by it."""
    registry = stage(old=(BASE,))
    registry.fail(method, AccessDenied("no"), repository="lab" if method == "manifests" else None)
    found = await exact(registry)
    assert (found.bytes, found.unread) == (None, 1)


async def test_a_size_that_nobody_tells() -> None:
    """Docker's oldest form has none: unknown if it goes, no matter if it stays."""
    registry = stage(old=(BASE, OTHER), far=(BASE,))
    registry.sizes[BASE] = None
    assert (await exact(registry)).bytes == 300 + 2 * OWN
    registry.layers.pop(FAR.digest)
    assert (await exact(registry)).bytes is None


async def test_what_did_not_go_after_all() -> None:
    """After a purge only what went counts, and what was left keeps what it needs."""
    registry = stage(old=(BASE, APP), older=(BASE, OTHER))
    gauge, planned, _ = await gauged(registry)
    (shop,) = planned.repositories
    assert shop.plan is not None
    steps = {step.digest: step for step in shop.plan.steps if not hasattr(step, "tag")}
    outcomes = (
        StepOutcome(steps[OLD.digest], Outcome.DELETED),
        StepOutcome(steps[OLDER.digest], Outcome.SKIPPED_CHANGED),
    )
    done = replace(planned, repositories=(replace(shop, state=State.PURGED, outcomes=outcomes),))
    assert gauge.exact(set(gone_manifests(done, Mode.PURGE))).bytes == 20 + OWN


async def test_a_refused_or_held_run_frees_nothing() -> None:
    """Nothing goes, so nothing is freed."""
    held = replace(POLICY, limits=Limits(max_deletions=1, max_delete_share=1.0))
    assert (await exact(stage(old=(BASE,)), held)).bytes == 0
    refused = replace(POLICY, limits=Limits(max_delete_share=0.0))
    registry = Parted(
        repository("shop", *(image(f"{n}", tags=[f"v{n}"], age=days(40)) for n in range(12))),
        layers={},
    )
    assert await exact(registry, refused) == Exact(0, 0, 0)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Exact(2_048, 12, 0), "Exactly 2.0 KiB: what nothing in the registry needs any more (12"),
        (Exact(None, 12, 3), "How much exactly is not known: 3 of the manifests or repositories"),
        (Exact(None, 1, 0), "How much exactly is not known: a size is told nowhere."),
    ],
)
def test_report(found: Exact, said: str) -> None:
    """In words, and in the document, beside the upper bound."""
    run = RunResult("contoso", POLICY, NOW, (), exact=found)
    assert said in " ".join(Report.of(run, Mode.PLAN).lines())
    document = json.loads("".join(write_run(run, Mode.PLAN)))
    jsonschema.validate(document, run_schema())
    assert document["exact"]["bytes"] == found.bytes
    assert document["totals"]["frees_at_most"] == 0


DIGEST = Digest("sha256:" + "0" * 64)


@pytest.mark.parametrize(
    ("document", "blobs"),
    [
        ({"config": {"digest": "c", "size": 1}, "layers": [{"digest": "l", "size": 2}]}, "c1 l2"),
        ({"blobs": [{"digest": "b", "size": 3}]}, "b3"),
        ({"layers": [{"digest": "l", "size": 2, "urls": ["https://elsewhere"]}]}, ""),
        ({"layers": [{"digest": "l", "size": -1}, {"digest": "m", "size": True}]}, "lNone mNone"),
        ({"fsLayers": [{"blobSum": "f"}]}, "fNone"),
        ({"manifests": [{"digest": "m", "size": 9}]}, ""),
        ({"config": 1, "layers": {}, "blobs": [1], "fsLayers": [None]}, ""),
        ([], ""),
    ],
)
def test_parts(document: object, blobs: str) -> None:
    """Of every form of manifest, and nothing of what is none."""
    content = json.dumps(document).encode()
    itself, *others = parts_of(DIGEST, content).blobs
    assert itself == Blob(DIGEST, len(content))
    assert " ".join(f"{blob.digest}{blob.size}" for blob in others) == blobs


def test_what_is_no_json_has_no_parts() -> None:
    """Whatever it is, it takes its own bytes."""
    assert parts_of(DIGEST, b"\xff{").blobs == (Blob(DIGEST, 2),)
