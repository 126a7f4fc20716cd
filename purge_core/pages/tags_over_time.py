"""The picture of a repository: every tag a line, at the time when it was last updated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from purge_core.pages.charts import Scale
from purge_core.pages.words import clock, day
from purge_core.records.outcomes import Outcome
from purge_core.records.overviews import TagPoint
from purge_core.records.step_records import Pending, Status
from purge_core.report.text import count, shortened

_STAYS: Final = ("stays", "stays")
_LANES: Final[Mapping[Status | None, tuple[str, str]]] = {
    None: _STAYS,
    Pending.PLANNED: ("goes", "is to go"),
    Pending.DELETING: ("undone", "was begun"),
    Outcome.DELETED: ("goes", "deleted"),
    Outcome.CASCADED: ("goes", "deleted"),
    Outcome.HAD_MOVED: ("goes", "deleted"),
    Outcome.ALREADY_GONE: ("goes", "was gone already"),
    Outcome.LOCKED: ("stays", "stays after all"),
    Outcome.SKIPPED_CHANGED: ("stays", "stays after all"),
    Outcome.DENIED: ("undone", "not permitted"),
    Outcome.FAILED: ("undone", "failed"),
    Outcome.NOT_REACHED: ("undone", "not reached"),
}
"""In which strip a tag is drawn: its colour, and its word."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One tag: where it is drawn, and what is said of it."""

    x: float
    said: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One strip with the tags of one verdict; ``told`` says in a sentence what it shows."""

    kind: str
    word: str
    number: str
    told: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Strips:
    """All strips over one stretch of time."""

    first: str
    last: str
    lanes: tuple[Lane, ...]


def strips(points: Sequence[TagPoint]) -> Strips | None:
    """Draw the tags; ``None`` where there is nothing to draw."""
    scale = Scale.over([point.updated for point in points])
    if scale is None:
        return None
    lanes: dict[tuple[str, str], list[TagPoint]] = {}
    for status, lane in _LANES.items():
        lanes.setdefault(lane, []).extend(p for p in points if p.status is status)
    drawn = tuple(_lane(*named, some, scale) for named, some in lanes.items() if some)
    return Strips(day(scale.first), day(scale.last), drawn)


def _lane(kind: str, word: str, points: Iterable[TagPoint], scale: Scale) -> Lane:
    placed = sorted(points, key=lambda point: point.updated)
    number = count(len(placed), "tag")
    told = f"{word}: {number}, last updated from {day(placed[0].updated)}"
    told += f" to {day(placed[-1].updated)}"
    marks = (Mark(scale.place(point.updated), _said(point, word)) for point in placed)
    return Lane(kind, word, number, told, tuple(marks))


def _said(point: TagPoint, word: str) -> str:
    name = shortened(point.name, 60)
    return f"{name}: {word}, updated {day(point.updated)}, {clock(point.updated)}"
