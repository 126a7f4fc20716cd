"""Notices for tests, made of records as a store gives them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from purge_core.instants import parse_instant
from purge_core.judgement.guards import ShareExceeded, TooManyDeletions
from purge_core.model import RepositoryName
from purge_core.notices.notice import Notice, notice_of
from purge_core.records.journal import Mode, RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.store_records import (
    OutcomeCount,
    PlanSeal,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    RunState,
    Totals,
    Trigger,
)

RUN: Final = RunId("20261121T010000.000Z-3f9a1c2b4d")
BEGAN: Final = parse_instant("2026-11-21T01:00:00Z")
ENDED: Final = parse_instant("2026-11-21T01:07:30Z")
GIB: Final = 1024**3
SEAL: Final = PlanSeal("policy", "snapshot", None, None, lists_manifests=True, fingerprint="f")

HOSTILE: Final = (
    "<script>alert(1)</script>",
    "<!channel> <@U123> <https://evil.example|here>",
    "a & b &amp; c",
    "`code` *bold* _it_ ~no~ :joy:",
    "[here](https://evil.example) **bold** {{DATE(2026-11-21T00:00:00Z, SHORT)}} {{{{x}}}}",
    'quote " and \\ back',
    "two\nlines\r\n\ttab",
    "right\u202eleft \u2066mark\u2069 zero\u200bwidth",
    "bell\x07 nul\x00 esc\x1b[31m",
    "lone \ud800 surrogate",
    "x" * 5_000,
    "\u65e5\u672c" * 2_000,
    "=cmd()",
)
"""Names and errors that a chat could take for something else than text."""


def run(state: RunState = RunState.DONE, **changes: object) -> RunRecord:
    """Return a run that ended."""
    made = RunRecord(
        id=RUN,
        registry="contoso.azurecr.io",
        mode=Mode.PURGE,
        state=state,
        policy="{}",
        policy_name="default",
        now=BEGAN,
        trigger=Trigger.TIMER,
        created=BEGAN,
        updated=ENDED,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def record(name: str = "shop/web", **changes: object) -> RepositoryRecord:
    """Return a repository that was purged."""
    made = RepositoryRecord(
        run=RUN,
        repository=RepositoryName(name),
        state=RepositoryState.DONE,
        updated=ENDED,
        totals=Totals(30, 20, 12, 8, 8, 4 * GIB),
        outcomes=(OutcomeCount(Outcome.DELETED, 8, 12, 8, 4 * GIB),),
        seal=SEAL,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def refused(name: str = "shop/api") -> RepositoryRecord:
    """Return a repository that a guard refused."""
    why = ShareExceeded(RepositoryName(name), "tags", 9, 10, 0.5)
    return record(name, state=RepositoryState.REFUSED, outcomes=(), seal=None, refusals=(why,))


def failed(name: str = "shop/cart", error: str = "the registry answers 503") -> RepositoryRecord:
    """Return a repository that could not be read."""
    return record(name, state=RepositoryState.FAILED, outcomes=(), seal=None, error=error)


def notice(
    records: Sequence[RepositoryRecord] = (record(),), state: RunState = RunState.DONE
) -> Notice:
    """Return what is told of a run with these repositories."""
    return notice_of(run(state), records)


def held_notice() -> Notice:
    """Return what is told of a run that is over a limit."""
    planned = record(state=RepositoryState.PLANNED, outcomes=())
    return notice_of(run(RunState.HELD, held=TooManyDeletions(9_000, 5_000)), (planned,))


def hostile_notice() -> Notice:
    """Return what is told of a run whose registry holds the worst names."""
    troubled = [failed(name, name) for name in HOSTILE]
    return notice_of(run(RunState.FAILED, error=HOSTILE[1]), troubled)
