"""Every page once, by name: as it usually is, and full of names that mean harm."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from purge_core.errors import Problem
from purge_core.model import RepositoryName
from purge_core.pages.file import report_file
from purge_core.pages.image import image_page
from purge_core.pages.links import AppLinks
from purge_core.pages.overview import overview_page
from purge_core.pages.problem import problem_page
from purge_core.pages.repository import repository_page
from purge_core.pages.run import run_page
from purge_core.records.outcomes import Outcome
from purge_core.records.overviews import Condition, Reading, RepositoryReport, RunReport
from purge_core.records.store_records import RepositoryRecord, RepositoryState, RunState, Trigger
from tests.pages.details import image_report, repository_report
from tests.pages.values import (
    HOSTILE,
    missing,
    overview,
    repository,
    run,
    run_report,
    seen,
    some_repositories,
    troubled,
    well,
)

KEY: Final = "s3cr3t&key=<1>"
LINKS: Final = AppLinks(KEY)


def _details(report: RunReport) -> list[RepositoryReport]:
    return [
        replace(repository_report(each.repository), run=report.run, record=each)
        for each in report.repositories[:2]
    ]


def usual() -> Mapping[str, str]:
    """Return every page as it usually is."""
    records = some_repositories()
    planned = tuple(_planned(each) for each in records)
    plan = run(RunState.PLANNED, repositories=planned, trigger=Trigger.CLI)
    of_run = run_report()
    another = run_report(run(repositories=records, registry="fabrikam.azurecr.io", back=1), records)
    all_three = overview(troubled(), well(), missing())
    return {
        "overview": overview_page(all_three, LINKS),
        "overview-well": overview_page(overview(well()), LINKS),
        "overview-empty": overview_page(overview(), LINKS),
        "overview-new": overview_page(overview(seen("new", Condition.NEVER, ())), LINKS),
        "run": run_page(of_run, LINKS),
        "run-plan": run_page(run_report(plan, planned), LINKS),
        "run-empty": run_page(run_report(records=()), LINKS),
        "repository": repository_page(repository_report(), LINKS),
        "image": image_page(image_report(), LINKS),
        "image-lost": image_page(image_report(reading=Reading.UNREACHABLE), LINKS),
        "image-unknown": image_page(image_report(reading=Reading.NOT_FOUND), LINKS),
        "file": report_file(all_three, (of_run, another), [*_details(of_run), *_details(another)]),
        "file-run": report_file(None, (of_run,), ()),
        "file-repository": report_file(None, (), (repository_report(),)),
    }


def _planned(record: RepositoryRecord) -> RepositoryRecord:
    """Return a repository as it stands before anything is carried out."""
    done = record.state is RepositoryState.DONE
    state = RepositoryState.PLANNED if done else record.state
    return replace(record, state=state, outcomes=())


def named(names: tuple[str, ...]) -> Mapping[str, str]:
    """Return the pages with these names wherever a registry or a person gives one."""
    records = tuple(_record(name) for name in names)
    failed = run(RunState.FAILED, repositories=records, registry=names[0], error=" ".join(names))
    policy = replace(failed, policy_name=names[1])
    report = replace(run_report(policy, records), find=replace(run_report().find, text=names[0]))
    bad = seen(names[2], Condition.FAILED, (policy,), biggest=records, troubled=records)
    return {
        "overview": overview_page(overview(bad), LINKS),
        "run": run_page(report, LINKS),
        "repository": repository_page(_repository(names), LINKS),
        "image": image_page(image_report(names[0], names[1]), LINKS),
        "image-lost": image_page(
            replace(image_report(names[3], names[4], Reading.UNREACHABLE), trouble=names[5]),
            LINKS,
        ),
        "problem": problem_page(names[0], "", [Problem(*names[1:4])], LINKS),
        "file": report_file(overview(bad), (report,), _details(report)),
    }


def _record(name: str) -> RepositoryRecord:
    return replace(repository(name, number=3, ended=Outcome.DENIED), error=name)


def _repository(names: tuple[str, ...]) -> RepositoryReport:
    report = repository_report(RepositoryName(names[0]), names)
    return replace(report, record=_record(names[6]))


def hostile() -> Mapping[str, str]:
    """Return the pages full of names that mean harm."""
    return named(HOSTILE)


def harmless() -> Mapping[str, str]:
    """Return the same pages with as many names of which none means anything."""
    return named(tuple(f"team/name{number}" for number in range(len(HOSTILE))))
