"""What is remembered of runs, for people: lines that fit into 80 columns."""

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from purge_core.instants import Instant, format_instant
from purge_core.plans.steps import TagStep
from purge_core.policies.acr_command import is_acr_command
from purge_core.records.outcomes import Outcome
from purge_core.records.step_records import (
    HistoryRecord,
    ItemKind,
    Kept,
    KeptManifest,
    KeptTag,
    StepRecord,
)
from purge_core.records.store_records import (
    OutcomeCount,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    RunState,
)
from purge_core.records.store_rules import sum_outcomes
from purge_core.records.told import Told
from purge_core.report.losses import check_lines
from purge_core.report.outcomes import refusal_sentence
from purge_core.report.reasons import delete_sentence, keep_sentence
from purge_core.report.text import (
    count,
    listed,
    moment,
    paragraph,
    printable,
    quoted,
    short_digest,
    shortened,
    size,
    table,
)


def run_rows(runs: Sequence[RunRecord]) -> Iterator[str]:
    """List runs."""
    rows = [
        (run.id, run.mode.value, run.state.value, run.trigger.value, shortened(run.registry, 24))
        for run in runs
    ]
    yield from table(rows, ("run", "mode", "state", "by", "registry"))


def run_lines(run: RunRecord, repositories: Sequence[RepositoryRecord]) -> Iterator[str]:
    """Tell of one run and its repositories."""
    yield f"Run {printable(run.id)} on {printable(run.registry)}: {run.state.value}"
    yield f"  mode {run.mode.value}, started by {run.trigger.value}, {moment(run.created)}"
    yield from paragraph(f"policy: {_policy(run)}", "  ", "    ")
    if run.finished is not None:
        yield f"  ended {moment(run.finished)}"
    if run.held is not None:
        yield from paragraph(f"held: {refusal_sentence(run.held)}", "  ", "    ")
    if run.error is not None:
        yield from paragraph(f"error: {printable(run.error)}", "  ", "    ")
    if run.told is not None:
        yield from paragraph(_told(run.told), "  ", "    ")
    yield ""
    yield from _repositories(repositories)
    if run.sums is not None and run.sums.exact_bytes is not None:
        done = "freed" if run.state is RunState.DONE else "would be freed"
        yield f"exactly {size(run.sums.exact_bytes)} {done}"


def _told(told: Told) -> str:
    """Say whether the webhook took the news of the run's end."""
    if told.error is None:
        return f"told {moment(told.at)}"
    return f"nobody was told: {printable(told.error)}"


def _policy(run: RunRecord) -> str:
    """Name the policy; a command line is its own best name."""
    if is_acr_command(run.policy):
        return shortened(run.policy, 300)
    return printable(run.policy_name) or "not named"


def _repositories(repositories: Sequence[RepositoryRecord]) -> Iterator[str]:
    if not repositories:
        yield "No repositories."
        return
    yield from table(map(_row, repositories), ("repository", "state", "to delete", "deleted"))
    for record in repositories:
        for why in _why(record):
            yield from paragraph(f"{printable(record.repository)}: {why}", "  ", "    ")
    totals = [each.totals for each in repositories]
    items = sum(t.tags_to_delete + t.manifests_to_delete for t in totals)
    most = size(sum(t.bytes_to_delete for t in totals))
    yield f"{count(items, 'deletion')} planned, {most} at most"
    yield from _outcomes(sum_outcomes(c for each in repositories for c in each.outcomes))
    checks = [each.verified for each in repositories if each.verified is not None]
    if checks:
        yield from check_lines(checks)


def _row(record: RepositoryRecord) -> tuple[str, ...]:
    totals = record.totals
    deleted = sum(c.tags + c.manifests for c in record.outcomes if c.outcome.is_deleted)
    ended = record.state is RepositoryState.DONE
    planned = totals.tags_to_delete + totals.manifests_to_delete
    return record.repository, record.state.value, f"{planned:,}", f"{deleted:,}" if ended else "-"


def _why(record: RepositoryRecord) -> Iterator[str]:
    if record.error is not None:
        yield printable(record.error)
    yield from map(refusal_sentence, record.refusals)


def _outcomes(outcomes: Iterable[OutcomeCount]) -> Iterator[str]:
    for each in outcomes:
        what = f"{count(each.tags, 'tag')}, {count(each.manifests, 'manifest')}"
        freed = f", {size(each.bytes)} at most" if each.outcome.is_deleted else ""
        yield f"  {each.outcome.value}: {what}{freed}"


def step_lines(step: StepRecord, now: Instant) -> list[str]:
    """Tell of one step: what goes, what became of it, and why."""
    detail = f" ({printable(step.detail)})" if step.detail else ""
    ended = isinstance(step.status, Outcome) and step.closed is not None
    when = f" {moment(step.closed)}" if ended and step.closed is not None else ""
    tagged = [tag.reasons for tag in step.tags]
    reasons = [step.manifest.reasons] if step.manifest is not None else tagged
    why = "; ".join(delete_sentence(reason, now) for each in reasons[:1] for reason in each)
    told = f"{_named(step)}: {step.status.value}{detail}{when}"
    return paragraph(f"{told}; {why}" if why else told, "  ", "      ")


def _named(step: StepRecord) -> str:
    if isinstance(step.step, TagStep):
        return printable(step.step.tag)
    names = listed([tag.name for tag in step.tags])
    return short_digest(step.step.digest) + (f" with {names}" if names else "")


def kept_lines(kept: Kept, now: Instant) -> list[str]:
    """Tell of one item that stays, and why."""
    match kept:
        case KeptTag():
            name = printable(kept.name)
        case KeptManifest():
            name = short_digest(kept.digest)
        case _:
            assert_never(kept)
    why = "; ".join(keep_sentence(reason, now) for reason in kept.reasons)
    return paragraph(f"{name}: stays: {why}", "  ", "      ")


def history_lines(entry: HistoryRecord) -> list[str]:
    """Tell of one piece of history: when, what, how it ended, by which rule, in which run."""
    name = printable(entry.name) if entry.kind is ItemKind.TAG else short_digest(entry.digest)
    was = f" (it was {short_digest(entry.digest)})" if entry.kind is ItemKind.TAG else ""
    detail = f" ({printable(entry.detail)})" if entry.detail else ""
    rules = f", {listed([quoted(rule) for rule in entry.rules])}" if entry.rules else ""
    policy = printable(entry.policy_name) or "a policy without a name"
    by = f"{policy}{rules}; run {printable(entry.run)}, {entry.trigger.value}"
    at = format_instant(entry.at)[:19].replace("T", " ")
    told = f"{at} UTC {entry.kind.value} {name}{was}: {entry.outcome.value}{detail}; by {by}"
    return paragraph(told, "", "    ")
