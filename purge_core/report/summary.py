"""A run for people: what goes, what stays and why, what went wrong, and what to do."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome
from purge_core.records.results import RepositoryResult, RunResult, State
from purge_core.report.exact import exact_lines
from purge_core.report.items import RunView
from purge_core.report.listing import count_groups, every_item, grouped_items, odd_items
from purge_core.report.losses import check_lines
from purge_core.report.outcomes import OUTCOMES, refusal_advice, refusal_sentence
from purge_core.report.reasons import LABELS
from purge_core.report.text import count, moment, paragraph, printable, size, table
from purge_core.report.totals import Tally, Totals, repository_totals

_MOST_ROWS: Final = 40
"""Rows of the table of repositories; beyond that the largest are shown."""

_MOST_GROUPED: Final = 5
"""So many repositories are told about one by one; more are told about together."""


class Detail(Enum):
    """How much a report tells."""

    BRIEF = "brief"
    """What goes in groups by reason, with examples where these are few."""
    FULL = "full"
    """Everything, and why it goes or stays."""


@dataclass(frozen=True, slots=True)
class Report:
    """A run with its counts, ready to be told."""

    run: RunResult
    mode: Mode
    detail: Detail
    view: RunView
    parts: Sequence[tuple[RepositoryResult, Totals]]
    totals: Totals

    @classmethod
    def of(cls, run: RunResult, mode: Mode, detail: Detail = Detail.BRIEF) -> "Report":
        """Count everything once."""
        view = RunView.of(run, mode)
        parts = [(each, repository_totals(view, each)) for each in run.repositories]
        return cls(run, mode, detail, view, parts, sum((t for _, t in parts), Totals()))

    def lines(self) -> Iterator[str]:
        """Give the report, line by line, each at most 80 columns wide."""
        yield from self._headline()
        yield from self._repositories()
        yield from self._items()
        yield from self._reasons()
        yield from self._trouble()
        yield ""
        yield from self._conclusion()

    def _headline(self) -> Iterator[str]:
        yield f"{printable(self.run.registry)}, judged as of {moment(self.run.now)}"
        if self.run.read is not None:
            text = f"as if nothing changed from now ({moment(self.run.read)}) until then"
            yield from paragraph(f"A plan for later, {text}; it cannot be applied.")
        elif self.mode is Mode.PLAN:
            yield "This is a plan; nothing is deleted."

    @property
    def _busy(self) -> list[tuple[RepositoryResult, Totals]]:
        """The repositories in which something goes, or would if it were not refused."""
        return [(each, t) for each, t in self.parts if t.going]

    def _repositories(self) -> Iterator[str]:
        busy = self._busy
        shown = busy
        if self.detail is Detail.BRIEF and len(busy) > _MOST_ROWS:
            shown = sorted(busy, key=lambda part: -part[1].going)[:_MOST_ROWS]
        if shown:
            freed = "FREES AT MOST" if self.mode is Mode.PLAN else "FREED AT MOST"
            yield ""
            yield from table(map(_row, shown), ("REPOSITORY", "TAGS", "MANIFESTS", freed))
        if more := len(busy) - len(shown):
            yield f"and {count(more, 'repository')} with fewer (--verbose shows all)"
        judged = sum(e.state in (State.PLANNED, State.PURGED) for e, _ in self.parts)
        if idle := judged - sum(e.state is not State.REFUSED for e, _ in busy):
            yield ""
            yield f"Nothing to delete in {count(idle, 'repository')}{' more' if busy else ''}."

    def _items(self) -> Iterator[str]:
        if self.detail is Detail.FULL:
            told = ((each, every_item(self.view, each, self.run.now)) for each, _ in self.parts)
        elif len(self._busy) <= _MOST_GROUPED:
            told = ((each, grouped_items(self.view, each, self.run.now)) for each, _ in self.parts)
        else:
            told = ((each, odd_items(self.view, each, self.run.now)) for each, _ in self.parts)
        for each, lines in told:
            for number, line in enumerate(lines):
                if number == 0:
                    yield ""
                    yield printable(each.repository)
                yield line

    def _reasons(self) -> Iterator[str]:
        if len(self._busy) > _MOST_GROUPED:
            going = count_groups(self.view, (each for each, _ in self.parts))
            yield ""
            yield from table(_counted(*going), ("WHAT GOES, BY REASON", "TAGS", "MANIFESTS"))
        staying = (
            Counter({LABELS[code]: n for code, n in tally.kept_by.items()})
            for tally in (self.totals.tags, self.totals.manifests)
        )
        if rows := list(_counted(*staying)):
            yield ""
            yield from table(rows, ("WHAT STAYS, BY REASON", "TAGS", "MANIFESTS"))

    def _trouble(self) -> Iterator[str]:
        for each, _ in self.parts:
            name = printable(each.repository)
            for refusal in each.refusals:
                yield ""
                yield from paragraph(f"Refused: {name}: {refusal_sentence(refusal)}.", "", "  ")
                yield from paragraph(f"Nothing is deleted there; {refusal_advice(refusal)}.", "  ")
            if each.state is State.FAILED:
                yield ""
                why = printable(each.error or "it could not be read")
                yield from paragraph(f"Not read: {name}: {why}", "", "  ")
                yield "  Nothing is deleted there."
            if each.state is State.GONE:
                yield f"Gone: {name} does not exist (any more)."
        if self.run.held is not None:
            yield ""
            yield from paragraph(f"Held: {refusal_sentence(self.run.held)}.", "", "  ")
            yield from paragraph(f"Nothing is deleted; {refusal_advice(self.run.held)}.", "  ")

    def _conclusion(self) -> Iterator[str]:
        yield from self._ends()
        yield from exact_lines(self.run)
        checks = [e.verified for e in self.run.repositories if e.verified is not None]
        if checks:
            yield ""
            yield from check_lines(checks)

    def _ends(self) -> Iterator[str]:
        tags, manifests = self.totals.tags, self.totals.manifests
        if self.mode is Mode.PLAN:
            yield self._amount("would be deleted", "frees", tags.delete, manifests.delete)
            if self.run.interrupted:
                yield "Interrupted: repositories that were not read by then are missing."
            return
        yield self._amount("deleted", "freed", tags.deleted, manifests.deleted)
        for outcome in Outcome:
            if outcome is not Outcome.DELETED and (number := _number(self.totals, outcome)):
                yield f"  {OUTCOMES[outcome]}: {number}"
        if self.run.interrupted:
            yield "Interrupted: what was under way is finished, the rest was not begun."

    def _amount(self, done: str, frees: str, tags: int, manifests: int) -> str:
        """Say how much goes or went."""
        if not tags and not manifests:
            return f"Nothing {'was deleted' if done == 'deleted' else done}."
        what = f"{count(tags, 'tag')} and {count(manifests, 'manifest')}"
        most = size(self.totals.frees_at_most)
        return f"{done.capitalize()}: {what}, which {frees} at most {most}."


def _row(part: tuple[RepositoryResult, Totals]) -> tuple[str, ...]:
    each, totals = part
    freed = size(totals.frees_at_most)
    return each.repository, _of(totals.tags), _of(totals.manifests), freed


def _counted(tags: Counter[str], manifests: Counter[str]) -> Iterator[tuple[str, str, str]]:
    """Give the rows of a table of reasons, the most frequent first."""
    both = tags + manifests
    for label in sorted(both, key=lambda label: (-both[label], label)):
        yield label, f"{tags[label]:,}", f"{manifests[label]:,}"


def _number(totals: Totals, outcome: Outcome) -> str | None:
    """Count what ended in one way, where anything did."""
    tags, manifests = totals.tags.outcomes[outcome], totals.manifests.outcomes[outcome]
    both = (count(n, noun) for n, noun in ((tags, "tag"), (manifests, "manifest")) if n)
    return ", ".join(both) or None


def _of(tally: Tally) -> str:
    """Say how many of how many go."""
    if tally.refused:
        return "refused"
    return f"{tally.delete:,} of {tally.total:,}" if tally.total else "-"
