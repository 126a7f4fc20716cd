"""Runs and repositories as rows, and back. The columns are documented in docs/reports.md."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from purge_core.adapters.tables.held import put_held, read_held
from purge_core.adapters.tables.noted import noted_columns, read_exact, read_told
from purge_core.adapters.tables.operations import MAX_PAYLOAD
from purge_core.adapters.tables.rows import (
    ROW_TEXT,
    Row,
    dumps,
    int64,
    moment,
    put_short,
    put_text,
    read_int,
    read_moment,
    take_text,
)
from purge_core.adapters.tables.sums import freed_columns, read_sums, sum_columns
from purge_core.errors import AlteredRecord, InputError, JournalError, Problem
from purge_core.instants import Instant, format_instant, parse_instant
from purge_core.judgement.guards import Refusal
from purge_core.model import RepositoryName
from purge_core.records.journal import Mode, RunId
from purge_core.records.losses import Check
from purge_core.records.store_records import (
    OutcomeCount,
    PlanSeal,
    ReasonCount,
    RepositoryRecord,
    RepositoryState,
    RunRecord,
    RunState,
    Totals,
    Trigger,
)
from purge_core.wire import codec_of

RUN: Final = "run"
REPOSITORY: Final = "repository"
PLAN: Final = "plan"
"""Which attempt to write a repository's plan was the one that counts."""

_TOTALS: Final = (
    "tags",
    "manifests",
    "tags_to_delete",
    "manifests_to_delete",
    "steps",
    "bytes_to_delete",
)
_WHERE_KNOWN: Final = {"kept": tuple[ReasonCount, ...], "verified": Check}
"""What is written as JSON where it is known."""


class AlteredRow(AlteredRecord):
    """A row that this program did not write, or not like this."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn whatever is wrong with a row into one error.

    Raises:
        AlteredRow: the row cannot be read.

    """
    try:
        yield
    except (LookupError, ValueError, TypeError, InputError) as error:
        raise AlteredRow(f"{what} in the journal cannot be read ({type(error).__name__})") from None


def write_json(hint: Any, value: object) -> str:  # noqa: ANN401 - a class, a union or an alias
    """Write a value of the core as JSON text."""
    return dumps(codec_of(hint).write(value))


def read_json(hint: Any, text: str) -> Any:  # noqa: ANN401 - what ``hint`` declares
    """Read JSON text strictly.

    Raises:
        ValueError: it is no JSON.
        InputError: it is not what ``hint`` declares.

    """
    problems: list[Problem] = []
    value = codec_of(hint).read(json.loads(text), "", problems)
    if problems:
        raise InputError(problems)
    return value


def run_row(run: RunRecord) -> Row:
    """Write a run.

    Raises:
        JournalError: the policy is longer than a row can hold.

    """
    if len(dumps(run.policy)) > MAX_PAYLOAD or len(run.policy) > ROW_TEXT:
        raise JournalError(f"the policy is too long to be recorded: {len(run.policy)} characters")
    row: Row = {
        "entry": RUN,
        "run": run.id,
        "registry": run.registry,
        "mode": run.mode.value,
        "state": run.state.value,
        "trigger": run.trigger.value,
        "now": moment(run.now),
        "created": moment(run.created),
        "updated": moment(run.updated),
        "finished": moment(run.finished),
    }
    put_text(row, "policy_name", run.policy_name)
    put_text(row, "policy", run.policy)
    put_short(row, "error", run.error)
    if run.repositories is not None:
        row["repositories"] = int64(run.repositories)
    put_held(row, run.held)
    return row | sum_columns(run.sums) | noted_columns(run)


