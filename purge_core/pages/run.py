"""A run: how it went, what stays and why, and every repository of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from purge_core.instants import TICKS_PER_SECOND, Instant
from purge_core.pages.conditions import (
    STARTED,
    Gone,
    Standing,
    is_plan,
    run_label,
    run_standing,
)
from purge_core.pages.figures import Figure
from purge_core.pages.frame import page
from purge_core.pages.links import SOMEWHERE, Form, Links
from purge_core.pages.tables import OutcomeRow, ReasonRow, outcome_rows, reason_rows
from purge_core.pages.troubles import Trouble, repository_word, troubles
from purge_core.pages.words import amount, number, when
from purge_core.policies.acr_command import is_acr_command
from purge_core.records.overviews import RunReport, Showing
from purge_core.records.store_records import RepositoryRecord, RunRecord, RunState, Trigger
from purge_core.report.text import count, printable, shortened

SHOWINGS: Final = {
    Showing.ALL: "all repositories",
    Showing.TROUBLED: "those that need a look",
    Showing.DELETED: "where something was deleted",
    Showing.PLANNED: "where something is to go",
    Showing.REFUSED: "refused",
    Showing.FAILED: "failed",
    Showing.NOT_REACHED: "not reached",
}
_MOST_REASONS: Final = 3


@dataclass(frozen=True, slots=True)
class Apply:
    """How exactly this plan is carried out: a command for a shell, and one for a kept plan.

    ``blanks`` says what somebody has to put into the command.
    """

    call: str
    blanks: str
    kept: str | None


@dataclass(frozen=True, slots=True)
class RepositoryRow:
    """A repository of a run, in the words of a table."""

    record: RepositoryRecord
    tone: str
    word: str
    gone: Gone
    would: bool
    kept: tuple[ReasonRow, ...]
    more_kept: int
    troubles: tuple[Trouble, ...]
    address: str | None

    @property
    def is_busy(self) -> bool:
        """Whether something went, or would, or somebody should look."""
        return bool(self.gone.items or self.troubles)


@dataclass(frozen=True, slots=True)
class RunView:
    """A run, ready to be shown; its ``label`` tells it from others in the same file.

    ``quiet`` are repositories in which nothing went, or would, and nothing is wrong.
    """

    label: str
    now: Instant
    run: RunRecord
    registry: str
    standing: Standing
    policy: str
    started: str
    took: str | None
    told: str | Markup | None
    figures: tuple[Figure, ...]
    apply: Apply | None
    outcomes: tuple[OutcomeRow, ...]
    kept: tuple[ReasonRow, ...]
    form: Form | None
    text: str
    choices: tuple[tuple[str, str, bool], ...]
    shown: str
    busy: tuple[RepositoryRow, ...]
    quiet: tuple[RepositoryRow, ...]
    back: str | None
    on: str | None
    overview: str | None
    formats: tuple[tuple[str, str], ...]
    cut: bool


def run_page(report: RunReport, links: Links) -> str:
    """Give the page of a run."""
    return page("run.html", view=run_view(report, links))


def run_view(report: RunReport, links: Links) -> RunView:
    """Put a run into words."""
    run, find = report.run, report.find
    would = is_plan(run)
    asked = {k: v for k, v in (("find", find.text), ("show", find.showing.value)) if v}
    rows = [_row(each, links, would=would) for each in report.repositories]
    return RunView(
        label=run_label(run),
        now=report.now,
        run=run,
        registry=printable(run.registry),
        standing=run_standing(run, report.sums, report.now),
        policy=_policy(run),
        started=STARTED[run.trigger],
        took=_took(run),
        told=_told_of(run),
        figures=tuple(_figures(report, would=would)),
        apply=_apply(report, links),
        outcomes=outcome_rows(report.sums.outcomes),
        kept=reason_rows(report.kept),
        form=links.form(run.id),
        text=find.text,
        choices=tuple((s.value, SHOWINGS[s], s is find.showing) for s in Showing),
        shown=_shown(report),
        busy=tuple(row for row in rows if row.is_busy),
        quiet=tuple(row for row in rows if not row.is_busy),
        back=None if report.first == 0 else links.run(run.id, **asked),
        on=None if report.next is None else links.run(run.id, **asked, first=str(report.next)),
        overview=links.overview(),
        formats=links.formats(links.run(run.id, **asked)),
        cut=report.cut,
    )


def _policy(run: RunRecord) -> str:
    """Name the policy; a command line is its own best name."""
    if is_acr_command(run.policy):
        return shortened(run.policy, 400)
    return printable(run.policy_name) or "not named"


def _took(run: RunRecord) -> str | None:
    if run.finished is None:
        return None
    minutes, seconds = divmod((run.finished - run.created) // TICKS_PER_SECOND, 60)
    if minutes < 1:
        return count(seconds, "second")
    hours, minutes = divmod(minutes, 60)
    short = count(minutes, "minute")
    return f"{count(hours, 'hour')} and {short}" if hours else short


def _told_of(run: RunRecord) -> str | Markup | None:
    """Say whether the webhook was told of the run's end."""
    if run.told is None:
        return None
    if run.told.error is not None:
        return f"nobody: {printable(run.told.error)}"
    return when(run.told.at)


