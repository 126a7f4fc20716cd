"""What a notice says to people, before a chat's own marks: a headline and facts.

Nothing here is escaped for a chat: each shape does that with whatever it takes from here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from purge_core.notices.notice import Amount, Notice
from purge_core.notices.webhook import Event
from purge_core.records.store_records import RunState
from purge_core.report.outcomes import refusal_advice, refusal_sentence
from purge_core.report.text import count, moment, shortened, size

_LONGEST = 200
"""Characters of one value."""


class Tone(Enum):
    """How much a notice wants attention."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is said: its title is ours, its value may come from anywhere."""

    title: str
    value: str


def headline(notice: Notice) -> str:
    """Say the most important thing, in one short line."""
    where = shortened(notice.registry, 80)
    match notice.state:
        case RunState.FAILED:
            return f"The run on {where} failed"
        case RunState.HELD:
            return f"The run on {where} is held: it waits for its apply, and deleted nothing"
        case RunState.PLANNED:
            return f"The plan for {where} has trouble"
        case RunState.DONE:
            done = f"{count(_items(notice.deleted), 'deletion')} on {where}"
            return f"{done}, with trouble" if tone(notice) is not Tone.GOOD else done
        case RunState.QUEUED | RunState.PLANNING | RunState.PURGING:
            return f"The run on {where} is under way"
        case _:
            assert_never(notice.state)


def tone(notice: Notice) -> Tone:
    """Say how much it wants attention."""
    if Event.FAILED in notice.events:
        return Tone.BAD
    if {Event.HELD, Event.REFUSED} & set(notice.events):
        return Tone.WARNING
    return Tone.GOOD


def facts(notice: Notice) -> Iterator[Fact]:
    """Say what else there is to know of the run; see ``troubles`` for its repositories."""
    yield Fact("Run", shortened(notice.run, _LONGEST))
    began = f"{notice.mode.value}, started by {notice.trigger.value}, {moment(notice.created)}"
    yield Fact("Mode", began)
    if Event.DELETED in notice.events:
        yield Fact("Deleted", _amount(notice.deleted))
    else:
        yield Fact("Planned", _amount(notice.planned))
    if notice.exact_bytes is not None:
        yield Fact("Frees exactly", size(notice.exact_bytes))
    yield Fact("Repositories", _repositories(notice))
    if notice.held is not None:
        yield Fact("Held", f"{refusal_sentence(notice.held)}; {refusal_advice(notice.held)}")
    if notice.error is not None:
        yield Fact("Error", shortened(notice.error, _LONGEST))


def troubles(notice: Notice, most: int) -> Iterator[Fact]:
    """Name up to ``most`` repositories that somebody should look at, and count the others."""
    for each in notice.troubled[:most]:
        yield Fact(shortened(each.repository, 100), shortened(each.why, _LONGEST))
    more = notice.more_troubled + max(0, len(notice.troubled) - most)
    if more:
        yield Fact("And more", count(more, "repository"))


def _items(amount: Amount) -> int:
    return amount.tags + amount.manifests


def _amount(amount: Amount) -> str:
    what = f"{count(amount.tags, 'tag')}, {count(amount.manifests, 'manifest')}"
    return f"{what}, {size(amount.bytes_at_most)} at most"


def _repositories(notice: Notice) -> str:
    found = notice.repositories
    words = [f"{found.total:,}"]
    words += [f"{found.refused:,} refused"] if found.refused else []
    words += [f"{found.failed:,} failed"] if found.failed else []
    return ", ".join(words)
