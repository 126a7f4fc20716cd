"""What the journal of a year holds: 365 nights, 500 repositories, 1,000,000 steps.

5 steps in each repository of each night, and all others in one repository of the last night.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Final

from purge_core.instants import DAY, Instant, Span, from_datetime
from purge_core.judgement.guards import ShareExceeded
from purge_core.judgement.reasons import LastTagGoes, Selected, Tagged, Young
from purge_core.model import OPEN, Digest, Manifest, RepositoryName, TagName
from purge_core.plans.document import GoingManifest, GoingTag
from purge_core.plans.steps import ManifestStep
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome
from purge_core.records.run_ids import make_run_id
from purge_core.records.step_records import Kept, KeptManifest, KeptTag, StepRecord
from purge_core.records.store_records import (
    OutcomeCount,
    ReasonCount,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    RunState,
    RunSums,
    Totals,
    Trigger,
)
from purge_core.records.sums import sums_of

REGISTRY: Final = "contoso.azurecr.io"
NIGHTS: Final = 365
STEPS: Final = 1_000_000
REPOSITORIES: Final = tuple(
    RepositoryName(f"team-{number // 25:02}/app-{number:03}") for number in range(500)
)
HEAVY: Final = REPOSITORIES[0]
"""The repository that holds all other steps."""
NOW: Final = from_datetime(datetime(2026, 11, 21, 7, tzinfo=UTC))

_FEW: Final = 5
_MANY: Final = STEPS - NIGHTS * len(REPOSITORIES) * _FEW + _FEW
_OLD: Final = Span(30 * DAY)
_IMAGE: Final = 250_000_000
_KEPT: Final = 1_000


@cache
def runs() -> tuple[RunRecord, ...]:
    """Give the nights, newest first."""
    return tuple(_run(number) for number in range(NIGHTS))


def _run(number: int) -> RunRecord:
    at = Instant(NOW - number * DAY - DAY // 4)
    return RunRecord(
        id=make_run_id(at, REGISTRY, "nightly"),
        registry=REGISTRY,
        mode=Mode.PURGE,
        state=RunState.DONE,
        policy="acr purge --filter '.*:pr-.*' --ago 30d --untagged\n" * 20,
        policy_name="default",
        now=at,
        trigger=Trigger.TIMER,
        created=at,
        updated=at,
        finished=at,
        repositories=len(REPOSITORIES),
        sums=_sums(last=number == 0),
    )


@cache
def _sums(*, last: bool) -> RunSums:
    return sums_of(_record(name, last=last) for name in REPOSITORIES)


def record(run: RunRecord, name: RepositoryName) -> RepositoryRecord:
    """Give a repository of a night."""
    return _record(name, run, last=run == runs()[0])


def _record(name: RepositoryName, run: RunRecord | None = None, *, last: bool) -> RepositoryRecord:
    number = REPOSITORIES.index(name)
    count = _MANY if last and name == HEAVY else _FEW
    refused = number % 100 == 99
    state = RepositoryState.REFUSED if refused else RepositoryState.DONE
    outcome = OutcomeCount(Outcome.DELETED, count, 3 * count, count, _IMAGE * count)
    share = ShareExceeded(name, "tags", 60, 100, 0.5)
    return RepositoryRecord(
        run=make_run_id(NOW, REGISTRY, "any") if run is None else run.id,
        repository=name,
        state=state,
        updated=NOW,
        totals=Totals(
            3 * count + _KEPT,
            count + _KEPT,
            3 * count,
            count,
            count,
            _IMAGE * count,
            _IMAGE * (count + _KEPT),
        ),
        outcomes=() if refused else (outcome,),
        refusals=(share,) if refused else (),
        kept=(ReasonCount("young", _KEPT, 0), ReasonCount("tagged", 0, _KEPT)),
    )


def steps(run: RunRecord, name: RepositoryName, first: int = 0) -> Iterator[StepRecord]:
    """Give the steps of a repository in a night, from the ``first`` on."""
    for index in range(first, record(run, name).totals.steps):
        yield _step(index)


def _step(index: int) -> StepRecord:
    names = tuple(TagName(f"pr-{index}-{part}") for part in "abc")
    digest, updated = _digest(f"image {index}"), Instant(NOW - _OLD - index * DAY // 100)
    selected = Selected("pull requests", updated, _OLD, index, 0)
    gone = LastTagGoes(names, updated, _OLD)
    media_type = "application/vnd.oci.image.manifest.v1+json"
    manifest = Manifest(digest, media_type, updated, names, OPEN, _IMAGE)
    return StepRecord(
        index=index,
        stage=0,
        step=ManifestStep(digest, names, updated, OPEN),
        tags=tuple(GoingTag(name, (selected,)) for name in names),
        manifest=GoingManifest(manifest, (gone,)),
        bytes=_IMAGE,
        status=Outcome.DELETED,
        opened=NOW,
        closed=NOW,
    )


def kept() -> Iterator[Kept]:
    """Give what stays in every repository."""
    for number in range(_KEPT):
        updated = Instant(NOW - number * DAY // 40)
        young = Young("pull requests", updated, _OLD)
        yield KeptTag(TagName(f"v{number:05}"), (young,), updated)
    for number in range(_KEPT):
        yield KeptManifest(_digest(f"kept {number}"), (Tagged((TagName(f"v{number:05}"),)),))


def past() -> Iterator[tuple[RunRecord, RepositoryName, StepRecord]]:
    """Give steps that are in the history of the heavy repository."""
    last = runs()[0]
    return ((last, HEAVY, _step(index)) for index in range(30))


def _digest(text: str) -> Digest:
    return Digest(f"sha256:{sha256(text.encode()).hexdigest()}")