def _figures(report: RunReport, *, would: bool) -> Iterator[Figure]:
    """Say in a few numbers what a run came to."""
    gone = Gone.of(report.sums, would=would)
    verb = "would be " if would else ""
    if gone.exact is not None:
        yield Figure(amount(gone.exact), f"{verb}freed, counted blob by blob")
    else:
        yield Figure(amount(gone.bytes), f"{verb}freed, at most")
    yield Figure(number(gone.tags), f"tags {verb}deleted")
    yield Figure(number(gone.manifests), f"manifests {verb}deleted")
    looked = "repository" if report.sums.repositories == 1 else "repositories"
    yield Figure(number(report.sums.repositories), f"{looked} looked at")
    if report.sums.troubled:
        look = (
            "repository needs a look" if report.sums.troubled == 1 else "repositories need a look"
        )
        yield Figure(number(report.sums.troubled), look)


def _apply(report: RunReport, links: Links) -> Apply | None:
    """Say how the plan is carried out, where it can be."""
    run = report.run
    waiting = run.state in (RunState.PLANNED, RunState.HELD)
    if not waiting or run.now > run.created or not Gone.of(report.sums, would=True).items:
        return None
    call = f'curl -X POST "{links.application(run.id)}" -H "x-functions-key: KEY"'
    by_hand = run.trigger is Trigger.CLI
    app = ", APP the name of the app" if SOMEWHERE in call else ""
    blanks = f"KEY stands for a function key of the app{app}."
    return Apply(call, blanks, "acr-purge apply plan.json --journal" if by_hand else None)


def _shown(report: RunReport) -> str:
    """Say which repositories are shown, and of how many."""
    if not report.matching:
        return "No repository fits."
    if not report.repositories:
        return f"No more than {count(report.matching, 'repository')}."
    first, last = report.first + 1, report.first + len(report.repositories)
    if first == 1 and last == report.matching:
        return f"{count(report.matching, 'repository')}."
    return f"{first:,} to {last:,} of {count(report.matching, 'repository')}."


def _row(record: RepositoryRecord, links: Links, *, would: bool) -> RepositoryRow:
    tone, word = repository_word(record)
    kept = reason_rows(record.kept or ())
    return RepositoryRow(
        record=record,
        tone=tone.value,
        word=word,
        gone=Gone.meant(record.totals) if would else Gone.ended(record.outcomes),
        would=would,
        kept=kept[:_MOST_REASONS],
        more_kept=max(0, len(kept) - _MOST_REASONS),
        troubles=troubles(record),
        address=links.repository(record.run, record.repository),
    )
