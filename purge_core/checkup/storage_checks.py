"""What a look at the app's queues, tables and records means."""

from collections.abc import Iterator, Sequence
from typing import Final

from purge_core.checkup.checks import Check, State
from purge_core.checkup.mending import assign_storage_role, is_loopback, show_storage, sign_in
from purge_core.checkup.sights import ServiceSight
from purge_core.instants import DAY, Instant
from purge_core.outbox import POISON_QUEUE
from purge_core.records.store_records import RunRecord, RunState, Trigger
from purge_core.report.text import count, listed, moment, old
from purge_core.schedule import Schedule

QUEUES: Final = "queues"
TABLES: Final = "tables"
_ROLES: Final = {
    QUEUES: "Storage Queue Data Contributor",
    TABLES: "Storage Table Data Contributor",
}
_MISSED: Final = ("docs/troubleshooting.md, No nightly run",)
_LATE: Final = DAY // 24 * 2
"""What a nightly run may be late before it is missed: two hours."""


def storage_checks(account: str, kind: str, sights: Sequence[ServiceSight]) -> Iterator[Check]:
    """Yield what the services of one kind, queues or tables, are like."""
    troubled = [sight for sight in sights if sight.trouble is not None]
    if troubled:
        said = "; ".join(sorted({sight.trouble or "" for sight in troubled}))
        yield Check(account, kind, State.MISSING, said, _mending(account, troubled[0]))
        return
    denied = [s.name for s in sights if s.may_read is False or s.may_write is False]
    if denied:
        said = f"may not read and write {listed(denied)}: the identity lacks {_ROLES[kind]}"
        mend = (assign_storage_role(_ROLES[kind], account.partition(".")[0]),)
        yield Check(account, kind, State.MISSING, said, mend)
        return
    yield Check(account, kind, State.OK, _there(sights))
    yield from _poison(account, sights)


def _mending(account: str, sight: ServiceSight) -> tuple[str, ...]:
    if not sight.signed_in:
        return sign_in()
    return _letting_in(account) if sight.answered else _reaching(account)


def _reaching(account: str) -> tuple[str, ...]:
    if is_loopback(account):
        return ("make start (it starts Azurite), or start Azurite",)
    return (show_storage(account),)


def _letting_in(account: str) -> tuple[str, ...]:
    named = "see that AzureWebJobsStorage (PURGE_JOURNAL) names the account and its key"
    return (named,) if is_loopback(account) else (named, show_storage(account))


def _there(sights: Sequence[ServiceSight]) -> str:
    absent = [sight.name for sight in sights if sight.exists is False]
    said = "may be read and written"
    if absent:
        said += f"; not there yet, and made when first needed: {listed(absent, 6)}"
    return said


def _poison(account: str, sights: Sequence[ServiceSight]) -> Iterator[Check]:
    for sight in sights:
        if sight.name == POISON_QUEUE and sight.waiting:
            said = f"{count(sight.waiting, 'message')} failed for good and wait in {POISON_QUEUE}"
            mend = ("look at the log of the function mark_failed, and at docs/troubleshooting.md",)
            yield Check(account, "poison queue", State.NOTE, said, mend)


def run_check(account: str, runs: Sequence[RunRecord], schedule: Schedule, now: Instant) -> Check:
    """Say whether the last nightly run began and ended; ``runs`` are the newest first."""
    nightly = [run for run in runs if run.trigger is Trigger.TIMER]
    due = schedule.latest(Instant(now - _LATE))
    if not nightly:
        missed = bool(runs) and due is not None and runs[-1].created < due - _LATE
        said = "no nightly run is recorded yet"
        return Check(account, "last night", State.MISSING if missed else State.NOTE, said)
    last = nightly[0]
    began = f"the last nightly run began {moment(last.created)} ({old(last.created, now)})"
    if due is not None and last.created < due - _LATE:
        said = f"{began}; one was due {moment(due)}"
        return Check(account, "last night", State.MISSING, said, _MISSED)
    state = State.MISSING if last.state is RunState.FAILED else State.OK
    state = State.NOTE if last.state is RunState.HELD else state
    why = f": {last.error}" if last.error else ""
    mend = (f"acr-purge run {last.id}",) if state is not State.OK else ()
    return Check(account, "last night", state, f"{began} and is {last.state.value}{why}", mend)
