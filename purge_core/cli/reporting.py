"""What ``report`` does, apart from reading its options."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, assert_never

from purge_core.bootstrap import current_instant, login_server, open_store
from purge_core.cli import console
from purge_core.cli.exits import Exit
from purge_core.cli.given import ReportOptions
from purge_core.cli.planning import replace_file
from purge_core.cli.recording import journal_address
from purge_core.cli.requests import environment
from purge_core.errors import InputError, Problem
from purge_core.instants import Instant
from purge_core.model import RepositoryName
from purge_core.records.journal import RunId
from purge_core.records.overviews import Overview, RepositoryFilter, RepositoryReport, RunReport
from purge_core.records.store import RunStore
from purge_core.records.sums import is_troubled
from purge_core.report import csv_text
from purge_core.report.forms import Format
from purge_core.report.overviews import (
    overview_document,
    repository_report_document,
    run_report_document,
)
from purge_core.reviewing.reading import MOST_REPOSITORIES, NoSuchRecord
from purge_core.reviewing.registries import Sight, overview
from purge_core.reviewing.repositories import repository_report, steps_report
from purge_core.reviewing.runs import run_report
from purge_core.settings import Settings
from purge_core.wire import JsonObject
from purge_core.wording import shown

MOST_STEPS: Final = 5_000
"""So many steps are in one page at most; the repositories with trouble come first."""
_MOST_REPOSITORIES: Final = 50
"""Of so many repositories the steps are in one page."""
_EVERY: Final = RepositoryFilter()


@dataclass(frozen=True, slots=True)
class Report:
    """What a report tells; a single run or repository has no ``overview``."""

    overview: Overview | None
    runs: tuple[RunReport, ...] = ()
    repositories: tuple[RepositoryReport, ...] = ()


def report(options: ReportOptions) -> int:
    """Read the journal, and tell.

    Raises:
        InputError: there is no such run or repository, or the file cannot be written.
        JournalError: the journal could not be read.

    """
    _require_fitting(options)
    settings = environment()
    address = journal_address(options.journal, settings)

    async def ask() -> Report:
        async with open_store(address) as store:
            return await _read(store, options, settings)

    try:
        found = asyncio.run(ask())
    except NoSuchRecord as error:
        raise InputError([Problem("--run", shown(options.run or ""), str(error))]) from None
    _write(_told(found, Format(options.form)), options.out)
    return Exit.DONE


def _require_fitting(options: ReportOptions) -> None:
    """Refuse options that make no sense together.

    Raises:
        InputError: with all problems.

    """
    problems: list[Problem] = []
    if options.repository is not None and options.run is None:
        problems.append(Problem("--repository", "no --run beside it", "a run to look at"))
    if options.after is not None and options.repository is None:
        problems.append(Problem("--after", "no --repository beside it", "a list to go on with"))
    if options.out is not None and not Path(options.out).name:
        problems.append(Problem("--out", shown(options.out), "the name of a file"))
    if problems:
        raise InputError(problems)


async def _read(store: RunStore, options: ReportOptions, settings: Settings) -> Report:
    now = current_instant()
    if options.run is None:
        return await _read_all(store, options, settings, now)
    run = RunId(options.run)
    if options.repository is not None:
        name = RepositoryName(options.repository)
        return Report(None, (), (await repository_report(store, run, name, now, options.after),))
    of_run = await run_report(store, run, _EVERY, now, many=MOST_REPOSITORIES)
    return await _with_steps(store, Report(None, (of_run,)), Format(options.form))


async def _read_all(
    store: RunStore, options: ReportOptions, settings: Settings, now: Instant
) -> Report:
    """Look at the registry that is meant, or at all; a page tells of their latest runs, too."""
    name = options.registry or settings.registry
    registries = (
        await store.registries() if name is None else (login_server(name, path="--registry"),)
    )
    sight = Sight(now, settings.schedule, options.days, sure=False)
    found = await overview(store, registries, sight)
    if Format(options.form) is not Format.HTML:
        return Report(found)
    latest = [each.latest for each in found.registries if each.latest is not None]
    runs = [await run_report(store, run.id, _EVERY, now) for run in latest]
    return await _with_steps(store, Report(found, tuple(runs)), Format(options.form))


async def _with_steps(store: RunStore, found: Report, form: Format) -> Report:
    """Add the steps of as many repositories as one page holds."""
    if form is not Format.HTML:
        return found
    left, repositories = MOST_STEPS, list[RepositoryReport]()
    for run in found.runs:
        busy = [record for record in run.repositories if record.totals.steps]
        for record in sorted(busy, key=lambda each: not is_troubled(each)):
            if left and len(repositories) < _MOST_REPOSITORIES:
                part = await steps_report(store, run.run, record, run.now, left)
                repositories.append(part)
                left -= len(part.steps)
    return replace(found, repositories=tuple(repositories))


def _told(found: Report, form: Format) -> Iterable[str]:
    match form:
        case Format.HTML:
            from purge_core.pages.file import report_file

            return (report_file(found.overview, found.runs, found.repositories),)
        case Format.JSON:
            return json.dumps(_document(found), indent=1), "\n"
        case Format.CSV:
            return (_table(found),)
        case _:
            assert_never(form)


def _document(found: Report) -> JsonObject:
    if found.overview is not None:
        return overview_document(found.overview)
    if found.repositories:
        return repository_report_document(found.repositories[0])
    return run_report_document(found.runs[0])


def _table(found: Report) -> str:
    if found.overview is not None:
        return csv_text.overview_csv(found.overview)
    if found.repositories:
        return csv_text.repository_csv(found.repositories[0])
    return csv_text.run_csv(found.runs[0])


def _write(pieces: Iterable[str], out: str | None) -> None:
    """Write the report.

    Raises:
        InputError: the file cannot be written.

    """
    if out is None:
        console.emit(pieces)
        return
    try:
        replace_file(Path(out), pieces)
    except OSError as error:
        found = f"{shown(out)} ({error.strerror})"
        raise InputError([Problem("--out", found, "a file that can be written")]) from None
    console.tell(f"the report is in {out}")
