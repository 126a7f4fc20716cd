"""Counts of a run: verdicts, outcomes, reasons and bytes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from purge_core.judgement.decision import Delete, Keep
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome
from purge_core.records.results import RepositoryResult, RunResult, State
from purge_core.report.items import ManifestItem, RunView, TagItem, manifest_items, tag_items


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over tags, or over manifests.

    ``refused``: verdict delete, and the repository (or the run) was refused, so that
    nothing is deleted. ``delete`` are the others. ``kept_by`` and ``deleted_by`` count
    items by the code of each of their reasons.
    """

    keep: int = 0
    delete: int = 0
    refused: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    kept_by: Counter[str] = field(default_factory=Counter)
    deleted_by: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All that was judged."""
        return self.keep + self.delete + self.refused

    @property
    def deleted(self) -> int:
        """What this run made go."""
        return sum(number for outcome, number in self.outcomes.items() if outcome.is_deleted)

    def __add__(self, other: "Tally") -> "Tally":
        """Give the counts of both."""
        return Tally(
            self.keep + other.keep,
            self.delete + other.delete,
            self.refused + other.refused,
            self.outcomes + other.outcomes,
            self.kept_by + other.kept_by,
            self.deleted_by + other.deleted_by,
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over a repository, or over a run. ``frees_at_most`` is in bytes.

    It is an upper bound: images share layers, and the registry counts those once. In a
    plan it is what would go, after a purge what went.
    """

    tags: Tally = field(default_factory=Tally)
    manifests: Tally = field(default_factory=Tally)
    frees_at_most: int = 0
    states: Counter[State] = field(default_factory=Counter)

    @property
    def going(self) -> int:
        """How many tags and manifests have the verdict delete, refused ones included."""
        return sum(tally.delete + tally.refused for tally in (self.tags, self.manifests))

    def __add__(self, other: "Totals") -> "Totals":
        """Give the counts of both."""
        return Totals(
            self.tags + other.tags,
            self.manifests + other.manifests,
            self.frees_at_most + other.frees_at_most,
            self.states + other.states,
        )


def tally(items: Iterable[TagItem | ManifestItem], *, refused: bool) -> Tally:
    """Count items; ``refused``: nothing of what was to go is deleted."""
    verdicts: Counter[bool] = Counter()
    outcomes: Counter[Outcome] = Counter()
    kept_by: Counter[str] = Counter()
    deleted_by: Counter[str] = Counter()
    for item in items:
        stays = isinstance(item.verdict, Keep)
        verdicts[stays] += 1
        (kept_by if stays else deleted_by).update({r.code for r in item.verdict.reasons})
        if item.ending is not None:
            outcomes[item.ending.outcome] += 1
    going = verdicts[False]
    delete, held = (0, going) if refused else (going, 0)
    return Tally(verdicts[True], delete, held, outcomes, kept_by, deleted_by)


def repository_totals(run: RunView, result: RepositoryResult) -> Totals:
    """Count one repository."""
    refused = result.state is State.REFUSED or run.held
    manifests = tuple(manifest_items(run, result))
    return Totals(
        tally(tag_items(run, result), refused=refused),
        tally(manifests, refused=refused),
        sum(m.own_bytes for m in manifests if _frees(run, m, refused=refused)),
        Counter([result.state]),
    )


def _frees(run: RunView, item: ManifestItem, *, refused: bool) -> bool:
    if run.mode is Mode.PLAN:
        return isinstance(item.verdict, Delete) and not refused
    return item.ending is not None and item.ending.outcome.is_deleted


def run_totals(result: RunResult, mode: Mode) -> Totals:
    """Count a whole run."""
    view = RunView.of(result, mode)
    return sum((repository_totals(view, each) for each in result.repositories), Totals())
