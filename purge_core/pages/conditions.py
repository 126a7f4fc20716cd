"""How a registry, a run and a repository stand: one word, its colour, and a sentence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from purge_core.instants import DAY, Instant
from purge_core.pages.charts import Tone
from purge_core.pages.words import clock, day, weekday
from purge_core.records.journal import Mode
from purge_core.records.outcomes import Outcome
from purge_core.records.overviews import Condition, RegistryOverview
from purge_core.records.step_records import Pending, Status
from purge_core.records.store_records import (
    OutcomeCount,
    RunRecord,
    RunState,
    RunSums,
    Totals,
    Trigger,
)
from purge_core.report.outcomes import refusal_advice, refusal_sentence
from purge_core.report.text import count, printable, shortened, size

STARTED: Final[Mapping[Trigger, str]] = {
    Trigger.TIMER: "by schedule",
    Trigger.HTTP: "by a request",
    Trigger.CLI: "by a command",
    Trigger.APPLY: "by applying a plan",
}
"""What started a run, in words."""


_MOST: Final = 300
"""Characters of an error that a sentence holds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One word with its colour; ``sentence`` says it whole, ``advice`` what to do about it.

    ``remark`` is what of the sentence a table says that has the numbers in columns.
    """

    tone: Tone
    word: str
    sentence: str
    advice: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """What went, or would: tags, manifests, bytes at most; ``exact`` bytes where counted."""

    tags: int
    manifests: int
    bytes: int
    exact: int | None = None

    @classmethod
    def ended(cls, outcomes: Iterable[OutcomeCount], exact: int | None = None) -> "Gone":
        """Add up what went."""
        gone = [each for each in outcomes if each.outcome.is_deleted]
        tags, manifests = sum(e.tags for e in gone), sum(e.manifests for e in gone)
        return cls(tags, manifests, sum(e.bytes for e in gone), exact)

    @classmethod
    def meant(cls, totals: Totals, exact: int | None = None) -> "Gone":
        """Take what is to go."""
        tags, manifests = totals.tags_to_delete, totals.manifests_to_delete
        return cls(tags, manifests, totals.bytes_to_delete, exact)

    @classmethod
    def of(cls, sums: RunSums, *, would: bool) -> "Gone":
        """Take what a run made go, or ``would``."""
        if would:
            return cls.meant(sums.totals, sums.exact_bytes)
        return cls.ended(sums.outcomes, sums.exact_bytes)

    @property
    def items(self) -> int:
        """Tags and manifests together."""
        return self.tags + self.manifests

    @property
    def words(self) -> str:
        """Say it: ``3 tags and 1 manifest, at most 2.0 GiB``."""
        what = f"{count(self.tags, 'tag')} and {count(self.manifests, 'manifest')}"
        if self.exact is not None:
            return f"{what}, {size(self.exact)} counted blob by blob"
        return f"{what}, at most {size(self.bytes)}" if self.bytes else what


def is_plan(run: RunRecord) -> bool:
    """Whether a run's numbers are of what would go, and nothing went.

    A plan that somebody applied is none any more, though it was asked for as one.
    """
    waits = run.state in (RunState.PLANNED, RunState.HELD)
    begins = run.state in (RunState.QUEUED, RunState.PLANNING)
    return waits or (begins and run.mode is Mode.PLAN)


_WORDS: Final[Mapping[Condition, tuple[Tone, str]]] = {
    Condition.NEVER: (Tone.QUIET, "no run yet"),
    Condition.MISSING: (Tone.BAD, "missing"),
    Condition.FAILED: (Tone.BAD, "failed"),
    Condition.HELD: (Tone.WARN, "held"),
    Condition.TROUBLED: (Tone.WARN, "needs a look"),
    Condition.RUNNING: (Tone.QUIET, "running"),
    Condition.PLANNED: (Tone.GOOD, "planned"),
    Condition.DONE: (Tone.GOOD, "done"),
}


def condition_word(condition: Condition | None) -> tuple[Tone, str]:
    """Give a day's word and its colour; ``None`` is a day on which nothing was due."""
    return (Tone.QUIET, "no run") if condition is None else _WORDS[condition]


def registry_standing(registry: RegistryOverview, now: Instant) -> Standing:
    """Say how a registry's latest night went."""
    tone, word = _WORDS[registry.condition]
    if registry.latest is None or registry.condition in (Condition.NEVER, Condition.MISSING):
        return _without_run(registry, tone, word, now)
    which = named_run(registry.latest, now)
    rest = run_standing(registry.latest, registry.sums, now)
    return Standing(tone, word, f"{which} {rest.sentence}", rest.advice)


