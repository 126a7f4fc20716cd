"""Pictures as geometry: bars over nights, and strips on which every tag is a line.

They are drawn into a box that stretches with the page, so all words stay outside of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from purge_core.instants import Instant

HEIGHT: Final = 100.0
"""Units of a picture from its bottom to its top."""

WIDTH: Final = 1000.0
"""Units of a strip from its left to its right."""

_GAP: Final = 0.12
"""The part of a bar's place that stays empty on either side."""
_LEAST: Final = 1.5
"""Units that a bar is high at least, so that little is seen, too."""


class Tone(Enum):
    """What something means for whoever looks: its words say the same."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Amount:
    """One bar to be: how much, what it means, and what to say of it."""

    value: int
    tone: Tone
    said: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its place. Below the ground ``tone`` is shown where it is bad, or a warning."""

    x: float
    y: float
    width: float
    height: float
    tone: Tone
    said: str

    @property
    def is_marked(self) -> bool:
        """Whether there is something to show below the ground."""
        return self.tone in (Tone.BAD, Tone.WARN)


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars with the words around them. ``told`` says in a sentence what there is to see."""

    title: str
    note: str
    told: str
    bars: tuple[Bar, ...]
    most: str
    first: str
    last: str
    keys: tuple[tuple[str, str], ...] = ()


def bars(amounts: Sequence[Amount]) -> tuple[Bar, ...]:
    """Place one bar after the other, one unit apart; the largest fills the height."""
    most = max((each.value for each in amounts), default=0)
    return tuple(_bar(number, each, most) for number, each in enumerate(amounts))


def _bar(number: int, amount: Amount, most: int) -> Bar:
    height = max(_LEAST, HEIGHT * amount.value / most) if amount.value else 0.0
    y, width = round(HEIGHT - height, 2), round(1 - 2 * _GAP, 2)
    return Bar(round(number + _GAP, 2), y, width, round(height, 2), amount.tone, amount.said)


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of time as a line from 0 to ``WIDTH``."""

    first: Instant
    last: Instant

    @classmethod
    def over(cls, times: Sequence[Instant]) -> "Scale | None":
        """Take the stretch that holds all of them; ``None`` where there are none."""
        return cls(min(times), max(times)) if times else None

    def place(self, instant: Instant) -> float:
        """Say where a time lies; all in the middle where there is just one."""
        length = self.last - self.first
        inner = WIDTH * (instant - self.first) / length if length else WIDTH / 2
        return round(4 + inner * (WIDTH - 8) / WIDTH, 1)
