"""A run as a list shows it."""

from dataclasses import dataclass

from purge_core.instants import Instant
from purge_core.pages.conditions import STARTED, Gone, Standing, is_plan, run_standing
from purge_core.pages.links import Links
from purge_core.records.store_records import RunRecord


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, in the words of a table. ``gone``: what went, or of a plan what would."""

    run: RunRecord
    started: str
    standing: Standing
    gone: Gone | None
    would: bool
    address: str | None

    @property
    def remark(self) -> str:
        """What the columns beside it do not say."""
        return self.standing.remark


def run_row(run: RunRecord, links: Links, now: Instant) -> RunRow:
    """Put a run into the words of a table."""
    would = is_plan(run)
    gone = None if run.sums is None else Gone.of(run.sums, would=would)
    standing = run_standing(run, run.sums, now)
    return RunRow(run, STARTED[run.trigger], standing, gone, would, links.run(run.id))