def _without_run(registry: RegistryOverview, tone: Tone, word: str, now: Instant) -> Standing:
    if registry.condition is not Condition.MISSING:
        sentence = "Nothing has run here yet."
        return Standing(tone, word, sentence, "The first night, or a run by hand, will show here.")
    due = registry.missing[0] if registry.missing else None
    when = "" if due is None else f" One was due on {weekday(due)}, at {clock(due)}."
    recent = due is not None and now - due < DAY
    sentence = f"There was no run last night.{when}" if recent else f"A run is missing.{when}"
    advice = "See whether the app runs and its timer is on: acr-purge doctor tells what is missing."
    return Standing(tone, word, sentence, advice)


def named_run(run: RunRecord, now: Instant) -> str:
    """Say which run is meant, at the beginning of a sentence."""
    if run.trigger is not Trigger.TIMER:
        at = f"{day(run.created)}, {clock(run.created)}"
        return f"The latest run ({at}, started {STARTED[run.trigger]})"
    if now - run.created < DAY:
        return "Last night's run"
    return f"The latest nightly run ({weekday(run.created)})"


def run_label(run: RunRecord) -> str:
    """Name a run so that no other is meant."""
    return f"run of {day(run.created)}, {clock(run.created)}, {printable(run.registry)}"


def run_standing(run: RunRecord, sums: RunSums | None, now: Instant) -> Standing:
    """Say how a run stands; the sentence goes on where its name ends."""
    match run.state:
        case RunState.QUEUED | RunState.PLANNING | RunState.PURGING:
            return _begun(run, now)
        case RunState.FAILED:
            why = shortened(run.error or "nothing is recorded of why", _MOST).rstrip(".")
            advice = "What was deleted until then is recorded. The next run begins anew."
            return Standing(Tone.BAD, "failed", f"failed: {why}.", advice, f"{why}.")
        case RunState.HELD:
            return _held(run)
        case RunState.PLANNED | RunState.DONE:
            return _ended(run, sums)
        case _:
            assert_never(run.state)


def _begun(run: RunRecord, now: Instant) -> Standing:
    """Tell a run that is at work from one that, a day later, nobody may be at work on."""
    if now - run.created < DAY:
        return Standing(Tone.QUIET, run.state.value, "is under way.")
    advice = "What it deleted is recorded. If nothing is at work on it, the next run begins anew."
    sentence = "has no end on record, a day after it began: it was killed, or takes very long."
    return Standing(Tone.WARN, "no end", sentence, advice, "No end on record.")


def _held(run: RunRecord) -> Standing:
    if run.held is None:
        return Standing(Tone.WARN, "held", "is held over a limit, and deletes nothing.")
    why = refusal_sentence(run.held)
    advice = f"{refusal_advice(run.held)}."
    sentence = f"is held and deletes nothing: {why}."
    advice = advice[:1].upper() + advice[1:]
    return Standing(Tone.WARN, "held", sentence, advice, f"{why[:1].upper()}{why[1:]}.")


def _ended(run: RunRecord, sums: RunSums | None) -> Standing:
    planned = run.state is RunState.PLANNED
    word = "planned" if planned else "done"
    if sums is None:
        return Standing(Tone.QUIET, word, "has ended; its sums were not recorded.")
    gone = Gone.of(sums, would=planned)
    if planned:
        did = f"only planned: {gone.words} would go" if gone.items else "found nothing to delete"
    else:
        did = f"deleted {gone.words}" if gone.items else "had nothing to delete"
    if not sums.troubled:
        return Standing(Tone.GOOD, word, f"{did}.", _plan_advice(run, gone))
    look = f"{sums.troubled:,} of {count(sums.repositories, 'repository')}"
    verb = "needs" if sums.troubled == 1 else "need"
    sentence = f"{did}, and {look} {verb} a look."
    return Standing(Tone.WARN, "needs a look", sentence, remark=f"{look} {verb} a look.")


def _plan_advice(run: RunRecord, gone: Gone) -> str:
    if run.mode is Mode.PLAN and gone.items and run.trigger is Trigger.TIMER:
        return "Nights only plan until PURGE_MODE is set to purge."
    return ""


_STATUS_WORDS: Final[Mapping[Status, tuple[Tone, str]]] = {
    Pending.PLANNED: (Tone.QUIET, "planned"),
    Pending.DELETING: (Tone.WARN, "begun"),
    Outcome.DELETED: (Tone.GOOD, "deleted"),
    Outcome.CASCADED: (Tone.GOOD, "went along"),
    Outcome.ALREADY_GONE: (Tone.QUIET, "was gone"),
    Outcome.LOCKED: (Tone.QUIET, "locked meanwhile"),
    Outcome.SKIPPED_CHANGED: (Tone.QUIET, "changed meanwhile"),
    Outcome.HAD_MOVED: (Tone.WARN, "deleted, had moved"),
    Outcome.DENIED: (Tone.BAD, "not permitted"),
    Outcome.FAILED: (Tone.BAD, "failed"),
    Outcome.NOT_REACHED: (Tone.WARN, "not reached"),
}


def status_word(status: Status) -> tuple[Tone, str]:
    """Say how a step stands, and its colour."""
    return _STATUS_WORDS[status]