def read_run(row: Mapping[str, Any]) -> RunRecord:
    """Read a run.

    Raises:
        AlteredRow: the row is none.

    """
    with reading("a run"):
        return RunRecord(
            id=RunId(row["run"]),
            registry=row["registry"],
            mode=Mode(row["mode"]),
            state=RunState(row["state"]),
            policy=take_text(row, "policy") or "",
            policy_name=take_text(row, "policy_name") or "",
            now=_time(row, "now"),
            trigger=Trigger(row["trigger"]),
            created=_time(row, "created"),
            updated=_time(row, "updated"),
            finished=read_moment(row, "finished"),
            repositories=read_int(row, "repositories"),
            held=read_held(row),
            error=take_text(row, "error"),
            sums=read_sums(row),
            told=read_told(row),
            exact=read_exact(row),
        )


def repository_row(record: RepositoryRecord) -> Row:
    """Write a repository of a run, without the number of the plan that counts."""
    row: Row = {
        "entry": REPOSITORY,
        "run": record.run,
        "repository": record.repository,
        "state": record.state.value,
        "updated": moment(record.updated),
        "attempts": int64(record.attempts),
        "outcomes": write_json(tuple[OutcomeCount, ...], record.outcomes),
        **freed_columns(record.outcomes),
    }
    row |= {name: int64(getattr(record.totals, name)) for name in _TOTALS}
    if record.totals.bytes_held is not None:
        row["bytes_held"] = int64(record.totals.bytes_held)
    for name, hint in _WHERE_KNOWN.items():
        if (value := getattr(record, name)) is not None:
            put_text(row, name, write_json(hint, value))
    put_text(row, "refusals", write_json(tuple[Refusal, ...], record.refusals))
    put_short(row, "error", record.error)
    return row | _seal_columns(record.seal)


def _seal_columns(seal: PlanSeal | None) -> Row:
    if seal is None:
        return {}
    marks = {"tags_mark": seal.tags_mark, "manifests_mark": seal.manifests_mark}
    return {
        "policy_hash": seal.policy_hash,
        "snapshot_hash": seal.snapshot_hash,
        "lists_manifests": seal.lists_manifests,
        "fingerprint": seal.fingerprint,
        **{name: format_instant(mark) for name, mark in marks.items() if mark is not None},
    }


def read_repository(row: Mapping[str, Any]) -> RepositoryRecord:
    """Read a repository of a run.

    Raises:
        AlteredRow: the row is none.

    """
    with reading("a repository of a run"):
        known = {name: take_text(row, name) for name in _WHERE_KNOWN}
        return RepositoryRecord(
            run=RunId(row["run"]),
            repository=RepositoryName(row["repository"]),
            state=RepositoryState(row["state"]),
            updated=_time(row, "updated"),
            totals=_read_totals(row),
            outcomes=read_json(tuple[OutcomeCount, ...], row["outcomes"]),
            seal=_read_seal(row),
            refusals=read_json(tuple[Refusal, ...], take_text(row, "refusals") or "[]"),
            error=take_text(row, "error"),
            attempts=_number(row, "attempts"),
            **{n: read_json(_WHERE_KNOWN[n], t) for n, t in known.items() if t is not None},
        )


def _read_totals(row: Mapping[str, Any]) -> Totals:
    return Totals(**{n: _number(row, n) for n in _TOTALS}, bytes_held=read_int(row, "bytes_held"))


def _read_seal(row: Mapping[str, Any]) -> PlanSeal | None:
    if "fingerprint" not in row:
        return None
    return PlanSeal(
        row["policy_hash"],
        row["snapshot_hash"],
        _mark(row, "tags_mark"),
        _mark(row, "manifests_mark"),
        row["lists_manifests"],
        row["fingerprint"],
    )


def _mark(row: Mapping[str, Any], name: str) -> Instant | None:
    return parse_instant(row[name]) if name in row else None


def _time(row: Mapping[str, Any], name: str) -> Instant:
    value = read_moment(row, name)
    if value is None:
        raise KeyError(name)
    return value


def _number(row: Mapping[str, Any], name: str) -> int:
    value = read_int(row, name)
    if value is None:
        raise KeyError(name)
    return value
