"""The words for outcomes, states and refusals, and how a whole run ended."""

from collections.abc import Mapping
from enum import Enum
from typing import Final, assert_never

from purge_core.judgement.breaker import FarMoreThanUsual
from purge_core.judgement.guards import Refusal, ShareExceeded, TooManyDeletions, WouldBeEmpty
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome
from purge_core.records.results import RunResult, State
from purge_core.records.store_records import Held
from purge_core.report.text import count, listed, printable, quoted

OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.DELETED: "deleted",
    Outcome.CASCADED: "went with the image they belong to",
    Outcome.ALREADY_GONE: "were gone already",
    Outcome.LOCKED: "stay: locked meanwhile",
    Outcome.SKIPPED_CHANGED: "stay: changed meanwhile",
    Outcome.HAD_MOVED: "deleted, though moved in that moment",
    Outcome.DENIED: "stay: not permitted",
    Outcome.FAILED: "failed",
    Outcome.NOT_REACHED: "not reached",
}
"""What happened, as counted in a summary."""


class RunEnd(Enum):
    """How a run ended, as far as whoever started it is concerned."""

    DONE = "done"
    TROUBLE = "trouble"
    """Something was denied, failed, refused, held or not reached, or what stays was broken."""
    INTERRUPTED = "interrupted"


def run_end(result: RunResult, mode: Mode) -> RunEnd:
    """Judge a whole run; what changed, was locked or had gone meanwhile is no trouble."""
    if result.interrupted:
        return RunEnd.INTERRUPTED
    outcomes = (o.outcome for each in result.repositories for o in each.outcomes)
    troubled = any(r.state in (State.REFUSED, State.FAILED) for r in result.repositories)
    unfinished = mode is Mode.PURGE and any(
        r.state is State.PLANNED and r.plan is not None and r.plan.deletions
        for r in result.repositories
    )
    broken = any(r.verified is not None and r.verified.is_trouble for r in result.repositories)
    if result.held or troubled or broken or unfinished or any(o.is_trouble for o in outcomes):
        return RunEnd.TROUBLE
    return RunEnd.DONE


def refusal_sentence(refusal: Refusal | Held) -> str:
    """Say why a repository or a run is refused."""
    match refusal:
        case ShareExceeded(_, what, deletions, total, limit):
            share = f"{deletions:,} of {total:,} {printable(what)} would go"
            return f"{share}, more than the permitted share of {limit:g}"
        case WouldBeEmpty(_, rules):
            return f"no tagged image would be left ({listed([quoted(r) for r in rules])})"
        case TooManyDeletions(deletions, limit):
            return f"{count(deletions, 'deletion')} in one run, and {limit:,} are permitted"
        case FarMoreThanUsual(deletions, limit, most, nights):
            usual = f"the most in {count(nights, 'past night')} was {most:,}"
            return f"{count(deletions, 'deletion')} in one night; {usual}, and {limit:,} pass"
        case _:
            assert_never(refusal)


def refusal_advice(refusal: Refusal | Held) -> str:
    """Say what to do about a refusal, if what was planned is what is wanted."""
    match refusal:
        case ShareExceeded():
            return "if this is meant, raise limits.max_delete_share in the policy"
        case WouldBeEmpty():
            return "if this is meant, write allow_empty: true into the rules named"
        case TooManyDeletions():
            return "if this is meant, raise limits.max_deletions in the policy"
        case FarMoreThanUsual():
            return "if this is meant, apply the run"
        case _:
            assert_never(refusal)
