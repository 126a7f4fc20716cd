"""A run for people: what goes, what stays and why, what went wrong, and what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from purge_core.journal import Mode
from purge_core.outcomes import Outcome
from purge_core.report.items import RunView
from purge_core.report.listing import every_item, grouped_items
from purge_core.report.outcomes import OUTCOMES, refusal_advice, refusal_sentence
from purge_core.report.reasons import LABELS
from purge_core.report.text import count, moment, paragraph, printable, size, table
from purge_core.report.totals import Tally, Totals, repository_totals
from purge_core.results import RepositoryResult, RunResult, State


class Detail(Enum):
    """How much a report tells."""

    BRIEF = "brief"
    """Of each repository what goes, in groups by reason."""
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
        yield from self._kept()
        yield from self._trouble()
        yield ""
        yield from self._conclusion()

    def _headline(self) -> Iterator[str]:
        yield f"{printable(self.run.registry)}, judged as of {moment(self.run.now)}"
        if self.mode is Mode.PLAN:
            yield "This is a plan; nothing is deleted."

    def _repositories(self) -> Iterator[str]:
        rows = [
            (each.repository, _of(t.tags), _of(t.manifests), size(t.frees_at_most))
            for each, t in self.parts
            if t.tags.delete or t.manifests.delete or t.tags.refused or t.manifests.refused
        ]
        if rows:
            freed = "FREES AT MOST" if self.mode is Mode.PLAN else "FREED AT MOST"
            yield ""
            yield from table(rows, ("REPOSITORY", "TAGS", "MANIFESTS", freed))
        if idle := sum(e.state in (State.PLANNED, State.PURGED) for e, _ in self.parts) - len(rows):
            yield ""
            yield f"Nothing to delete in {count(idle, 'repository')}{' more' if rows else ''}."

    def _items(self) -> Iterator[str]:
        tell = every_item if self.detail is Detail.FULL else grouped_items
        for each, _ in self.parts:
            lines = list(tell(self.view, each, self.run.now))
            if lines:
                yield ""
                yield printable(each.repository)
                yield from lines

    def _kept(self) -> Iterator[str]:
        tags, manifests = self.totals.tags.kept_by, self.totals.manifests.kept_by
        codes = sorted({*tags, *manifests}, key=lambda code: (-tags[code] - manifests[code], code))
        if codes:
            yield ""
            rows = [(LABELS[code], f"{tags[code]:,}", f"{manifests[code]:,}") for code in codes]
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
        tags, manifests = self.totals.tags, self.totals.manifests
        if self.mode is Mode.PLAN:
            yield self._amount("would be deleted", "frees", tags.delete, manifests.delete)
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
