"""The engine's work, counted: calls of functions, in Python and below, whatever the machine."""

import sys
from types import FrameType
from typing import Final

from bench.engine import POLICIES, one_tag_per_image
from bench.table import print_table
from purge_core.instants import TICKS_PER_SECOND, Instant
from purge_core.judgement.evaluate import evaluate
from purge_core.judgement.reads import next_reads
from purge_core.model import RepositorySnapshot
from purge_core.plans.planner import make_plan
from purge_core.policies.source import load_policy

SIZES: Final = (10_000, 100_000)
LIMIT: Final = 12.0
"""So many times the calls are allowed for ten times the manifests."""
_NOW: Final = Instant(2 * 10**9 * TICKS_PER_SECOND)


def measure() -> None:
    """Count and print; ends with an error when the work grows faster than it may."""
    rows, excess = [], []
    for name in POLICIES:
        few, many = (calls(one_tag_per_image(size), POLICIES[name], _NOW) for size in SIZES)
        rows.append((name, f"{few:,}", f"{many:,}", f"{many / few:.2f}"))
        if many > LIMIT * few:
            excess.append(name)
    heads = ("policy", *(f"{size:,} manifests" for size in SIZES), "growth")
    print_table(f"Calls to judge and plan (growth at most {LIMIT:.0f})", heads, rows)
    if excess:
        raise SystemExit(f"the work grows too fast: {', '.join(excess)}")


def calls(snapshot: RepositorySnapshot, text: str, now: Instant) -> int:
    """Count the calls of Python and C functions that a judgement and its plan take."""
    policy = load_policy(text)
    count = 0

    def counting(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counting)
    try:
        decisions = evaluate(snapshot, policy, now)
        next_reads(snapshot, policy, decisions)
        make_plan(snapshot, policy, decisions)
    finally:
        sys.setprofile(None)
    return count
