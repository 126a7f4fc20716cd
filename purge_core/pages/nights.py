"""A registry's nights as pictures: what each freed and deleted, and which went wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from purge_core.pages.charts import Amount, Chart, Tone, bars
from purge_core.pages.conditions import condition_word
from purge_core.pages.words import day, short_day
from purge_core.records.overviews import Night
from purge_core.report.text import count, size

_KEYS: Final = {Tone.WARN: "held, or needs a look", Tone.BAD: "missing or failed"}


EXACTLY: Final = "counted blob by blob"
AT_MOST: Final = "at most"


@dataclass(frozen=True, slots=True)
class Freed:
    """What nights freed in bytes: exactly where all that deleted counted it, or at most."""

    is_exact: bool

    @classmethod
    def of(cls, nights: Sequence[Night]) -> "Freed":
        """Say which of both numbers holds for all of these nights."""
        deleting = [night for night in nights if night.deleted]
        return cls(bool(deleting) and all(night.exact is not None for night in deleting))

    @property
    def note(self) -> str:
        """Say what kind of number it is."""
        return EXACTLY if self.is_exact else AT_MOST

    def on(self, night: Night) -> int:
        """Give what one of them freed."""
        return night.exact or 0 if self.is_exact else night.freed


def night_charts(nights: Sequence[Night]) -> tuple[Chart, ...]:
    """Draw bytes and deletions by night: of what went, or of plans where nothing ever went."""
    if not nights:
        return ()
    if any(night.deleted for night in nights) or not any(night.planned for night in nights):
        freed = Freed.of(nights)
        return (
            _chart(nights, "Freed per night", freed.note, freed.on, size),
            _chart(nights, "Deleted per night", "tags and manifests", _deleted, _items),
        )
    note = "at most; these nights only planned"
    return (
        _chart(nights, "Would be freed", note, lambda night: night.planned_bytes, size),
        _chart(nights, "Would be deleted", "tags and manifests", lambda n: n.planned, _items),
    )


def _chart(
    nights: Sequence[Night],
    title: str,
    note: str,
    value: Callable[[Night], int],
    words: Callable[[int], str],
) -> Chart:
    amounts = [_amount(night, value(night), words) for night in nights]
    most = max(nights, key=value)
    told = f"{title}, {note}, over {count(len(nights), 'day')}: "
    if top := value(most):
        told += (
            f"{words(sum(map(value, nights)))} in all, the most {words(top)} on {day(most.day)}."
        )
    else:
        told += "none."
    tones = {each.tone for each in amounts}
    keys = tuple((tone.value, words) for tone, words in _KEYS.items() if tone in tones)
    first, last = short_day(nights[0].day), short_day(nights[-1].day)
    return Chart(title, note, told, bars(amounts), words(top), first, last, keys)


def _amount(night: Night, value: int, words: Callable[[int], str]) -> Amount:
    tone, word = condition_word(night.condition)
    return Amount(value, tone, f"{day(night.day)}: {words(value)} ({word})")


def _deleted(night: Night) -> int:
    return night.deleted


def _items(number: int) -> str:
    return f"{number:,}"
