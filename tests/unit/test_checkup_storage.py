"""What `doctor` concludes from what was seen of queues, tables and the last night; its text."""

from dataclasses import replace

import pytest

from purge_core.checkup.checks import Check, State
from purge_core.checkup.sights import ServiceSight
from purge_core.checkup.storage_checks import QUEUES, TABLES, run_check, storage_checks
from purge_core.checkup.telling import check_document, check_lines
from purge_core.instants import DAY, Instant, parse_instant
from purge_core.records.journal import Mode, RunId
from purge_core.records.store_records import RunRecord, RunState, Trigger
from purge_core.schedule import parse_schedule

ACCOUNT = "logs.queue.core.windows.net"
NIGHTLY = parse_schedule("0 0 1 * * *")
NOON = parse_instant("2026-03-10T12:00:00Z")
GOOD = ServiceSight("purge-work", exists=True, may_read=True, may_write=True)


def seen(*sights: ServiceSight, kind: str = QUEUES, account: str = ACCOUNT) -> list[Check]:
    """Return the checks."""
    return list(storage_checks(account, kind, sights))


def test_all_is_well() -> None:
    """What is not there yet is told, and no fault: it is made when needed."""
    (check,) = seen(GOOD, ServiceSight("b", exists=False, may_read=True, may_write=True))
    assert check.state is State.OK
    assert "made when first needed: b" in check.said


@pytest.mark.parametrize(("read", "write"), [(False, True), (True, False)])
def test_denied(read: bool, write: bool) -> None:
    """Reading and writing are one role."""
    (check,) = seen(GOOD, ServiceSight("b", may_read=read, may_write=write), kind=TABLES)
    assert check.state is State.MISSING
    assert "b: the identity lacks Storage Table Data Contributor" in check.said
    assert "az storage account show --name logs" in check.mend[0]


@pytest.mark.parametrize(
    ("account", "answered", "mend"),
    [
        ("127.0.0.1:10001", False, "Azurite"),
        ("127.0.0.1:10001", True, "its key"),
        (ACCOUNT, False, "publicNetworkAccess"),
        (ACCOUNT, True, "its key"),
    ],
)
def test_out_of_reach(account: str, answered: bool, mend: str) -> None:
    """What helps depends on whether somebody answered, and where."""
    sights = [ServiceSight(name, trouble="no answer", answered=answered) for name in "ab"]
    (check,) = seen(*sights, account=account)
    assert (check.state, check.said) == (State.MISSING, "no answer")
    assert mend in check.mend[0]


def test_nobody_is_signed_in() -> None:
    """Then no look at the account helps, and signing in does."""
    sight = ServiceSight("a", trouble="nobody", answered=False, signed_in=False)
    (check,) = seen(sight)
    assert check.mend[0] == "az login"


def test_poison() -> None:
    """Messages that failed for good are told of, and stop nobody."""
    poison = replace(GOOD, name="purge-work-poison", waiting=3)
    _, check = seen(GOOD, poison)
    assert (check.state, check.said.partition(" failed")[0]) == (State.NOTE, "3 messages")
    assert len(seen(GOOD, replace(GOOD, name="purge-work-poison", waiting=0))) == 1


def run(
    created: str, trigger: Trigger = Trigger.TIMER, state: RunState = RunState.DONE
) -> RunRecord:
    """Return a run that began at a time."""
    at = parse_instant(created)
    return RunRecord(
        id=RunId("r1"),
        registry="contoso.azurecr.io",
        mode=Mode.PURGE,
        state=state,
        policy="{}",
        policy_name="default",
        now=at,
        trigger=trigger,
        created=at,
        updated=at,
    )


@pytest.mark.parametrize(
    ("runs", "state"),
    [
        ([], State.NOTE),
        ([run("2026-03-10T01:00:01Z")], State.OK),
        ([run("2026-03-09T01:00:01Z")], State.MISSING),
        ([run("2026-03-10T01:00:01Z", state=RunState.FAILED)], State.MISSING),
        ([run("2026-03-10T01:00:01Z", state=RunState.HELD)], State.NOTE),
        ([run("2026-03-10T09:00:00Z", Trigger.HTTP), run("2026-03-10T01:00:01Z")], State.OK),
        ([run("2026-03-10T09:00:00Z", Trigger.HTTP)], State.NOTE),
        ([run("2026-03-09T09:00:00Z", Trigger.HTTP)], State.MISSING),
    ],
)
def test_last_night(runs: list[RunRecord], state: State) -> None:
    """A night that was due has to have begun and not failed; others' runs do not count."""
    assert run_check(ACCOUNT, runs, NIGHTLY, NOON).state is state


def test_a_night_may_be_late() -> None:
    """Two hours after it was due the run of the night before is still enough."""
    runs = [run("2026-03-09T01:00:01Z")]
    at_two = parse_instant("2026-03-10T02:59:59Z")
    assert run_check(ACCOUNT, runs, NIGHTLY, at_two).state is State.OK
    assert run_check(ACCOUNT, runs, NIGHTLY, Instant(at_two + DAY // 24)).state is State.MISSING


def test_text() -> None:
    """One block per subject, sentences of at most 80 columns, commands whole, nothing raw."""
    checks = [
        Check("a", "one", State.OK, "word " * 30),
        Check("b", "two", State.MISSING, "\x1b[31mred", ("az " + "x" * 90,)),
    ]
    lines = list(check_lines(checks))
    assert max(len(line) for line in lines if "> az" not in line) <= 80
    assert f"           > az {'x' * 90}" in lines
    assert lines[-1] == "1 thing missing: what is intended will not work yet."
    assert not any("\x1b" in line for line in lines)
    assert next(check_lines(checks[:1])) == "a"
    assert list(check_lines(checks[:1]))[-1] == "Nothing is missing."


def test_document() -> None:
    """Everything, and whether all is well."""
    check = Check("a", "one", State.UNSEEN, "said", ("mend",))
    assert check_document([check]) == {
        "version": 1,
        "well": True,
        "checks": [
            {"subject": "a", "topic": "one", "state": "unseen", "said": "said", "mend": ["mend"]}
        ],
    }
