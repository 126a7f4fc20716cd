"""GET /api/report and what lies below it: pages for people, and the same as JSON and CSV."""

from typing import Final

from purge_core.errors import (
    InputError,
    NotFound,
    PolicyError,
    Problem,
    RegistryError,
    SnapshotIncomplete,
    UseUnknown,
)
from purge_core.explaining import Subject
from purge_core.http.exchange import Answer, Request
from purge_core.http.formats import Telling, told, wanted_format, with_next
from purge_core.http.paged import paged
from purge_core.http.queries import Query
from purge_core.http.subjects import asked_subject, named_repository
from purge_core.pages.image import image_page
from purge_core.pages.overview import overview_page
from purge_core.pages.repository import repository_page
from purge_core.pages.run import run_page
from purge_core.records.journal import RunId
from purge_core.records.overviews import RepositoryFilter, Showing
from purge_core.report import csv_text
from purge_core.report.forms import Format
from purge_core.report.overviews import (
    image_report_document,
    overview_document,
    repository_report_document,
    run_report_document,
)
from purge_core.reviewing.images import Asked, image_report
from purge_core.reviewing.reading import MOST_REPOSITORIES
from purge_core.reviewing.registries import MOST_DAYS, USUAL_DAYS, Sight
from purge_core.reviewing.registries import overview as look_at_all
from purge_core.reviewing.repositories import repository_report
from purge_core.reviewing.runs import REPOSITORIES, run_report
from purge_core.service.asking import accepted_registry
from purge_core.service.explaining import explain
from purge_core.service.ports import Service

_OVERVIEW: Final = Telling(overview_document, csv_text.overview_csv, overview_page)
_RUN: Final = Telling(run_report_document, csv_text.run_csv, run_page)
_REPOSITORY: Final = Telling(repository_report_document, csv_text.repository_csv, repository_page)
_IMAGE: Final = Telling(image_report_document, csv_text.image_csv, image_page)
_LONGEST_FIND: Final = 256


@paged
async def overview(service: Service, request: Request) -> Answer:
    """Show the registries at a glance."""
    query = Query.of(request, "registry", "days", "format")
    wanted = wanted_format(query, request)
    days = query.number("days", USUAL_DAYS, 1, MOST_DAYS)
    name, registries = query.text("registry"), service.options.registries
    if name is not None:
        registries = (_registry(service, query, name),)
    query.check()
    sight = Sight(service.clock(), service.options.schedule, days)
    found = await look_at_all(service.store, registries, sight)
    return told(found, _OVERVIEW, wanted, request, "nights")


@paged
async def run(service: Service, request: Request) -> Answer:
    """Show a run and its repositories, or those that are asked for."""
    query = Query.of(request, "find", "show", "first", "format")
    wanted = wanted_format(query, request)
    first = query.number("first", 0, 0, MOST_REPOSITORIES)
    text = query.text("find") or ""
    if len(text) > _LONGEST_FIND:
        query.problems.append(Problem("find", f"{len(text)} characters", "a part of a name"))
    find = RepositoryFilter(text, query.choice("show", Showing) or Showing.ALL)
    query.check()
    many = REPOSITORIES if wanted is Format.HTML else MOST_REPOSITORIES
    asked = RunId(request.path["id"])
    report = await run_report(service.store, asked, find, service.clock(), first, many)
    return told(report, _RUN, wanted, request, f"run-{report.run.id}")


@paged
async def repository(service: Service, request: Request) -> Answer:
    """Show what went, goes and stays in one repository of a run."""
    query = Query.of(request, "continuation", "format")
    wanted = wanted_format(query, request)
    query.check()
    asked = RunId(request.path["id"])
    name = named_repository(request)
    after = query.text("continuation")
    report = await repository_report(service.store, asked, name, service.clock(), after)
    answer = told(report, _REPOSITORY, wanted, request, f"{name}-{report.run.id}")
    return with_next(answer, report.next)


@paged
async def image(service: Service, request: Request) -> Answer:
    """Show why a tag or an image stays or goes, from when it could go, and its history."""
    query = Query.of(request, "registry", "repository", "tag", "digest", "format")
    wanted = wanted_format(query, request)
    registry = _registry(service, query, query.needed("registry", "the name of a registry"))
    subject = asked_subject(query)
    query.check()
    asked = await _ask(service, registry, subject)
    report = await image_report(service.store, registry, subject, asked, service.clock())
    name = f"{subject.repository}-{subject.tag or subject.digest}"
    return told(report, _IMAGE, wanted, request, name)


def _registry(service: Service, query: Query, name: str) -> str:
    """Give the registry that is meant; a problem of the query when it is none of ours."""
    try:
        return accepted_registry(service, name, "registry") if name else ""
    except InputError as error:
        query.problems.extend(error.problems)
        return ""


async def _ask(service: Service, registry: str, subject: Subject) -> Asked:
    """Ask the registry; the journal is told of all the same when it has no answer."""
    try:
        return Asked(await explain(service, registry, subject))
    except NotFound:
        return Asked()
    except (RegistryError, SnapshotIncomplete, PolicyError, UseUnknown, InputError) as error:
        return Asked(trouble=str(error))
