"""How a repository of a run stands, what is wrong in it, and what to do about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from purge_core.pages.charts import Tone
from purge_core.records.losses import Cause
from purge_core.records.outcomes import Outcome
from purge_core.records.store_records import OutcomeCount, RepositoryRecord, RepositoryState
from purge_core.report.losses import loss_sentence
from purge_core.report.outcomes import refusal_advice, refusal_sentence
from purge_core.report.text import count, printable

_ADVICE: Final[Mapping[Outcome, str]] = {
    Outcome.DENIED: "acr-purge doctor names the missing right, and the command that gives it.",
    Outcome.FAILED: "The next run tries again; the steps say why.",
    Outcome.NOT_REACHED: "The next run goes on with them.",
}
_TOLD: Final[Mapping[Outcome, str]] = {
    Outcome.DENIED: "not permitted",
    Outcome.FAILED: "failed",
    Outcome.NOT_REACHED: "not reached",
}


_WORDS: Final[Mapping[RepositoryState, tuple[Tone, str]]] = {
    RepositoryState.QUEUED: (Tone.QUIET, "waiting"),
    RepositoryState.PLANNED: (Tone.QUIET, "planned"),
    RepositoryState.REFUSED: (Tone.WARN, "refused"),
    RepositoryState.FAILED: (Tone.BAD, "failed"),
    RepositoryState.GONE: (Tone.QUIET, "does not exist"),
    RepositoryState.PURGING: (Tone.QUIET, "under way"),
    RepositoryState.DONE: (Tone.GOOD, "done"),
}


_SENTENCES: Final[Mapping[RepositoryState, str]] = {
    RepositoryState.QUEUED: "It is not judged yet.",
    RepositoryState.PLANNED: "It is judged, and nothing is deleted yet.",
    RepositoryState.REFUSED: "Nothing is deleted here.",
    RepositoryState.FAILED: "It could not be finished.",
    RepositoryState.GONE: "The registry has no such repository any more.",
    RepositoryState.PURGING: "The plan is being carried out.",
    RepositoryState.DONE: "The plan was carried out.",
}
_MOST_DAMAGE: Final = 3


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong, and what to do."""

    what: str
    advice: str


def repository_word(record: RepositoryRecord) -> tuple[Tone, str]:
    """Say in a word how a repository stands, and its colour."""
    tone, word = _WORDS[record.state]
    return (Tone.WARN, "needs a look") if tone is Tone.GOOD and troubles(record) else (tone, word)


def repository_sentence(record: RepositoryRecord) -> str:
    """Say in a sentence how a repository stands."""
    if record.state is RepositoryState.DONE and not record.totals.steps:
        return "There was nothing to delete."
    return _SENTENCES[record.state]


def troubles(record: RepositoryRecord) -> tuple[Trouble, ...]:
    """Say everything that somebody should look at; nothing where all is well."""
    return (*_refused(record), *_failed(record), *_steps(record.outcomes), *_broken(record))


def _refused(record: RepositoryRecord) -> Iterator[Trouble]:
    for each in record.refusals:
        advice = refusal_advice(each)
        yield Trouble(f"Refused: {refusal_sentence(each)}.", f"{_sentence(advice)}.")
    if record.state is RepositoryState.REFUSED and not record.refusals:
        yield Trouble("Refused: its limits do not permit the plan.", "Look at the run's policy.")


def _failed(record: RepositoryRecord) -> Iterator[Trouble]:
    if record.state is RepositoryState.FAILED or record.error is not None:
        why = printable(record.error or "nothing is recorded of why").rstrip(".")
        yield Trouble(
            f"Failed: {why}.", "What is not done stays as it is; the next run tries again."
        )


def _steps(outcomes: tuple[OutcomeCount, ...]) -> Iterator[Trouble]:
    for each in outcomes:
        if each.outcome.is_trouble and each.steps:
            what = f"{count(each.steps, 'step')} {_TOLD[each.outcome]}."
            yield Trouble(what, _ADVICE[each.outcome])


def _broken(record: RepositoryRecord) -> Iterator[Trouble]:
    """Say what a look back after the purge found."""
    check = record.verified
    if check is None or not check.is_trouble:
        return
    damage = [loss for loss in check.losses if loss.cause is Cause.THIS_RUN]
    for loss in damage[:_MOST_DAMAGE]:
        yield Trouble(f"Damaged: {loss_sentence(loss)}.", "Push that image again.")
    if (more := len(damage) - _MOST_DAMAGE) > 0:
        yield Trouble(f"{more:,} more are damaged.", f"acr-purge verify {record.run} names them.")
    if check.error is not None or check.unread:
        why = printable(check.error or f"{count(check.unread, 'manifest')} could not be read")
        yield Trouble(f"Looking back was not possible: {why}.", "acr-purge verify looks again.")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
