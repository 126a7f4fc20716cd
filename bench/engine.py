"""Time and memory of the engine alone, on one repository with a tag per image.

Every size runs in a process of its own, so that its peak of memory is its own.
"""

import gc
import hashlib
import json
import resource
import subprocess
import sys
import time
from typing import Final

from bench.table import print_table
from purge_core.instants import TICKS_PER_SECOND, Instant
from purge_core.judgement.evaluate import evaluate
from purge_core.model import (
    OPEN,
    PLAIN_BODY,
    Body,
    Digest,
    Manifest,
    RepositoryName,
    RepositorySnapshot,
    Tag,
    TagName,
)
from purge_core.plans.planner import make_plan
from purge_core.policies.source import load_policy

_SIZES: Final = (100_000, 1_000_000)
_MEDIA_TYPE: Final = "application/vnd.oci.image.manifest.v1+json"
POLICIES: Final = {
    "acr purge": "acr purge --filter '.*:.*' --ago 1d --keep 10 --untagged",
    "document": json.dumps(
        {
            "version": 1,
            "rules": [{"repositories": ".*", "tags": "b.*", "older_than": "1d", "keep_newest": 10}],
            "untagged": {"older_than": "1d", "keep_newest": 2},
        }
    ),
}


def measure() -> None:
    """Run every policy at every size and print how time and memory grow."""
    rows = []
    for name in POLICIES:
        small, large = (_in_own_process(name, size) for size in _SIZES)
        rows.append(
            (
                name,
                f"{small['seconds']:.1f} s",
                f"{large['seconds']:.1f} s",
                f"{large['seconds'] / small['seconds']:.1f}",
                f"{large['peak_mib']:.0f} MiB",
            )
        )
    heads = ("policy", "100,000", "1,000,000", "growth", "peak at 1,000,000")
    print_table("Evaluate and plan: tags, each on its own manifest", heads, rows)


def _in_own_process(policy: str, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.engine", policy, str(size)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    figures: dict[str, float] = json.loads(output)
    return figures


def _one(policy_name: str, size: int) -> dict[str, float]:
    policy = load_policy(POLICIES[policy_name])
    snapshot = one_tag_per_image(size)
    gc.freeze()  # what a caller holds already is not the engine's to look through
    now = Instant(2 * 10**9 * TICKS_PER_SECOND)
    start = time.process_time()
    decisions = evaluate(snapshot, policy, now)
    plan = make_plan(snapshot, policy, decisions)
    seconds = time.process_time() - start
    if plan.deletions < size:
        raise AssertionError(f"only {plan.deletions} deletions were planned")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mib": peak}


def one_tag_per_image(size: int) -> RepositorySnapshot:
    """Make a repository of so many images, all old, whose bodies have been read."""
    tags: list[Tag] = []
    manifests: list[Manifest] = []
    bodies: dict[Digest, Body] = {}
    for number in range(size):
        digest = Digest(f"sha256:{hashlib.sha256(str(number).encode()).hexdigest()}")
        name, updated = TagName(f"build-{number:07d}"), Instant(10**16 + number)
        tags.append(Tag(name, digest, updated))
        manifests.append(Manifest(digest, _MEDIA_TYPE, updated, (name,), OPEN, 5_000 + number))
        bodies[digest] = PLAIN_BODY
    return RepositorySnapshot(RepositoryName("app"), tuple(tags), tuple(manifests), bodies)


if __name__ == "__main__":
    print(json.dumps(_one(sys.argv[1], int(sys.argv[2]))))
