"""What the pages of a report show, as values: the registries, a run, a repository, an image.

They are built by ``purge_core.reviewing``. Bytes are upper bounds but for ``exact_bytes``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from purge_core.instants import Instant
from purge_core.judgement.decision import Verdict
from purge_core.judgement.guards import Refusal
from purge_core.model import Digest, Manifest, RepositoryName, Tag, TagName
from purge_core.records.journal import RunId
from purge_core.records.step_records import HistoryRecord, Kept, Status, StepRecord
from purge_core.records.store_records import (
    ReasonCount,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    RunSums,
)


class Condition(Enum):
    """How a registry's latest night (or a day's runs) went; the worst that holds."""

    NEVER = "never"
    MISSING = "missing"
    """The latest occurrence of the schedule has no run."""
    FAILED = "failed"
    HELD = "held"
    TROUBLED = "troubled"
    """It ended, and there are repositories or steps that somebody should look at."""
    RUNNING = "running"
    PLANNED = "planned"
    DONE = "done"

    @property
    def is_bad(self) -> bool:
        """Whether somebody should look."""
        return self in (Condition.MISSING, Condition.FAILED, Condition.HELD, Condition.TROUBLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One day (UTC) of a registry: what all runs that began on it did together.

    ``day`` is its midnight. ``condition`` is ``None`` where nothing ran and nothing was due.
    ``deleted`` counts tags and manifests, ``freed`` their bytes; ``exact`` is what that freed
    blob by blob, where all that deleted counted it. ``planned`` and ``planned_bytes`` are what the
    largest plan that stayed one, or was held, would have deleted. ``unknown`` runs have no sums.
    """

    day: Instant
    condition: Condition | None
    runs: tuple[RunId, ...] = ()
    deleted: int = 0
    freed: int = 0
    exact: int | None = None
    planned: int = 0
    planned_bytes: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class RegistryOverview:
    """A registry at a glance.

    ``latest`` is the run that ``condition`` is about: the latest nightly one, or the latest
    of all where none is nightly; ``sums`` are its, counted now where it has not ended.
    ``missing`` are occurrences of the schedule without a run, ``runs`` some of the runs, both
    newest first; ``nights`` oldest first. ``biggest`` (by bytes held) are of the latest run
    in which every repository was judged, ``troubled`` of ``latest``; of both only the first
    so many are there. ``cut``: there are more runs, or repositories, than were read.
    """

    registry: str
    condition: Condition
    latest: RunRecord | None
    sums: RunSums | None
    missing: tuple[Instant, ...]
    nights: tuple[Night, ...]
    runs: tuple[RunRecord, ...]
    biggest: tuple[RepositoryRecord, ...]
    troubled: tuple[RepositoryRecord, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """All registries at a glance. ``schedule`` is NCRONTAB in UTC; ``None``: not known here."""

    now: Instant
    schedule: str | None
    registries: tuple[RegistryOverview, ...]


class Showing(Enum):
    """Which repositories of a run are wanted."""

    ALL = "all"
    TROUBLED = "troubled"
    DELETED = "deleted"
    PLANNED = "planned"
    """Something is to go, or was."""
    REFUSED = "refused"
    FAILED = "failed"
    NOT_REACHED = "not-reached"


@dataclass(frozen=True, slots=True)
class RepositoryFilter:
    """Which repositories are wanted; ``text`` is a part of the name, in any case of letters."""

    text: str = ""
    showing: Showing = Showing.ALL


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run and its repositories.

    ``repositories`` are those that ``find`` wants, by name, from the ``first`` (counted from
    0) on; ``matching`` is how many there are of these in all. ``sums``, ``states`` and
    ``kept`` are those of all. ``cut``: there are more repositories than were read.
    """

    now: Instant
    run: RunRecord
    sums: RunSums
    states: Mapping[RepositoryState, int]
    kept: tuple[ReasonCount, ...]
    find: RepositoryFilter
    repositories: tuple[RepositoryRecord, ...]
    first: int
    matching: int
    cut: bool

    @property
    def next(self) -> int | None:
        """The ``first`` of what follows; ``None`` at the end."""
        behind = self.first + len(self.repositories)
        return behind if behind < self.matching else None


@dataclass(frozen=True, slots=True)
class TagPoint:
    """A tag in time. ``status`` is that of the step it goes with; ``None``: it stays."""

    name: TagName
    updated: Instant
    status: Status | None


@dataclass(frozen=True, slots=True)
class RepositoryReport:
    """A repository of a run: what goes, then what stays, as far as one page holds.

    ``next`` asks for what follows; ``None`` at the end. ``points`` (newest first) and
    ``history`` are there on the first page only; ``points_cut``: there are more tags.
    """

    now: Instant
    run: RunRecord
    record: RepositoryRecord
    steps: tuple[StepRecord, ...]
    kept: tuple[Kept, ...]
    next: str | None
    points: tuple[TagPoint, ...] = ()
    points_cut: bool = False
    history: tuple[HistoryRecord, ...] = ()


class Relation(Enum):
    """How a manifest has to do with an image."""

    INDEX = "index"
    """It lists the image."""
    CHILD = "child"
    """The image lists it."""
    SUBJECT = "subject"
    """The image belongs to it."""
    REFERRER = "referrer"
    """It belongs to the image."""


@dataclass(frozen=True, slots=True)
class RelatedImage:
    """A manifest that an image has to do with. ``verdict``: ``None`` where it is not there."""

    relation: Relation
    digest: Digest
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class ImageNow:
    """What the registry says of a tag or an image, and what the deployed policy makes of it.

    ``refusals``: why a purge would delete nothing in this repository, whatever goes.
    """

    tag: Tag | None
    tag_verdict: Verdict | None
    manifest: Manifest | None
    manifest_verdict: Verdict | None
    tags: tuple[tuple[TagName, Verdict | None], ...]
    related: tuple[RelatedImage, ...]
    refusals: tuple[Refusal, ...]


class Reading(Enum):
    """What came of asking the registry."""

    READ = "read"
    NOT_FOUND = "not-found"
    """It has no such tag, image or repository."""
    UNREACHABLE = "unreachable"
    """It could not be read, or judged; the journal is all there is."""


@dataclass(frozen=True, slots=True)
class LastVerdict:
    """What the latest run that judged it says of a tag or an image."""

    run: RunRecord
    verdict: StepRecord | Kept


@dataclass(frozen=True, slots=True)
class ImageReport:
    """Why a tag or an image stays or goes, from when it would be deletable, and its history.

    ``image`` is there exactly where ``reading`` is ``READ``; ``trouble`` says why the registry
    could not be asked; ``last`` is what the journal has, where the registry had no answer.
    ``history`` is newest first; ``more``: older entries were left out.
    """

    now: Instant
    registry: str
    repository: RepositoryName
    tag: TagName | None
    digest: Digest | None
    reading: Reading
    image: ImageNow | None
    trouble: str | None
    last: LastVerdict | None
    history: tuple[HistoryRecord, ...]
    more: bool
