"""Words for tests of reports: journals of many nights, written straight into a fake store."""

from collections.abc import Iterable
from dataclasses import replace

from purge_core.instants import DAY, Instant
from purge_core.judgement.reasons import NoRule, Young
from purge_core.model import OPEN, Digest, RepositoryName, TagName
from purge_core.plans.document import GoingTag
from purge_core.plans.steps import TagStep
from purge_core.records.journal import Mode, RunId
from purge_core.records.outcomes import Outcome
from purge_core.records.run_ids import make_run_id
from purge_core.records.step_records import Kept, KeptTag, Status, StepRecord
from purge_core.records.store_records import (
    OutcomeCount,
    ReasonCount,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    RunState,
    Totals,
    Trigger,
)
from purge_core.records.sums import sums_of
from purge_core.schedule import parse_schedule
from tests.builders import NOW, OLD, ago, days
from tests.fake_state import digest_of
from tests.fake_store import FakeStore
from tests.fake_store_state import FakeRun
from tests.stores import REGISTRY

AT_ONE = parse_schedule("0 0 1 * * *")
MIDNIGHT = NOW // DAY * DAY


def due(days_ago: int) -> Instant:
    """Return when the run of a night was due, at one o'clock so many days ago."""
    return Instant(MIDNIGHT - days_ago * DAY + DAY // 24)


def a_night(
    days_ago: int,
    *,
    state: RunState = RunState.DONE,
    trigger: Trigger = Trigger.TIMER,
    late: int = 0,
    registry: str = REGISTRY,
) -> RunRecord:
    """Return the run of a night that began so many ticks late; it has no sums yet."""
    at = Instant(due(days_ago) + late)
    return RunRecord(
        id=make_run_id(at, registry, trigger.value),
        registry=registry,
        mode=Mode.PLAN if state is RunState.PLANNED else Mode.PURGE,
        state=state,
        policy="acr purge --ago 7d",
        policy_name="default",
        now=at,
        trigger=trigger,
        created=at,
        updated=at,
    )


def a_repository(
    name: str,
    *,
    state: RepositoryState = RepositoryState.DONE,
    deleted: int = 0,
    held: int | None = None,
    **also: int,
) -> RepositoryRecord:
    """Return a repository with so many tags deleted of 10 bytes each; ``also`` by outcome."""
    outcomes = {"DELETED": deleted, **also}
    counts = [OutcomeCount(Outcome[n], c, c, 0, 10 * c) for n, c in outcomes.items() if c]
    steps = sum(outcomes.values())
    return RepositoryRecord(
        run=RunId(""),
        repository=RepositoryName(name),
        state=state,
        updated=NOW,
        totals=Totals(steps + 3, 5, steps, 0, steps, 10 * steps, held),
        outcomes=tuple(counts) if state is RepositoryState.DONE else (),
        kept=(ReasonCount("young", 3, 5),),
    )


def note(
    store: FakeStore, run: RunRecord, *repositories: RepositoryRecord, sums: bool = True
) -> RunRecord:
    """Write a run and its repositories into a store; with its sums, unless they are unknown."""
    own = [replace(each, run=run.id) for each in repositories]
    kept = replace(run, sums=sums_of(own)) if sums else run
    store.runs[run.id] = FakeRun(kept, {each.repository: each for each in own})
    return kept


def a_step(index: int, *, status: Status = Outcome.DELETED) -> StepRecord:
    """Return a step that deletes a tag."""
    name = TagName(f"v{index:06}")
    step = TagStep(name, digest_of("image"), ago(OLD), OPEN)
    return StepRecord(
        index=index, stage=0, step=step, tags=(GoingTag(name, ()),), manifest=None, bytes=0,
        status=status,
    )  # fmt: skip


def stays(names: Iterable[str]) -> tuple[Kept, ...]:
    """Return tags that stay, updated yesterday."""
    reasons = (NoRule(), Young("old", ago(days(1)), days(7)))
    return tuple(KeptTag(TagName(name), reasons, ago(days(1))) for name in names)


IMAGE: Digest = digest_of("image")
